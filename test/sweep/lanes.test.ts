// Who is trained next: the same decisions whatever the order in which results come; successive halving as published.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { promotable, rungsOf } from '../../src/sweep/halving.ts'
import { createLanes, type LanesOptions, type TrialTask } from '../../src/sweep/lanes.ts'
import { randomStrategy } from '../../src/sweep/random-search.ts'
import { spaceOf } from '../../src/sweep/space.ts'
import { tpeStrategy } from '../../src/sweep/tpe.ts'

const space = spaceOf({ 'scenario.x': { uniform: [0, 1] }, 'scenario.y': { uniform: [0, 1] } })

/** Plays a sweep to its end on `workers` that finish in any order; all tasks in the order of decisions. */
function play(options: LanesOptions, workers: number, seed: number, result: (task: TrialTask) => number): TrialTask[] {
  const lanes = createLanes(options)
  const random = createRandom(seed, 'order')
  const all: TrialTask[] = []
  const waiting: TrialTask[] = []
  const running: TrialTask[] = []
  for (;;) {
    const fresh = lanes.next()
    all.push(...fresh)
    waiting.push(...fresh)
    running.push(...waiting.splice(0, workers - running.length))
    if (running.length === 0) break
    const [task] = running.splice(random.integer(running.length), 1)
    lanes.settle(task!.number, result(task!))
  }
  expect(lanes.ended).toBe(true)
  return all
}

const worth = ({ point, rung }: TrialTask) => -((point[0]! - 0.3) ** 2) - 0.1 * point[1]! + 0.01 * rung

describe('lanes', () => {
  it('decide the same for any number of workers, in whatever order these finish', () => {
    const sweeps = fc.record({
      seed: fc.nat(),
      learns: fc.boolean(),
      trials: fc.integer({ min: 1, max: 40 }),
      lanes: fc.integer({ min: 1, max: 9 }),
      eta: fc.integer({ min: 2, max: 4 }),
      rungs: fc.constantFrom([9], [1, 3, 9], [2, 10, 11]),
      fails: fc.double({ min: 0, max: 0.5, noNaN: true }),
    })
    fc.assert(
      fc.property(
        sweeps,
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        ({ seed, learns, fails, ...rest }, workers, order) => {
          const strategy = learns
            ? tpeStrategy(space, seed, { startup: 4, candidates: 6, good: 0.2 })
            : randomStrategy(space, seed)
          const value = (task: TrialTask) => (task.point[1]! < fails ? Number.NEGATIVE_INFINITY : worth(task))
          const options = { strategy, ...rest }
          expect(play(options, workers, order, value)).toEqual(play(options, 1, 0, value))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('decide all at once where nothing is waited for', () => {
    const options = {
      strategy: randomStrategy(space, 1),
      trials: 20,
      rungs: [5],
      eta: 1,
      lanes: Number.POSITIVE_INFINITY,
    }
    const lanes = createLanes(options)
    expect(lanes.next().map(({ trial }) => trial)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(lanes.ended).toBe(false)
  })

  it('know the results of all trials but those under way', () => {
    const seen: number[] = []
    const strategy = {
      ...randomStrategy(space, 1),
      learns: true,
      suggest: (
        trial: number,
        { observations, pending }: { observations: readonly unknown[]; pending: readonly unknown[] },
      ) => {
        seen.push(observations.length)
        expect(observations.length + pending.length).toBe(trial)
        return [0.5, 0.5]
      },
    }
    play({ strategy, trials: 9, rungs: [1], eta: 1, lanes: 3 }, 3, 5, () => 0)
    expect(seen).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6])
  })

  it('promote one of eta per rung, the best, and train as many at the top as successive halving does', () => {
    const options = {
      strategy: randomStrategy(space, 3),
      trials: 81,
      rungs: rungsOf({ from: 1, eta: 3 }, 27),
      eta: 3,
      lanes: 5,
    }
    const tasks = play(options, 4, 1, worth)
    const at = (rung: number) => tasks.filter(task => task.rung === rung)
    expect(at(0)).toHaveLength(81)
    expect(at(1).length).toBeGreaterThanOrEqual(27)
    expect(at(3).length).toBeGreaterThanOrEqual(3)
    // Episodes in all: far fewer than to train every trial to its end.
    const cost = tasks.reduce((sum, { rung, episodes }) => sum + episodes - (options.rungs[rung - 1] ?? 0), 0)
    expect(cost).toBeLessThan(0.25 * 81 * 27)
    const best = at(0).toSorted((a, b) => worth(b) - worth(a))[0]!
    expect(at(3).map(({ trial }) => trial)).toContain(best.trial)
  })
})

describe('successive halving', () => {
  it('has rungs from the lowest to the whole training', () => {
    expect(rungsOf({ from: 100, eta: 3 }, 2700)).toEqual([100, 300, 900, 2700])
    expect(rungsOf({ from: 100, eta: 2 }, 500)).toEqual([100, 200, 400, 500])
    expect(rungsOf({ from: 500, eta: 3 }, 500)).toEqual([500])
    expect(rungsOf(null, 500)).toEqual([500])
  })

  it('promotes the best of the upper third that has not been', () => {
    const rung = [5, 9, 7, 1, 8, 3].map((value, trial) => ({ trial, value }))
    expect(promotable(rung, new Set(), 3)).toBe(1)
    expect(promotable(rung, new Set([1]), 3)).toBe(4)
    expect(promotable(rung, new Set([1, 4]), 3)).toBeUndefined()
    expect(promotable(rung.slice(0, 2), new Set(), 3)).toBeUndefined()
    expect(
      promotable(
        [0, 1, 2].map(trial => ({ trial, value: Number.NEGATIVE_INFINITY })),
        new Set(),
        3,
      ),
    ).toBeUndefined()
  })
})
