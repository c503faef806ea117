// Trainings whose games are played in worker threads: the same checkpoints for any number of threads, resumed with another number too.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { afterAll, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { createRun, type Run } from '../../src/run/run.ts'
import { marlstrom, start, temporaryFolder } from '../support/command.ts'
import { ticks } from '../support/ticks.ts'

const randomGame = join(import.meta.dirname, '../fixtures/random-game.ts')
const rollouts = { algorithm: 'reinforce', rolloutEpisodes: 2000 }

/** Wide enough that a step takes as long as spreading wants it to on any machine. */
const base: Overrides = {
  network: { hidden: [8] },
  run: { seed: 3, episodes: 100_000, games: 500, checkpointEvery: 1e6 },
}

const ways: Readonly<Record<string, Overrides>> = {
  'simple_spread, over a replay': {
    scenario: { id: 'simple_spread' },
    learner: { algorithm: 'maddpg', batch: 64, updateEvery: 50_000, updateAfter: 1000 },
    replay: { capacity: 50_000 },
  },
  'simple_world_comm, over rollouts': {
    scenario: { id: 'simple_world_comm', maxCycles: 10 },
    learner: rollouts,
    run: { games: 200 },
  },
  'a grid game': { scenario: { id: 'foraging' }, learner: rollouts },
  'a file with masks, absences and states': { scenario: { id: randomGame, maxCycles: 12 }, learner: rollouts },
}

const runs: Run[] = []
afterAll(() => {
  for (const run of runs) run.dispose()
})

async function runWith(settings: Overrides, threads: number): Promise<Run> {
  const run = await createRun(layer(layer(base, settings), { run: { threads } }))
  runs.push(run)
  return run
}

/** Of the checkpoint that a run would write now. */
function hashOf(run: Run): string {
  return createHash('sha256')
    .update(readFileSync(checkpointOf(run)))
    .digest('hex')
}

function checkpointOf(run: Run): string {
  const file = join(temporaryFolder(), 'checkpoint')
  writeCheckpoint(file, run.save())
  return file
}

async function go(run: Run, count: number): Promise<void> {
  await lastValueFrom(train(run, { clock$: ticks(count) }), { defaultValue: null })
}

it.each(Object.entries(ways))('%s', async (_, settings) => {
  const [one, two, three] = await Promise.all([1, 2, 3].map(threads => runWith(settings, threads)))
  for (const run of [one!, two!, three!]) await go(run, 70)
  expect([one, two, three].map(run => run!.vectorGame.threads)).toEqual([1, 2, 3])
  const hash = hashOf(one!)
  expect([hashOf(two!), hashOf(three!)]).toEqual([hash, hash])
  const resumed = await runWith(settings, 2)
  resumed.restore(readCheckpoint(checkpointOf(three!)))
  // Also in threads that play already.
  three!.restore(readCheckpoint(checkpointOf(one!)))
  for (const run of [one!, resumed, three!]) await go(run, 70)
  expect([resumed, three].map(run => run!.vectorGame.threads)).toEqual([2, 3])
  const end = hashOf(one!)
  expect(end).not.toBe(hash)
  expect([hashOf(resumed), hashOf(three!)]).toEqual([end, end])
})

/** Its hooks wait a little, so that it is worth it; `what` happens where `when` holds of a game. */
function writeScenario(folder: string, what: string): string {
  const file = join(folder, 'slow.ts')
  writeFileSync(
    file,
    `import { isMainThread } from 'node:worker_threads'
import { defineScenario, many } from 'marlstrom'
export const slow = defineScenario({
  id: 'slow', version: 1, description: 'takes its time',
  options: {},
  world: () => ({ agents: many(2, i => ({ id: \`agent_\${i}\` })), state: { steps: 0 } }),
  reset({ world, random }) {
    world.state.steps = 0
    for (const { position } of world.agents) position.set(random.between(-1, 1), 0)
  },
  observe: ({ agent, see }) => see.vector('position', agent.position),
  reward({ agent, world }) {
    world.state.steps += 1
    for (const until = performance.now() + 0.1; performance.now() < until; );
    ${what}
    return -agent.position.x
  },
})
`,
  )
  return file
}

const settings = ['--games', '20', '--threads', '3', '--set', 'run.hookSeconds=1']

it('the command tells errors of threads with place, game, episode and step, as on one thread, and ends with 1', async () => {
  const folder = temporaryFolder()
  const file = writeScenario(folder, `if (agent.position.x > 0.9 && world.state.steps > 40) throw new Error('too far')`)
  const told = []
  for (const [threads, out] of [
    ['1', 'one'],
    ['3', 'three'],
  ] as const) {
    const all = [...settings, '--threads', threads, '--set', 'scenario.maxCycles=200']
    const { code, stderr } = await marlstrom('train', file, '--out', join(folder, out), ...all)
    told.push({ code, error: stderr.split('\n').find(line => line.startsWith('error:')) })
  }
  expect(told[0]!.error).toMatch(
    /slow\.ts:15:\d+: reward of agent_\d threw Error: too far; game \d+, episode 1, step \d+, seed 1/,
  )
  expect(told[1]).toEqual(told[0])
  expect(told[1]!.code).toBe(1)
})

it('the command names a hook that does not come back in a thread, and ends with 1', async () => {
  const folder = temporaryFolder()
  const file = writeScenario(folder, 'if (!isMainThread && world.state.steps > 180) for (;;);')
  const { code, stderr } = await marlstrom(
    'train',
    file,
    '--out',
    join(folder, 'run'),
    ...settings,
    '--set',
    'scenario.maxCycles=200',
  )
  expect(stderr).toMatch(
    /slow\.ts:12:3: reward of agent_\d did not come back for 1 seconds: .*; step 91, seed 1; run\.hookSeconds allows more/,
  )
  expect(code).toBe(1)
})

it('what games print in threads is printed, and Ctrl-C ends all of it with a checkpoint', async () => {
  const folder = temporaryFolder()
  const file = writeScenario(folder, `if (!isMainThread && world.state.steps === 300) console.log('from a thread')`)
  const out = join(folder, 'run')
  const running = start('train', file, '--out', out, ...settings, '--set', 'scenario.maxCycles=200')
  await running.sees(/from a thread/)
  running.process.kill('SIGINT')
  const { code, stdout } = await running.finished
  expect(stdout).toMatch(/checkpoint at episode 0: (.|\n)*Stopped\. 0 episodes/)
  expect(code).toBe(0)
})
