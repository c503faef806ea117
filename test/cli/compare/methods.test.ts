// What marlstrom compare accepts as methods, what it refuses before anything is trained, and the time that it expects.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Calibration, secondsOf, secondsTogether } from '../../../src/cli/compare/expected-time.ts'
import { methodsOf } from '../../../src/cli/compare/methods.ts'

const plan = (algorithms: string[], more: { steps?: number; set?: string[]; scenario?: string } = {}) =>
  methodsOf(more.scenario ?? 'simple_spread', { algorithms, steps: more.steps ?? 1_000_000, set: more.set ?? [] })

describe('methods', () => {
  it('are algorithms, short names and presets, each with settings of its own', async () => {
    const methods = await plan(['maddpg', 'ippo', 'preset:mappo'], {
      set: ['scenario.agents=2', 'preset:mappo:learner.epochs=3'],
    })
    expect(methods.map(({ name, folder }) => [name, folder])).toEqual([
      ['maddpg', 'maddpg'],
      ['ippo', 'ippo'],
      ['preset:mappo', 'preset_mappo'],
    ])
    const settings = methods.map(({ plan }) => plan.config)
    expect(settings.map(({ run }) => [run.steps, run.episodes, run.threads, run.games])).toEqual([
      [1_000_000, null, 1, 1],
      [1_000_000, null, 1, 1],
      [1_000_000, null, 1, 128],
    ])
    expect(settings.map(({ scenario }) => scenario.agents)).toEqual([2, 2, 2])
    const epochs = methods.map(({ plan }) => plan.teamSettings.get('agent')!.epochs)
    expect(epochs[2]).toBe(3)
    expect(epochs[1]).not.toBe(3)
  })

  it.each<[string, string[], object, RegExp]>([
    ['an unknown name', ['maddgp'], {}, /^--algorithms: unknown algorithm 'maddgp'; did you mean 'maddpg'\?/],
    ['an unknown preset', ['preset:mapo'], {}, /^--algorithms: unknown preset 'mapo'; did you mean 'mappo'\?/],
    [
      'a name that is there twice',
      ['ppo', 'a2c', 'ppo'],
      {},
      /^--algorithms: expected each method once, got 'ppo' twice/,
    ],
    [
      'two names for one thing',
      ['maddpg', 'preset:openai'],
      {},
      /^--algorithms: expected methods that differ, got 'maddpg' and 'preset:openai'/,
    ],
    ['a file that is not there', ['./absent.ts'], {}, /^--algorithms: absent: learner.algorithm: there is no file/],
    ['a game that one refuses', ['maddpg', 'iql'], { set: ['scenario.actions=continuous'] }, /^--algorithms: /],
    ['fewer steps than a rollout', ['ppo'], { steps: 30 }, /^--steps: ppo: .*nothing will be learnt. Train at least/],
    ['fewer steps than a first round', ['maddpg'], { steps: 9000 }, /^--steps: maddpg: .*25,600/],
    ['a seed as a setting', ['maddpg'], { set: ['run.seed=3'] }, /^--set: run.seed .*expected --seeds/],
    ['a setting of no method', ['maddpg'], { set: ['ppo:learner.epochs=3'] }, /^--set: expected a method .*got 'ppo'/],
    [
      'a setting that one has not',
      ['ppo'],
      { set: ['learner.batch=8'] },
      /^--algorithms: ppo: learner.batch: ppo has no 'batch'/,
    ],
    ['an unknown scenario', ['ppo'], { scenario: 'simple_sprad' }, /did you mean 'simple_spread'/],
  ])('refuse %s', async (_, algorithms, more, message) => {
    await expect(plan(algorithms, more)).rejects.toThrow(message)
  })
})

describe('the expected time', () => {
  const calibration: Calibration = {
    ...{ learningStep: 0.01, waitingStep: 0.001, waits: 100, evaluation: 2, episodeSteps: 25 },
  }

  it('counts steps before the first update round apart, and evaluations in blocks of 50 episodes', () => {
    expect(secondsOf(calibration, { steps: 1100, done: 0, evaluated: 100 })).toBeCloseTo(0.1 + 10 + 4)
    expect(secondsOf(calibration, { steps: 1100, done: 550, evaluated: 100 })).toBeCloseTo(5.5 + 2)
    expect(secondsOf(calibration, { steps: 1100, done: 1100, evaluated: 100 })).toBe(0)
  })

  it('is less the more is done, and never less than the longest run', () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.nat(2000),
        fc.array(fc.nat(50), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        (a, b, runs, jobs) => {
          const left = (done: number) => secondsOf(calibration, { steps: 2000, done, evaluated: 50 })
          expect(left(Math.max(a, b))).toBeLessThanOrEqual(left(Math.min(a, b)))
          const together = secondsTogether(runs, jobs)
          expect(together).toBeGreaterThanOrEqual(Math.max(...runs))
          expect(together).toBeLessThanOrEqual(runs.reduce((sum, seconds) => sum + seconds, 0))
        },
      ),
    )
  })
})
