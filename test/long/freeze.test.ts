// What viewers ask never holds up a training: games that are too large, hooks that never come back, in the real command.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { start, temporaryFolder } from '../support/command.ts'

vi.setConfig({ testTimeout: 300_000 })
const PATIENCE = { timeout: 90_000, interval: 50 }
const settings = [
  '--episodes',
  '1000000',
  '--watch',
  '0',
  '--set',
  'run.logEvery=10',
  '--set',
  'run.threads=1',
  '--set',
  'learner.updateAfter=1024',
]

const looping = `
import { count, defineScenario } from 'marlstrom'
export const looping = defineScenario({
  id: 'looping', version: 1, description: 'loops where it is told to',
  options: { where: count(0, {}, '1: in world, 2: in reset, 3: in observe, 4: in the third step') },
  world: ({ options }) => {
    while (options.where === 1);
    return { agents: [{ id: 'a_0' }, { id: 'a_1' }], landmarks: [{ id: 'l_0' }], state: { steps: 0 } }
  },
  reset({ world, options, random }) {
    while (options.where === 2);
    world.state.steps = 0
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },
  observe({ agent, see, options }) {
    while (options.where === 3);
    see.vector('position', agent.position)
  },
  beforeRewards({ world, options }) {
    world.state.steps++
    while (options.where === 4 && world.state.steps > 12);
  },
  reward: ({ agent }) => -Math.abs(agent.position.x),
})
`

interface Message {
  readonly type: string
  readonly id?: number
  readonly message?: string
}

async function viewer(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}stream`)
  onTestFinished(() => socket.terminate())
  const answers = new Map<number, Message>()
  let frames = 0
  let welcomed = false
  socket.on('message', (data, isBinary) => {
    if (isBinary) return void frames++
    const message = JSON.parse(String(data)) as Message
    if (message.type === 'welcome') welcomed = true
    if (message.id !== undefined) answers.set(message.id, message)
  })
  await vi.waitUntil(() => welcomed, PATIENCE)
  return {
    ask: (request: object) => socket.send(JSON.stringify(request)),
    answers,
    frames: () => frames,
  }
}

/** A training with a viewer, whose metrics lines can be counted. */
async function watched(scenario: string) {
  const out = join(temporaryFolder(), 'run')
  const running = start('train', scenario, ...settings, '--out', out)
  const url = (await running.sees(/live page: (http:\S+)/))[1]!
  const lines = () => {
    try {
      return readFileSync(join(out, 'metrics.jsonl'), 'utf8').split('\n').length - 1
    } catch {
      return 0
    }
  }
  await vi.waitUntil(() => lines() > 1, PATIENCE)
  return { running, lines, ...(await viewer(url)) }
}

describe('a training', () => {
  it('goes on while viewers ask for games of 12,000, 30,000 and 1,000,000 agents, and ends in good order by SIGINT', async () => {
    const { running, lines, ask, answers, frames } = await watched('simple_adversary')
    for (const [id, agents] of [12_000, 30_000, 1_000_000].entries()) {
      ask({ type: 'options', options: { agents }, id })
      await vi.waitUntil(() => answers.has(id), PATIENCE)
      expect(answers.get(id)).toMatchObject({ type: 'refused', message: expect.stringMatching(/budget/) })
      const [shown, logged] = [frames(), lines()]
      await vi.waitUntil(() => frames() > shown && lines() > logged, PATIENCE)
    }
    running.process.kill('SIGINT')
    expect(await running.finished).toMatchObject({ code: expect.any(Number) })
  })

  it.each([
    [1, 'world'],
    [2, 'reset'],
    [3, 'observe'],
  ])(
    'writes its lines while a hook loops that a viewer chose (%i), names it, and the game plays on',
    async (where, hook) => {
      const file = join(temporaryFolder(), 'looping.ts')
      writeFileSync(file, looping)
      const { lines, ask, answers, frames } = await watched(file)
      const before = lines()
      ask({ type: 'options', options: { where }, id: 1 })
      // The training goes on before there is an answer.
      await vi.waitUntil(() => lines() > before + 2, PATIENCE)
      await vi.waitUntil(() => answers.has(1), PATIENCE)
      expect(answers.get(1)).toMatchObject({
        type: 'refused',
        message: expect.stringMatching(new RegExp(`hook '${hook}' did not come back .* budget for viewers`)),
      })
      const shown = frames()
      await vi.waitUntil(() => frames() > shown + 5, PATIENCE)
      ask({ type: 'options', options: { maxCycles: 7 }, id: 2 })
      await vi.waitUntil(() => answers.has(2), PATIENCE)
      expect(answers.get(2)).toEqual({ type: 'done', id: 2 })
    },
  )

  it('goes on while the game that a viewer chose stands still in the midst of an episode, which begins again as its owner has it', async () => {
    const file = join(temporaryFolder(), 'looping.ts')
    writeFileSync(file, looping)
    const { lines, ask, answers, frames } = await watched(file)
    ask({ type: 'options', options: { where: 4 }, id: 1 })
    await vi.waitUntil(() => answers.get(1)?.type === 'done', PATIENCE)
    const [before, shown] = [lines(), frames()]
    await vi.waitUntil(() => lines() > before + 2, PATIENCE)
    // More than an episode in which it stands still.
    await vi.waitUntil(() => frames() > shown + 40, PATIENCE)
  })
})
