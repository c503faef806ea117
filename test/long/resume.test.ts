// Exact resume: every algorithm and every way to learn, cut at any step, goes on in a new process on 1, 2 and 4 threads to the same bits.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { afterAll, describe, expect, it } from 'vitest'
import { isDone } from '../../src/experiment/done.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { algorithms, createRun, type Run } from '../../src/run/run.ts'
import { outcomeOf, trainAllApart } from '../support/killable.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig } from '../support/tiny-config.ts'
import { learnsFromReplay } from '../support/tiny-roster.ts'

/** The ring wraps after 130 of 300 environment steps. */
const base: Overrides = layer(tinyConfig, {
  replay: { capacity: 130 },
  run: { checkpointEvery: 1000, tensorboard: false },
})

/** The same without what reinforce has not. */
const { learner: _, ...withoutReplay } = base

const inTurns = { id: 'pig', goal: 20, begins: 'random' }
const past = { algorithm: 'past:player_0', pastEvery: 2, pastKept: 2 }

const ways: Readonly<Record<string, Overrides>> = {
  ...Object.fromEntries(Object.keys(algorithms).map(algorithm => [algorithm, { learner: { algorithm } }])),
  reinforce: { learner: { algorithm: 'reinforce', rolloutEpisodes: 3, baseline: 'value' } },
  a2c: { learner: { algorithm: 'a2c', rolloutSteps: 12 } },
  ppo: { learner: { algorithm: 'ppo', rolloutSteps: 12, minibatches: 3, epochs: 2 } },
  coma: { learner: { algorithm: 'coma', rolloutSteps: 12, criticSteps: 3, teamReward: 'mean' } },
  'coma in slices, a memory': {
    learner: { algorithm: 'coma', rolloutSteps: 60, criticSteps: 2, shareParameters: true, teamReward: 'sum' },
    network: { memory: 4 },
    run: { games: 9, episodes: 300 },
  },
  happo: { learner: { algorithm: 'happo', rolloutSteps: 12, minibatches: 3, epochs: 2, teamReward: 'mean' } },
  'happo in slices, memories': {
    learner: {
      algorithm: 'happo',
      rolloutSteps: 60,
      epochs: 2,
      valueNorm: 'popArt',
      criticMemory: 3,
      chunkSteps: 12,
      teamReward: 'sum',
    },
    network: { memory: 4 },
    run: { games: 9, episodes: 300 },
  },
  hatrpo: { learner: { algorithm: 'hatrpo', rolloutSteps: 12, epochs: 2, conjugateSteps: 4, teamReward: 'mean' } },
  ppg: {
    learner: {
      algorithm: 'ppg',
      rolloutSteps: 12,
      minibatches: 2,
      policyIterations: 3,
      auxiliaryEpochs: 2,
      auxiliaryMinibatches: 1,
    },
  },
  acer: { learner: { algorithm: 'acer', rolloutSteps: 6, replayAfter: 12, replaySteps: 60, replayRatio: 2 } },
  'acer in slices, a memory': {
    learner: { algorithm: 'acer', rolloutSteps: 60, replayAfter: 0, replaySteps: 2000, shareParameters: true },
    network: { memory: 4 },
    run: { games: 9, episodes: 300 },
  },
  offpac: { learner: { algorithm: 'offpac', rolloutSteps: 6, replayAfter: 12, replaySteps: 60, replayRatio: 2 } },
  'dpg by Sarsa, of the latest': { learner: { algorithm: 'dpg', experience: 'latest', sarsa: true, returnSteps: 2 } },
  'dpg with a compatible critic': {
    scenario: { rules: 'mpe2', actions: 'continuous' },
    learner: { algorithm: 'dpg', experience: 'latest', sarsa: true, compatible: true, critic: 'joint' },
  },
  acktr: { learner: { algorithm: 'acktr', rolloutSteps: 12, coldUpdates: 2, decomposeEvery: 2 } },
  'acktr in slices, eigenvectors over several ticks, a memory': {
    learner: { algorithm: 'acktr', rolloutSteps: 60, coldUpdates: 1, decomposeEvery: 1, criticMemory: 3 },
    network: { hidden: [100], memory: 40 },
    run: { games: 9, episodes: 300 },
  },
  'impala, a lag of two, memories': {
    learner: { algorithm: 'impala', rolloutSteps: 12, policyLag: 2, criticMemory: 3, chunkSteps: 6 },
    network: { memory: 4 },
  },
  'impala in turns': {
    scenario: inTurns,
    learner: { algorithm: 'impala', policyLag: 2 },
    team: { player_1: 'same:player_0' },
  },
  'a3c by three workers in slices, memories': {
    learner: {
      algorithm: 'a3c',
      rolloutSteps: 120,
      workers: 3,
      policyLag: 4,
      sharedStatistics: false,
      criticMemory: 3,
    },
    network: { memory: 4 },
    run: { games: 9, episodes: 600 },
  },
  svpg: { learner: { algorithm: 'svpg', rolloutSteps: 12, subPolicies: 3 } },
  'svpg on reinforce, shared parameters, a memory': {
    learner: { algorithm: 'svpg', base: 'reinforce', rolloutEpisodes: 4, subPolicies: 2 },
    network: { memory: 4 },
  },
  'ppg in slices, memories': {
    learner: {
      algorithm: 'ppg',
      rolloutSteps: 60,
      valueEpochs: 2,
      policyIterations: 2,
      auxiliaryEpochs: 1,
      auxiliaryMinibatches: 1,
      criticMemory: 3,
      chunkSteps: 12,
    },
    network: { memory: 4 },
    run: { games: 9, episodes: 300 },
  },
  'ppo in slices, adaptive penalty, a memory': {
    learner: { algorithm: 'ppo', rolloutSteps: 60, epochs: 2, objective: 'adaptiveKl', valueNorm: 'popArt' },
    network: { memory: 4 },
    run: { games: 9, episodes: 300 },
  },
  trpo: { learner: { algorithm: 'trpo', rolloutSteps: 12, epochs: 2, conjugateSteps: 4, searchGain: 0.9 } },
  'trpo in slices, a memory': {
    learner: { algorithm: 'trpo', rolloutSteps: 60, epochs: 1, conjugateSteps: 3, fisherEvery: 2, critic: 'local' },
    network: { memory: 4 },
    run: { games: 9, episodes: 300 },
  },
  'reinforce, shared parameters and a memory': {
    learner: { algorithm: 'reinforce', shareParameters: true, rolloutEpisodes: 3 },
    network: { memory: 4 },
  },
  'iql, recurrent actors, soft targets': {
    learner: { algorithm: 'iql', targetEvery: null },
    network: { memory: 4, memorySteps: 3 },
  },
  'vdn, shared parameters and a memory': {
    learner: { algorithm: 'vdn', shareParameters: true, returnSteps: 3 },
    network: { memory: 4, memorySteps: 3 },
  },
  'qmix, prioritised, mixed by all observations': {
    learner: { algorithm: 'qmix', shareParameters: true, priority: 0.6, mixerInput: 'joint', targetEvery: 3 },
    run: { games: 3 },
  },
  'facmac, shared parameters and a memory': {
    learner: { algorithm: 'facmac', shareParameters: true, returnSteps: 3, priority: 0.6 },
    network: { memory: 4, memorySteps: 3 },
  },
  'facmac, an unrestricted mixer': {
    learner: { algorithm: 'facmac', mixer: 'unrestricted', mixerInput: 'joint' },
    run: { games: 3 },
  },
  'maddpg, sub-policies': { learner: { subPolicies: 2 } },
  'maddpg, inferred policies': { learner: { inferPolicies: true } },
  'maddpg, n-step': { learner: { returnSteps: 3 } },
  'maddpg, prioritised replay': { learner: { priority: 0.6, importance: { from: 0.4, to: 1, steps: 300 } } },
  'maddpg, prioritised, one batch for a round': { learner: { priority: 0.6, draws: 'round' } },
  'maddpg, sub-policies by TD error': { learner: { subPolicies: 2, priority: 1 } },
  'maddpg, recurrent actors': { network: { memory: 4, memorySteps: 3 } },
  'maddpg, shared parameters': { learner: { shareParameters: true } },
  'maddpg, normalised rewards': { learner: { normaliseRewards: true } },
  'maddpg, three games side by side': { run: { games: 3 } },
  'maddpg, preset modern': { run: { preset: 'modern' } },
  'maddpg in turns, one policy for both': { scenario: inTurns, team: { player_1: 'same:player_0' } },
  'masac in turns, against past copies': {
    scenario: inTurns,
    learner: { algorithm: 'masac' },
    team: { player_1: past },
  },
  'reinforce in turns, one policy for both': {
    scenario: inTurns,
    learner: { algorithm: 'reinforce', rolloutEpisodes: 3, baseline: 'value' },
    team: { player_1: 'same:player_0' },
  },
}

const isOverReplay = ({ learner }: Overrides) =>
  learnsFromReplay(algorithms[(learner?.algorithm ?? 'maddpg') as string]!)

/** Where runs are cut; each takes a run on its way and stops it there. */
const cuts: Readonly<Record<string, (go: (count: number) => Promise<void>, run: Run) => Promise<void>>> = {
  'before the first update, within an episode': go => go(15),
  'within an update round': async (go, run) => {
    while (!(run.rounds.finished >= 1 && run.rounds.due)) await go(1)
    await go(1)
  },
  'between two rounds, within an episode': async (go, run) => {
    while (run.rounds.finished < 3) await go(1)
    await go(3)
  },
  'after the ring has wrapped': async (go, run) => {
    while (run.vectorGame.steps * run.config.run.games < 200) await go(1)
  },
}

/** Of ways with phases also there. */
const withinAuxiliaryPhase: (typeof cuts)[string] = async (go, run) => {
  const isThere = () => Object.keys(run.rounds.figures()).some(name => name.startsWith('auxiliaryLoss'))
  while (!(isThere() && run.rounds.due)) await go(1)
}
/** Of ways with passes also there. */
const withinConjugateGradients: (typeof cuts)[string] = async (go, run) => {
  while (!(run.rounds.finished >= 1 && run.rounds.due)) await go(1)
  await go(5)
}
const cutsOf = ({ learner }: Overrides) => {
  if (learner?.algorithm === 'ppg') return { ...cuts, 'within an auxiliary phase': withinAuxiliaryPhase }
  if (learner?.algorithm === 'trpo' || learner?.algorithm === 'hatrpo') {
    return { ...cuts, 'within conjugate gradients': withinConjugateGradients }
  }
  return cuts
}

const threads = [1, 2, 4]
const folder = mkdtempSync(join(tmpdir(), 'marlstrom-resume-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a run that is cut and goes on in a new process', () => {
  it('has the bits of one that was not, for every algorithm, at any step, on any number of threads', async () => {
    const jobs: { way: string; cut: string; threads: number; path: string; config: Overrides }[] = []
    const whole = new Map<string, string>()
    for (const [way, overrides] of Object.entries(ways)) {
      const config = layer(isOverReplay(overrides) ? base : withoutReplay, overrides)
      const path = join(folder, way)
      const run = await createRun(layer(config, { run: { threads: 1 } }))
      await lastValueFrom(train(run).pipe(record(run, createRunFolder(path, {}))))
      run.dispose()
      whole.set(way, outcomeOf(path).checkpoint)
      for (const [cut, stopAt] of Object.entries(cutsOf(overrides))) {
        for (const count of threads) {
          const at = join(folder, `${way}, ${cut}, ${count}`)
          jobs.push({ way, cut, threads: count, path: at, config: layer(config, { run: { threads: count } }) })
          const cutRun = await createRun(layer(config, { run: { threads: 1 } }))
          const kept = createRunFolder(at, {})
          const go = async (n: number) => {
            if (isDone(cutRun)) throw new Error(`${way}: is over before it could be cut ${cut}`)
            await lastValueFrom(train(cutRun, { clock$: ticks(n) }), { defaultValue: null })
          }
          await stopAt(go, cutRun)
          kept.writeCheckpoint(cutRun.tracker.finished, cutRun.save())
          cutRun.dispose()
        }
      }
    }
    for (const count of threads) {
      const mine = jobs.filter(job => job.threads === count)
      expect(await trainAllApart(mine)).toEqual({ code: 0, stderr: '' })
    }
    const rows = [...whole].map(([way, hash]) => {
      const cells = threads.map(count => {
        const mine = jobs.filter(job => job.way === way && job.threads === count)
        const same = mine.filter(({ path }) => outcomeOf(path).checkpoint === hash)
        return `${same.length} of ${mine.length}`
      })
      return [way, hash.slice(0, 12), ...cells]
    })
    console.log(
      ['way to learn', 'SHA-256 of the last checkpoint', ...threads.map(count => `${count} threads`)].join(' | '),
    )
    for (const row of rows) console.log(row.join(' | '))
    const all = (way: string) => {
      const { length } = Object.keys(cutsOf(ways[way]!))
      return `${length} of ${length}`
    }
    const expected = Object.keys(ways).map(way => [way, ...threads.map(() => all(way))])
    expect(rows.map(([way, , ...cells]) => [way, ...cells])).toEqual(expected)
  })
})
