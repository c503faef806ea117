// Hooks that never come back: every command names them and ends, and what was trained before stays.
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { marlstrom, temporaryFolder, tiny } from '../support/command.ts'
import { writeGame } from '../support/game-files.ts'

/** A scenario whose hooks may be given other texts. */
function writeScenario(folder: string, { top = '', world = '', reset = '', reward = '' } = {}): string {
  const file = join(folder, 'stuck.ts')
  writeFileSync(
    file,
    `import { defineScenario, many } from 'marlstrom'
${top}
export const stuck = defineScenario({
  id: 'stuck', version: 1, description: 'a hook of it never comes back',
  options: {},
  world() {
    ${world}
    return { agents: many(2, i => ({ id: \`agent_\${i}\` })), state: { paid: 0 } }
  },
  reset({ world, random }) {
    ${reset}
    for (const { position } of world.agents) position.set(random.between(-1, 1), 0)
  },
  observe: ({ agent, see }) => see.vector('position', agent.position),
  reward({ agent, world }) {
    world.state.paid++
    ${reward}
    return -agent.position.x
  },
})
`,
  )
  return file
}

const limit = ['--set', 'run.hookSeconds=0.5']
const loop = 'for (;;) {}'

it.each<[string, Parameters<typeof writeScenario>[1], RegExp]>([
  ['the top level', { top: loop }, /stuck\.ts:2:\d+: the top level of the file did not come back for 0\.5 seconds/],
  ['world', { world: loop }, /stuck\.ts:7:\d+: world did not come back for 0\.5 seconds.*; step 0, seed 1/],
  ['reset', { reset: loop }, /stuck\.ts:11:\d+: reset did not come back for 0\.5 seconds/],
  ['a pattern', { reset: "/^(a+)+$/.test('a'.repeat(60) + 'b')" }, /stuck\.ts:11:\d+: reset did not come back/],
])('train and check name what loops: %s', async (_, change, sentence) => {
  const folder = temporaryFolder()
  const file = writeScenario(folder, change)
  const trained = await marlstrom('train', file, '--out', join(folder, 'run'), ...limit)
  expect([trained.code, trained.stderr]).toEqual([1, expect.stringMatching(sentence)])
  expect(trained.stderr).not.toContain('debugger')
  expect(existsSync(join(folder, 'run'))).toBe(false)
  const checked = await marlstrom('check', file, ...limit)
  expect([checked.code, checked.stdout]).toEqual([1, expect.stringContaining('did not come back for 0.5 seconds')])
})

it('amid a training the agent and the step are named, the last checkpoint stands, and the run goes on at once', async () => {
  const folder = temporaryFolder()
  const run = join(folder, 'run')
  // 25 steps of two agents in each of 30 episodes, then two more steps.
  const file = writeScenario(folder, { reward: `if (!process.env.FREE && world.state.paid === 1504) ${loop}` })
  const options = ['--set', 'run.checkpointEvery=10', ...tiny, ...limit]
  const stuck = await marlstrom('train', file, '--out', run, '--episodes', '40', ...options)
  expect([stuck.code, stuck.stderr]).toEqual([
    1,
    expect.stringMatching(/stuck\.ts:17:\d+: reward of agent_1 did not come/),
  ])
  expect(stuck.stderr).toContain('step 2, seed 1')
  expect(readdirSync(run)).not.toContain('trainer.pid')
  expect(readdirSync(join(run, 'checkpoints'))).toContain('000000030.safetensors')
  process.env.FREE = '1'
  const resumed = await marlstrom('train', '--resume', run, '--set', 'run.hookSeconds=0')
  delete process.env.FREE
  expect([resumed.code, resumed.stderr]).toEqual([0, ''])
})

it('other commands that play end as well', async () => {
  const folder = temporaryFolder()
  const run = join(folder, 'run')
  const file = writeGame(
    folder,
    'told',
    `const { observe } = game
    game.observe = (agent, row) => { if (process.env.STUCK) ${loop}; observe(agent, row) }`,
  )
  expect((await marlstrom('train', file, '--out', run, '--episodes', '60', ...tiny, ...limit)).code).toBe(0)
  process.env.STUCK = '1'
  for (const command of [
    ['evaluate'],
    ['render', '--out', join(folder, 'a.svg')],
    ['report', '--out', join(folder, 'b.html')],
  ]) {
    const { code, stderr } = await marlstrom(command[0]!, run, ...command.slice(1))
    expect([command[0], code, stderr]).toEqual([
      command[0],
      1,
      expect.stringMatching(/observe of one did not come back/),
    ])
  }
  delete process.env.STUCK
})

it('a hook that throws is told with its line, and the run goes on from its last checkpoint', async () => {
  const folder = temporaryFolder()
  const run = join(folder, 'run')
  const file = writeScenario(folder, { reward: "if (!process.env.FREE && world.state.paid === 1504) null!['x']" })
  const options = ['--set', 'run.checkpointEvery=10', ...tiny]
  const failed = await marlstrom('train', file, '--out', run, '--episodes', '40', ...options)
  expect([failed.code, failed.stderr]).toEqual([
    1,
    expect.stringMatching(
      /stuck\.ts:17:\d+: reward of agent_1 threw TypeError: .*; game 0, episode 31, step 2, seed 1/,
    ),
  ])
  process.env.FREE = '1'
  const resumed = await marlstrom('train', '--resume', run)
  delete process.env.FREE
  expect(resumed.code).toBe(0)
  // 50 games side by side: each plays long enough to come to it.
  const evaluated = await marlstrom('evaluate', run, '--episodes', '2000', '--mode', 'greedy', '--no-baselines')
  expect([evaluated.code, evaluated.stderr]).toEqual([
    1,
    expect.stringMatching(
      /stuck\.ts:17:\d+: reward of agent_1 threw TypeError: .*; evaluation, game \d+, episode [\d,]+, step 2, seed 0/,
    ),
  ])
})
