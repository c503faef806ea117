import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { interval, intervals, isKnown } from '../../src/statistics/bootstrap.ts'
import { aggregateMean, aggregateMedian, interquartileMean, mean, optimalityGap } from '../../src/statistics/scores.ts'
import { a, aggregateIntervals, b } from './rliable.ts'

const random = () => createRandom(1, 'bootstrap')

describe('interval', () => {
  const figures = { median: aggregateMedian, interquartileMean, mean: aggregateMean, gap: optimalityGap } as const
  it.each(Object.keys(figures) as (keyof typeof figures)[])(
    'of the %s is that of rliable, as near as chance allows',
    name => {
      for (const [scores, expected] of [
        [a, aggregateIntervals.a],
        [b, aggregateIntervals.b],
      ] as const) {
        const { value, low, high } = interval(scores, figures[name], { random: random(), samples: 10_000 })
        expect(value).toBe(figures[name](scores))
        expect(Math.abs(low - expected[name][0])).toBeLessThan(0.012)
        expect(Math.abs(high - expected[name][1])).toBeLessThan(0.012)
      }
    },
  )

  it('is the same for the same stream and another for another', () => {
    const of = (seed: number) => interval(a, aggregateMean, { random: createRandom(seed, 'bootstrap'), samples: 200 })
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })

  it('holds a mean within the runs and is wider the more it is to cover', () => {
    const runs = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(fc.array(runs, { minLength: 1, maxLength: 3 }), scores => {
        const of = (confidence: number) =>
          interval(scores, aggregateMean, { random: random(), samples: 100, confidence })
        const [narrow, wide] = [of(0.5), of(0.99)]
        expect(wide.low).toBeLessThanOrEqual(narrow.low)
        expect(wide.high).toBeGreaterThanOrEqual(narrow.high)
        const [least, most] = [Math.min, Math.max].map(end => mean(scores.map(values => end(...values))))
        expect(wide.low).toBeGreaterThanOrEqual(least! - 1e-9)
        expect(wide.high).toBeLessThanOrEqual(most! + 1e-9)
      }),
      { numRuns: 30 },
    )
  })

  it('draws within a task, never across tasks', () => {
    // Were runs drawn across tasks, the means would vary.
    const { low, high } = interval(
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
      aggregateMean,
      { random: random(), samples: 100 },
    )
    expect([low, high]).toEqual([0.5, 0.5])
  })

  it('covers the true mean of normal runs about as often as it says', () => {
    // Percentile intervals of ten runs are known to be a little short: 90 percent instead of 95.
    const chance = createRandom(3, 'runs')
    const normal = () => Math.sqrt(-2 * Math.log(1 - chance.uniform())) * Math.cos(2 * Math.PI * chance.uniform())
    let covered = 0
    for (let trial = 0; trial < 300; trial++) {
      const runs = Array.from({ length: 10 }, normal)
      const { low, high } = interval([runs], aggregateMean, { random: createRandom(trial, 'bootstrap'), samples: 300 })
      if (low <= 0 && high >= 0) covered++
    }
    expect(covered / 300).toBeGreaterThan(0.84)
    expect(covered / 300).toBeLessThan(0.97)
  })

  it('of single runs is not known', () => {
    const single = interval([[1], [2]], aggregateMean, { random: random() })
    expect(single).toEqual({ value: 1.5, low: Number.NaN, high: Number.NaN })
    expect(isKnown(single)).toBe(false)
  })
})

describe('intervals', () => {
  it('asks for the scores as they are first, then for as many samples as are wanted', () => {
    let calls = 0
    intervals([a], 1, () => void calls++, { random: random(), samples: 7 })
    expect(calls).toBe(8)
  })
})
