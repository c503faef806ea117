// Recordings end to end: made by watch, also where it is killed; verified, watched, played on, and drawn.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openRecording } from '../../src/recording/recording.ts'
import { marlstrom, type Running, start, temporaryFolder } from '../support/command.ts'

describe('a recording of a scenario file', () => {
  it('that was killed holds the code and what was in its chunks: verified, watched, played on by others, drawn', async () => {
    const folder = temporaryFolder()
    const scenario = join(folder, 'mine.ts')
    writeFileSync(scenario, mine)
    const file = join(folder, 'mine.mcap')
    const watching = start('watch', scenario, '--record', file)
    const url = await page(watching)
    await ask(url, [{ type: 'speed', speed: 16 }], () => statSync(file).size > 20_000)
    // Taken home meanwhile, it is a whole one.
    const copy = join(folder, 'copy.mcap')
    writeFileSync(copy, Buffer.from(await (await fetch(`${url}recording`)).arrayBuffer()))
    const taken = await openRecording(copy)
    expect(taken.whole).toBe(true)
    await taken.close()
    watching.process.kill('SIGKILL')
    await watching.finished
    writeFileSync(scenario, 'gone')
    const [found] = await verified(file)
    expect(found).toMatchObject({ whole: false, difference: null })
    expect(found!.same).toBeGreaterThan(20)

    const playing = start('playback', file)
    const frames = await ask(await page(playing), [{ type: 'seek', number: 7 }], frames => frames.includes(7))
    expect(frames[0]).toBe(0)
    const downloaded = await fetch(`${await page(playing)}recording`)
    expect(Buffer.from(await downloaded.arrayBuffer())).toEqual(readFileSync(file))
    playing.process.kill('SIGINT')
    expect((await playing.finished).code).toBe(0)

    const fork = join(folder, 'fork.mcap')
    const forked = start('playback', file, '--fork', '7', '--policy', 'random', '--record', fork)
    const later = await ask(await page(forked), [{ type: 'speed', speed: 16 }], frames => frames.length > 30)
    expect(later[0]).toBeGreaterThanOrEqual(7)
    forked.process.kill('SIGTERM')
    await forked.finished
    const [again] = await verified(fork)
    expect(again).toMatchObject({ whole: true, unknown: 0, difference: null })

    const svg = join(folder, 'mine.svg')
    expect((await marlstrom('render', file, '--out', svg, '--to', '5')).stderr).toBe('')
    expect(readFileSync(svg, 'utf8')).toContain('<animateTransform')
  })

  it('is refused with a sentence where it cannot be played', async () => {
    const file = join(temporaryFolder(), 'x.mcap')
    writeFileSync(file, 'not at all')
    const { code, stderr } = await marlstrom('playback', file)
    expect([code, stderr]).toEqual([1, `error: ${file}: is no MCAP file: it does not begin like one\n`])
  })
})

interface Verified {
  readonly same: number
  readonly frames: number
}

async function verified(...files: string[]): Promise<Verified[]> {
  const { code, stdout, stderr } = await marlstrom('playback', ...files, '--verify', '--json')
  expect([code, stderr]).toEqual([0, ''])
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

async function page(running: Running): Promise<string> {
  return (await running.sees(/live page: (http:\S+)/))[1]!
}

/** Asks for something, and listens until there is enough: the numbers of the frames that came. */
async function ask(url: string, commands: readonly object[], enough: (frames: number[]) => boolean): Promise<number[]> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}stream`, { origin: url.replace(/\/$/, '') })
  const frames: number[] = []
  return new Promise((done, failed) => {
    socket.on('error', failed)
    socket.on('message', (data: Buffer, binary) => {
      if (binary) frames.push(data.readDoubleLE(8))
      else if (JSON.parse(String(data)).type === 'welcome')
        for (const each of commands) socket.send(JSON.stringify(each))
      if (!enough(frames)) return
      socket.close()
      done(frames)
    })
  })
}

const mine = `
import { defineScenario } from 'marlstrom'
export const mine = defineScenario({
  id: 'mine',
  version: 3,
  description: 'two agents that wander',
  options: {},
  world: () => ({ agents: [{ id: 'agent_0' }, { id: 'agent_1' }], landmarks: [{ id: 'landmark_0' }] }),
  reset({ world, random }) {
    for (const { position } of [...world.agents, ...world.landmarks]) position.set(random.between(-1, 1), random.between(-1, 1))
  },
  observe({ agent, world, see }) {
    see.vector('velocity', agent.velocity)
    see.relative('goal', world.landmarks[0])
  },
  reward: ({ agent }) => -Math.hypot(agent.position.x, agent.position.y),
})
`
