import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { performanceProfile, shareAbove, thresholdsOf } from '../../src/statistics/profiles.ts'
import { a, b, profile } from './rliable.ts'

describe('performanceProfile', () => {
  it.each([
    ['a', a, profile.a],
    ['b', b, profile.b],
  ] as const)('of %s is that of rliable', (_, scores, expected) => {
    const points = performanceProfile(scores, profile.thresholds, {
      random: createRandom(1, 'bootstrap'),
      samples: 10_000,
    })
    points.forEach((point, i) => {
      expect(point.value).toBeCloseTo(expected.value[i]!, 7)
      // One run more or less is a step of 1 / 15 or 1 / 12: an end of the interval may fall on either side of it.
      expect(Math.abs(point.low - expected.low[i]!)).toBeLessThan(0.09)
      expect(Math.abs(point.high - expected.high[i]!)).toBeLessThan(0.09)
    })
  })

  it('falls from 1 to 0', () => {
    const runs = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(runs, { minLength: 1, maxLength: 3 }), scores => {
        const thresholds = [-4, ...thresholdsOf([scores], 21), 3]
        const shares = [...thresholds].sort((x, y) => x - y).map(threshold => shareAbove(scores, threshold))
        expect(shares[0]).toBe(1)
        expect(shares.at(-1)).toBe(0)
        shares.forEach((share, i) => void expect(share).toBeLessThanOrEqual(shares[i - 1] ?? 1))
      }),
    )
  })

  it('weighs tasks alike, however many runs they have', () => {
    expect(shareAbove([[1], [0, 0, 0, 0]], 0.5)).toBe(0.5)
  })
})

describe('thresholdsOf', () => {
  it('holds all scores, and chance and script', () => {
    expect(thresholdsOf([[[0.2]]], 3)).toEqual([0, 0.5, 1])
    expect(thresholdsOf([[[-1]], [[3]]], 5)).toEqual([-1, 0, 1, 2, 3])
  })
})
