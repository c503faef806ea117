// Runs whose games are played by actors: the bits of a run without them where they must be, the same whoever plays, and resumed from anywhere.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { isDone } from '../../src/experiment/done.ts'
import { train } from '../../src/experiment/trainer.ts'
import { describeActors } from '../../src/run/actors/run-actors.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { trainingPolicies } from '../../src/run/policies.ts'
import { createRun, type Run } from '../../src/run/run.ts'
import { observed } from '../support/observed.ts'
import { returnsHash } from '../support/returns-hash.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRun } from '../support/tiny-config.ts'

const { learner: _, ...withoutLearner } = tinyConfig
const base = layer(withoutLearner, { run: { games: 4, episodes: 24 } })
const learners = {
  maddpg: { algorithm: 'maddpg', batch: 16, updateEvery: 20, updateAfter: 60 },
  ppo: { algorithm: 'ppo', rolloutSteps: 12, epochs: 2 },
} as const

/** The training with other settings of its run. */
const training = (learner: keyof typeof learners, run: Overrides['run'] = {}, scenario = 'simple_spread') =>
  layer(base, { learner: learners[learner], run: { threads: 1, ...run }, scenario: { id: scenario } })

function go(run: Run, count: number): void {
  expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
}

function checkpointOf(run: Run): string {
  const file = join(tempFolder(), 'checkpoint')
  writeCheckpoint(file, run.save())
  return file
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const hashOf = (run: Run) => sha256(readFileSync(checkpointOf(run)))

describe('one actor that waits for the learners', () => {
  it('learns what a run without actors learns, from rollouts that are its trajectories', async () => {
    const alone = { actors: 1, lag: 0 }
    expect(await returnsHash(training('ppo', alone))).toBe(await returnsHash(training('ppo')))
  })

  it('does so over a replay buffer where every step may be followed by an update', async () => {
    const alone = { actors: 1, lag: 0, trajectorySteps: 1 }
    expect(await returnsHash(training('maddpg', alone))).toBe(await returnsHash(training('maddpg')))
    const later = { actors: 1, lag: 1, trajectorySteps: 1 }
    expect(await returnsHash(training('maddpg', later))).not.toBe(await returnsHash(training('maddpg')))
  })
})

describe.each(['maddpg', 'ppo'] as const)('four actors for %s', learner => {
  it('go on to the bit wherever a run is resumed', async () => {
    const settings = training(learner, { actors: 4, trajectorySteps: 6, episodes: 28 }, 'simple_tag')
    const whole = await tinyRun({}, settings)
    const saved: string[] = []
    while (!isDone(whole)) {
      saved.push(checkpointOf(whole))
      go(whole, 53)
    }
    const end = hashOf(whole)
    const resumed = await tinyRun({}, settings)
    expect(saved.length).toBeGreaterThan(4)
    for (const file of saved.filter((_, i) => i % 2 === 1)) {
      resumed.restore(readCheckpoint(file))
      expect(hashOf(resumed)).toBe(sha256(readFileSync(file)))
      // What was played since the last key trajectory is played again, which takes ticks of its own.
      while (!isDone(resumed)) go(resumed, 100)
      expect(hashOf(resumed)).toBe(end)
    }
  })
})

it('gives the same bits where two threads play as where that of the learners does', async () => {
  const four = (actorThreads: number) => returnsHash(training('ppo', { actors: 4, actorThreads, lag: 2, episodes: 20 }))
  expect(await four(2)).toBe(await four(0))
})

it('says by how many versions the weights that play lag behind', async () => {
  const run = await tinyRun({}, training('ppo', { actors: 2, lag: 2, episodes: 1000, logEvery: 16 }))
  const { values, errors } = observed(train(run, { clock$: ticks(600) }))
  expect(errors).toEqual([])
  const lines = values.flatMap(event => (event.type === 'metrics' ? [event.line] : []))
  expect(lines.length).toBeGreaterThan(3)
  expect(lines[0]).toMatchObject({ actors: 2, 'lag/max': 2 })
  expect(lines[0]!['lag/mean']).toBeLessThan(2)
  expect(lines.at(-2)).toMatchObject({ 'lag/mean': 2, 'lag/max': 2 })
})

describe('settings that actors cannot play', () => {
  it.each([
    [{ games: 4, actors: 3 }, /^run\.actors: expected a divisor of run\.games 4, got 3: .*--games 6 would do$/],
    [{ actors: 0 }, /^run\.actors: expected a whole number from 1 to 4096 or null, got 0/],
    [{ actors: 2, lag: -1 }, /^run\.lag: expected a whole number/],
    [
      { actors: 2, trajectorySteps: 0 },
      /^run\.trajectorySteps: expected a whole number from 1 to 100000 or null, got 0/,
    ],
    [{ actors: 2, actorOrder: 'random' }, /^run\.actorOrder: expected one of fixed, arrival/],
  ])('%j', async (run, message) => {
    await expect(createRun(training('ppo', run))).rejects.toThrow(message)
  })

  it('beside workers that divide the games themselves', async () => {
    const run = { games: 4, threads: 1, actors: 2 }
    const settings = layer(base, { learner: { algorithm: 'a3c' }, run, scenario: { id: 'simple_spread' } })
    await expect(createRun(settings)).rejects.toThrow(
      /^run\.actors: expected null with an algorithm whose own workers divide the games \(learner\.workers\), got 2/,
    )
  })

  it('teams of earlier copies, which are of more than one version', async () => {
    const settings = layer(training('ppo', { actors: 2 }), {
      scenario: { id: 'tic_tac_toe' },
      team: { player_1: 'past:player_0' },
    })
    const { maxCycles: __, ...scenario } = settings.scenario!
    await expect(createRun({ ...settings, scenario })).rejects.toThrow(/^run\.actors: .*team\.player_1/)
  })
})

it('refuses over Redis, before anything is begun, what nobody could play elsewhere', async () => {
  const remote = { url: 'redis://127.0.0.1:1', prefix: 'marlstrom', key: '', note: () => {} }
  const actors = { actors: 2 }
  for (const [run, message] of [
    [{}, /^run\.actors: expected a number.*got null/],
    [{ ...actors, backend: 'tfjs' }, /^run\.backend: expected simd/],
    [{ ...actors, kernels: 'relaxed' }, /^run\.kernels: expected standard or blas/],
  ] as const) {
    await expect(createRun({ ...training('ppo', run), remote })).rejects.toThrow(message)
  }
})

it('tells of weights that nobody can foresee: not reproducible', async () => {
  const arrival = { actors: 2, actorOrder: 'arrival', lag: 2, episodes: 1000, logEvery: 16 }
  const run = await tinyRun({}, training('ppo', arrival))
  const lines = observed(train(run, { clock$: ticks(400) })).values.flatMap(event =>
    event.type === 'metrics' ? [event.line] : [],
  )
  expect(lines[0]).toMatchObject({ reproducible: 0 })
  // Where the learners' thread plays, nobody is ahead.
  expect(lines[0]!['lag/max']).toBeLessThanOrEqual(2)
  expect(describeActors(run)).toMatch(/2 actors: 2 games each, .* the newest weights: not reproducible$/)
})

it('has the games of actors side by side, in the order of the actors, with streams of their own', async () => {
  const plain = await tinyRun({}, training('ppo'))
  const run = await tinyRun({}, training('ppo', { actors: 4 }))
  while (!run.actors!.prepare()) {
    run.actors!.work!()
    run.actors!.look(0)
  }
  const first = run.vectorGame.advance()
  const observations = plain.vectorGame.next.observations.map(({ data }) => [...data])
  expect(first.observations.map(({ data }) => [...data])).toEqual(observations)
  const streams = [0, 1, 2].map(actor =>
    trainingPolicies(
      run,
      () => [],
      () => 0,
      actor,
    ).map(policy => JSON.stringify(policy.save())),
  )
  expect(new Set(streams.flat()).size).toBe(9)
})

it('gives every actor a game where nobody says how many there are', async () => {
  const { run: __, ...settings } = training('ppo')
  const run = await tinyRun({ run: { actors: 3, threads: 1 } }, settings)
  expect([run.config.run.games, run.vectorGame.games.length]).toEqual([3, 3])
})
