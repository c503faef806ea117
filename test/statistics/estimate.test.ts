// A mean and its interval: Student's quantiles as published, and an interval that covers as often as it says.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { estimate, studentQuantile } from '../../src/statistics/estimate.ts'

describe('an estimate', () => {
  // scipy.stats.t.ppf(0.975, df), SciPy 1.x; also in every printed table of the distribution.
  it.each([
    [1, 12.7062],
    [2, 4.30265],
    [3, 3.18245],
    [4, 2.77645],
    [5, 2.57058],
    [6, 2.44691],
    [10, 2.22814],
    [30, 2.04227],
    [49, 2.00958],
    [99, 1.98422],
    [999, 1.96234],
  ])('knows the quantile of Student with %i degrees of freedom', (degrees, quantile) => {
    expect(studentQuantile(degrees)).toBeCloseTo(quantile, 4)
  })

  it('is a textbook case', () => {
    // Mean 3, deviation sqrt(2.5), n 5: 3 ± 2.776 * 0.7071.
    const { mean, standardError, low, high } = estimate([1, 2, 3, 4, 5])
    expect([mean, standardError]).toEqual([3, Math.sqrt(2.5 / 5)])
    expect(low).toBeCloseTo(1.03676, 4)
    expect(high).toBeCloseTo(4.96324, 4)
  })

  it('of one value says nothing about its interval', () => {
    expect(estimate([7])).toEqual({ mean: 7, standardError: 0, low: Number.NaN, high: Number.NaN })
  })

  it('covers the true mean of a skewed distribution nearly as often as it says', () => {
    const random = createRandom(1, 'coverage')
    let covered = 0
    for (let i = 0; i < 2000; i++) {
      const { low, high } = estimate(Array.from({ length: 100 }, () => -Math.log(1 - random.uniform())))
      if (low <= 1 && 1 <= high) covered++
    }
    // 95 percent less what skewness costs at 100 values.
    expect(covered / 2000).toBeGreaterThan(0.92)
    expect(covered / 2000).toBeLessThan(0.97)
  })

  it('moves and scales with its values', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 50 })
    fc.assert(
      fc.property(values, fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 9 }), (list, shift, factor) => {
        const [plain, moved] = [estimate(list), estimate(list.map(value => factor * value + shift))]
        for (const key of ['mean', 'low', 'high'] as const) {
          expect(moved[key]).toBeCloseTo(factor * plain[key] + shift, 6)
        }
        expect(plain.low).toBeLessThanOrEqual(plain.mean)
        expect(plain.high).toBeGreaterThanOrEqual(plain.mean)
      }),
    )
  })
})
