// Noise added to boxes: its size, its memory, its bounds, when it is added, and that it goes on where it was saved.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import { boxesOf, createExploration, createUniformExploration, type Exploration } from '../../src/agents/exploration.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { trainedPolicies } from '../../src/run/run.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { expectSameBits } from '../support/matrices.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

const box = (size: number, low: number, high: number) => ({ name: 'move', kind: 'box', size, low, high }) as const
const say = { name: 'say', kind: 'choice', size: 3, soft: true } as const
const kinds = ['gaussian', 'ornsteinUhlenbeck'] as const
const none = (games: number) => new Uint8Array(games)

/** What it adds to actions of zero in so many games, step after step: [steps][games * columns]. */
function added(exploration: Exploration, games: number, columns: number, steps: number): Float32Array[] {
  return Array.from({ length: steps }, () => {
    const actions: Matrix = { rows: games, columns, data: new Float32Array(games * columns) }
    exploration.addNoise(actions, none(games))
    return actions.data
  })
}

const moment = (numbers: ArrayLike<number>, power: number) =>
  Array.from(numbers).reduce((sum, n) => sum + n ** power, 0) / numbers.length

describe('exploration', () => {
  // Wide bounds, so that nothing is clipped: half the width is 100.
  const wide = [box(2, -100, 100)]

  it('by Gaussian noise adds normal numbers of the given deviation, each its own', () => {
    const exploration = createExploration(wide, { kind: 'gaussian', scale: () => 0.1 }, createNoise(1))
    const steps = added(exploration, 1000, 2, 20)
    const all = steps.flatMap(step => [...step])
    expect(Math.abs(moment(all, 1))).toBeLessThan((5 * 10) / Math.sqrt(all.length))
    expect(Math.sqrt(moment(all, 2))).toBeCloseTo(10, 0)
    expect(moment(all, 4) / moment(all, 2) ** 2).toBeCloseTo(3, 0)
    const correlation = (a: Float32Array, b: Float32Array) =>
      moment(
        a.map((x, i) => x * b[i]!),
        1,
      ) / 100
    expect(Math.abs(correlation(steps[0]!, steps[1]!))).toBeLessThan(5 / Math.sqrt(2000))
    expect(
      Math.abs(
        moment(
          Array.from({ length: 1000 }, (_, g) => steps[0]![2 * g]! * steps[0]![2 * g + 1]!),
          1,
        ) / 100,
      ),
    ).toBeLessThan(5 / Math.sqrt(1000))
  })

  it('by an Ornstein-Uhlenbeck process keeps 0.85 of the step before', () => {
    const noise = () => createNoise(1)
    const exploration = createExploration(wide, { kind: 'ornsteinUhlenbeck', scale: () => 0.01 }, noise())
    const white = createExploration(wide, { kind: 'gaussian', scale: () => 0.01 }, noise())
    const steps = added(exploration, 3, 2, 6)
    const fresh = added(white, 3, 2, 6)
    for (let t = 0; t < 6; t++) {
      for (let i = 0; i < 6; i++) {
        const expected = (t === 0 ? 0 : 0.85 * steps[t - 1]![i]!) + fresh[t]![i]!
        expect(steps[t]![i]).toBeCloseTo(expected, 5)
      }
    }
  })

  it('by an Ornstein-Uhlenbeck process comes to the deviation scale / sqrt(1 - 0.85^2)', () => {
    const exploration = createExploration(wide, { kind: 'ornsteinUhlenbeck', scale: () => 0.01 }, createNoise(2))
    const last = added(exploration, 10_000, 2, 40)[39]!
    expect(Math.abs(Math.sqrt(moment(last, 2)) / (1 / Math.sqrt(1 - 0.85 ** 2)) - 1)).toBeLessThan(0.02)
  })

  it('begins anew in the games that began anew, and in no other', () => {
    const two = () => createExploration(wide, { kind: 'ornsteinUhlenbeck', scale: () => 0.05 }, createNoise(3))
    const [whole, cut] = [two(), two()]
    added(whole, 2, 2, 5)
    added(cut, 2, 2, 5)
    const act = (exploration: Exploration, restarted: Uint8Array) => {
      const actions = { rows: 2, columns: 2, data: new Float32Array(4) }
      exploration.addNoise(actions, restarted)
      return actions.data
    }
    const fresh = createExploration(wide, { kind: 'gaussian', scale: () => 0.05 }, createNoise(3))
    const white = added(fresh, 2, 2, 6)[5]!
    const ongoing = act(whole, none(2))
    const mixed = act(cut, Uint8Array.of(1, 0))
    expectSameBits(mixed.subarray(0, 2), white.subarray(0, 2))
    expectSameBits(mixed.subarray(2), ongoing.subarray(2))
    expect(ongoing.subarray(0, 2)).not.toEqual(white.subarray(0, 2))
  })

  it.each(kinds)('(%s) stays within the bounds and leaves choices alone', kind => {
    const space: ActionSpace = [say, box(2, -1, 3), { ...say, name: 'look' }]
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 10, noNaN: true }), (seed, scale) => {
        const exploration = createExploration(space, { kind, scale: () => scale }, createNoise(seed))
        const random = createRandom(seed)
        for (let step = 0; step < 3; step++) {
          const before = Float32Array.from({ length: 4 * 8 }, () => random.between(-1, 3))
          const actions = { rows: 4, columns: 8, data: before.slice() }
          exploration.addNoise(actions, none(4))
          actions.data.forEach((a, i) => {
            const inBox = i % 8 === 3 || i % 8 === 4
            if (inBox) expect(a >= -1 && a <= 3).toBe(true)
            else expect(a).toBe(before[i])
          })
        }
      }),
      { numRuns: 50 },
    )
  })

  it.each(kinds)('(%s) follows its scale as it changes, and goes on where it was saved', kind => {
    let scale = 0.1
    const create = () => createExploration(wide, { kind, scale: () => scale }, createNoise(4))
    const exploration = create()
    added(exploration, 3, 2, 4)
    const restored = create()
    restored.restore(structuredClone(exploration.save()))
    const last = added(exploration, 3, 2, 3)
    expect(added(restored, 3, 2, 3)).toEqual(last)
    scale = 0
    const kept = kind === 'gaussian' ? 0 : 0.85
    added(exploration, 3, 2, 1)[0]!.forEach((x, i) => void expect(x).toBeCloseTo(kept * last[2]![i]!, 4))
  })

  it('makes boxes deterministic unless the policy explores by itself', () => {
    expect(['policy', ...kinds].map(kind => boxesOf(kind as 'policy'))).toEqual([
      'sampled',
      'deterministic',
      'deterministic',
    ])
  })

  it('is added where a policy explores, never to its best guess', () => {
    const still = () => ({ rows: 2, columns: 2, data: Float32Array.of(0.5, -0.5, 1, -1) })
    const actor = { carries: [], networks: [], sample: still, greedy: still } as never
    const exploration = createExploration([box(2, -2, 2)], { kind: 'gaussian', scale: () => 0.1 }, createNoise(5))
    const policy = createActorPolicy(actor, createNoise(6), createRandom(6), exploration)
    const act = (explore: boolean) => {
      const actions = { rows: 2, columns: 2, data: new Float32Array(4) }
      policy.act({ observations: still(), restarted: none(2), explore, actions, extras: [] })
      return actions.data
    }
    expectSameBits(act(false), still().data)
    expect(act(true).every((a, i) => a !== still().data[i])).toBe(true)
  })
})

describe('a run that explores with added noise', () => {
  const settings = (exploration: string) => ({
    scenario: { id: 'simple_reference', rules: 'mpe2', actions: 'continuous', maxCycles: 6 },
    learner: { exploration, explorationScale: { from: 0.5, to: 0.05, steps: 200 } },
    run: { games: 2 },
  })

  it.each(kinds)('(%s) goes on with the same bits where it was saved', async kind => {
    const advance = (run: Awaited<ReturnType<typeof tinyRun>>, count: number) =>
      expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
    const whole = await tinyRun(settings(kind))
    advance(whole, 65)
    const resumed = await tinyRun(settings(kind))
    resumed.restore(structuredClone(whole.save()))
    advance(whole, 40)
    advance(resumed, 40)
    expect(whole.rounds.finished).toBeGreaterThan(3)
    expect(resumed.save()).toEqual(whole.save())
  })

  it('explores while it trains; its actors by themselves act without chance', async () => {
    const run = await tinyRun(settings('ornsteinUhlenbeck'))
    const observations = run.vectorGame.next.observations[0]!
    const columns = run.roster[0]!.actor.greedy(observations).columns
    const act = (policy = run.policies[0]!) => {
      const actions = { rows: 2, columns, data: new Float32Array(2 * columns) }
      policy.act({ observations, restarted: none(2), explore: true, actions, extras: [] })
      return actions.data
    }
    expect(act()).not.toEqual(act())
    const [alone] = trainedPolicies(run, 'evaluation/0', run.vectorGame.games)
    expectSameBits(act(alone), run.roster[0]!.actor.greedy(observations).data)
    // No log deviations: one output for each number.
    expect(run.roster[0]!.actor.networks[0]!.spec.layers.at(-1)!.size).toBe(columns)
  })
})

describe('choices drawn uniformly', () => {
  const space: ActionSpace = [{ name: 'move', kind: 'choice', size: 4, soft: true }, box(1, -1, 1), say]
  const games = 4000
  /** The first of each choice, and 0.3. */
  const greedy = (rows: number): Matrix => ({
    rows,
    columns: 8,
    data: Float32Array.from({ length: 8 * rows }, (_, i) => (i % 8 === 4 ? 0.3 : i % 8 === 0 || i % 8 === 5 ? 1 : 0)),
  })
  const countsOf = ({ data }: Matrix, from: number, size: number) =>
    Array.from({ length: size }, (_, c) => data.filter((x, i) => i % 8 === from + c && x === 1).length)

  it('come as often as the rate says, each for itself, all alternatives alike, and boxes stay', () => {
    const actions = greedy(games)
    createUniformExploration(space, () => 0.4, createNoise(1)).addNoise(actions, none(games))
    for (const [from, size] of [
      [0, 4],
      [5, 3],
    ] as const) {
      const counts = countsOf(actions, from, size)
      expect(counts.reduce((a, b) => a + b)).toBe(games)
      const each = (0.4 * games) / size
      counts.slice(1).forEach(count => void expect(Math.abs(count - each)).toBeLessThan(5 * Math.sqrt(each)))
    }
    const both = Array.from({ length: games }, (_, g) => actions.data[8 * g] === 0 && actions.data[8 * g + 5] === 0)
    const expected = 0.4 * 0.75 * 0.4 * (2 / 3) * games
    expect(Math.abs(both.filter(Boolean).length - expected)).toBeLessThan(5 * Math.sqrt(expected))
    expect(actions.data.filter((_, i) => i % 8 === 4).every(x => x === Math.fround(0.3))).toBe(true)
  })

  it('are among what is allowed, and not of who is absent', () => {
    const actions = greedy(games)
    const mask: Matrix = {
      rows: games,
      columns: 8,
      data: Float32Array.from({ length: 8 * games }, (_, i) => (i % 8 < 2 || i % 8 === 7 ? 0 : 1)),
    }
    const present = Uint8Array.from({ length: games }, (_, g) => g % 2)
    createUniformExploration(space, () => 1, createNoise(1)).addNoise(actions, none(games), present, mask)
    const [first, second, third, fourth] = countsOf(actions, 0, 4)
    expect([first, second]).toEqual([games / 2, 0])
    expect(third! + fourth!).toBe(games / 2)
    expect(Math.abs(third! - games / 4)).toBeLessThan(5 * Math.sqrt(games / 4))
    expect(countsOf(actions, 5, 3)[2]).toBe(0)
  })

  it('are none at a rate of 0, and the same ones again where it goes on from what was saved', () => {
    const still = greedy(games)
    createUniformExploration(space, () => 0, createNoise(1)).addNoise(still, none(games))
    expectSameBits(still.data, greedy(games).data)
    const [one, other] = [0, 1].map(() => createUniformExploration(space, () => 0.5, createNoise(1)))
    added(one!, 10, 8, 3)
    other!.restore(one!.save())
    for (const step of added(one!, 10, 8, 2)) expectSameBits(step, added(other!, 10, 8, 1)[0]!)
  })
})
