// The tree-structured Parzen estimator: its densities are densities, and it finds more than chance on known functions.
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { createLanes } from '../../src/sweep/lanes.ts'
import { normalBelow, parzenOf } from '../../src/sweep/parzen.ts'
import { randomStrategy } from '../../src/sweep/random-search.ts'
import { type SpacePoint, spaceOf } from '../../src/sweep/space.ts'
import type { Strategy } from '../../src/sweep/strategy.ts'
import { tpeStrategy } from '../../src/sweep/tpe.ts'

const settings = { startup: 10, candidates: 24, good: 0.15 }

/** The smallest value that a search has found. */
function search(strategy: Strategy, trials: number, loss: (point: SpacePoint) => number, lanes = 4): number {
  const course = createLanes({ strategy, trials, rungs: [1], eta: 1, lanes })
  let best = Number.POSITIVE_INFINITY
  for (let tasks = course.next(); tasks.length > 0; tasks = course.next()) {
    for (const { number, point } of tasks) {
      const value = loss(point)
      best = Math.min(best, value)
      course.settle(number, -value)
    }
  }
  return best
}

describe('Parzen estimators', () => {
  it.each([[[]], [[0.5]], [[0, 1]], [[0.2, 0.21, 0.9]]])('are densities: %j', places => {
    const density = parzenOf({ kind: 'numeric', size: Number.POSITIVE_INFINITY }, places)
    const cells = 20_000
    let sum = 0
    for (let i = 0; i < cells; i++) sum += Math.exp(density.logAt((i + 0.5) / cells)) / cells
    expect(sum).toBeCloseTo(1, 4)
  })

  it('draw from the density that they tell', () => {
    const random = createRandom(1, 'parzen')
    const density = parzenOf({ kind: 'numeric', size: Number.POSITIVE_INFINITY }, [0.1, 0.15, 0.8])
    const [cells, draws] = [10, 20_000]
    const counts = new Array<number>(cells).fill(0)
    for (let i = 0; i < draws; i++) counts[Math.floor(density.draw(random) * cells)]!++
    counts.forEach((count, cell) => {
      let mass = 0
      for (let i = 0; i < 100; i++) mass += Math.exp(density.logAt((cell + (i + 0.5) / 100) / cells)) / (100 * cells)
      expect(Math.abs(count / draws - mass)).toBeLessThan(0.015)
    })
  })

  it('count choices, and one more of each', () => {
    const density = parzenOf({ kind: 'choice', size: 3 }, [0.1, 0.2, 0.9])
    const probabilities = [0.1, 0.5, 0.9].map(place => Math.exp(density.logAt(place)))
    expect(probabilities.map(p => Number(p.toFixed(6)))).toEqual([0.5, 0.166667, 0.333333])
    const random = createRandom(1, 'choice')
    const seen = new Set(Array.from({ length: 100 }, () => density.draw(random)))
    expect(seen).toEqual(new Set([1 / 6, 0.5, 5 / 6]))
  })

  it('know the normal distribution', () => {
    // Abramowitz and Stegun 1964, table 26.1.
    for (const [x, p] of [
      [0, 0.5],
      [1, 0.8413447],
      [1.96, 0.9750021],
      [-3, 0.0013499],
    ] as const) {
      expect(normalBelow(x)).toBeCloseTo(p, 6)
    }
  })
})

describe('strategy tpe', () => {
  const unit = (dimensions: number) =>
    spaceOf(Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`scenario.x${i}`, { uniform: [0, 1] }])))
  // Branin and Hoo 1972; smallest value 0.397887.
  const branin = ([u, v]: SpacePoint) => {
    const [x, y] = [-5 + 15 * u!, 15 * v!]
    return (
      (y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6) ** 2 +
      10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
      10
    )
  }
  const bowl = (point: SpacePoint) => point.reduce((sum, x, i) => sum + (x - (i + 1) / 7) ** 2, 0)
  const mixed = spaceOf({
    'scenario.a': { log: [1e-4, 1] },
    'scenario.b': ['p', 'q', 'r', 's'],
    'scenario.c': { integer: [1, 8] },
  })
  const ofMixed = (point: SpacePoint) => {
    const { 'scenario.a': a, 'scenario.b': b, 'scenario.c': c } = mixed.at(point) as Record<string, never>
    return (Math.log10(a) + 2.5) ** 2 + (b === 'r' ? 0 : 1) + 0.2 * Math.abs(c - 6)
  }

  it.each([
    ['Branin', unit(2), branin],
    ['a bowl of five dimensions', unit(5), bowl],
    ['logarithms, choices and whole numbers', mixed, ofMixed],
  ])('finds less than chance does: %s, 50 trials, 40 seeds, 4 at a time', (_, space, loss) => {
    const seeds = Array.from({ length: 40 }, (_, seed) => seed)
    const wins = seeds.filter(
      seed => search(tpeStrategy(space, seed, settings), 50, loss) < search(randomStrategy(space, seed), 50, loss),
    ).length
    // By chance 29 or more of 40 have a probability of 0.003.
    expect(wins).toBeGreaterThanOrEqual(29)
  })

  it('depends on the seed and on what is known alone', () => {
    const known = {
      observations: Array.from({ length: 12 }, (_, i) => ({ point: [i / 12, 1 - i / 12], rung: 0, value: i })),
      pending: Array.from({ length: 5 }, () => [0.96, 0.04]),
    }
    const suggest = (seed: number, trial: number, k = known) => tpeStrategy(unit(2), seed, settings).suggest(trial, k)
    expect(suggest(1, 12)).toEqual(suggest(1, 12))
    expect(suggest(1, 12)).not.toEqual(suggest(2, 12))
    expect(suggest(1, 12)).not.toEqual(suggest(1, 13))
    const next = (k: typeof known) => Array.from({ length: 10 }, (_, i) => suggest(1, 12 + i, k))
    expect(next(known)).not.toEqual(next({ ...known, pending: [] }))
  })

  it('keeps away from failures', () => {
    const observations = Array.from({ length: 40 }, (_, i) => {
      const x = (i + 0.5) / 40
      return { point: [x], rung: 0, value: x > 0.5 ? Number.NEGATIVE_INFINITY : -((x - 0.3) ** 2) }
    })
    const strategy = tpeStrategy(unit(1), 1, settings)
    const places = Array.from({ length: 50 }, (_, i) => strategy.suggest(40 + i, { observations, pending: [] })[0]!)
    expect(places.filter(place => place > 0.5).length).toBeLessThan(3)
  })

  it('learns from the longest trainings of which there are enough', () => {
    const at = (x: number, rung: number, value: number) => ({ point: [x], rung, value })
    const low = Array.from({ length: 30 }, (_, i) => at((i + 0.5) / 30, 0, -(((i + 0.5) / 30 - 0.2) ** 2)))
    const high = Array.from({ length: 12 }, (_, i) => at((i + 0.5) / 12, 1, -(((i + 0.5) / 12 - 0.8) ** 2)))
    const strategy = tpeStrategy(unit(1), 1, settings)
    const mean = (observations: typeof low) => {
      const places = Array.from({ length: 40 }, (_, i) => strategy.suggest(50 + i, { observations, pending: [] })[0]!)
      return places.reduce((sum, place) => sum + place, 0) / places.length
    }
    expect(Math.abs(mean([...low, ...high]) - 0.8)).toBeLessThan(0.15)
    expect(Math.abs(mean([...low, ...high.slice(0, 5)]) - 0.2)).toBeLessThan(0.15)
  })
})
