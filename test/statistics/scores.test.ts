import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  aggregateMean,
  aggregateMedian,
  interquartileMean,
  optimalityGap,
  quantile,
} from '../../src/statistics/scores.ts'
import { a, aggregates, b } from './rliable.ts'

const score = fc.double({ min: -1e3, max: 1e3, noNaN: true })
const scores = fc.array(fc.array(score, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 })

describe('aggregates', () => {
  it.each([
    ['a', a, aggregates.a],
    ['b', b, aggregates.b],
  ] as const)('of %s are those of rliable', (_, given, expected) => {
    expect(aggregateMedian(given)).toBeCloseTo(expected.median, 12)
    expect(interquartileMean(given)).toBeCloseTo(expected.interquartileMean, 12)
    expect(aggregateMean(given)).toBeCloseTo(expected.mean, 12)
    expect(optimalityGap(given)).toBeCloseTo(expected.gap, 12)
  })

  it("of the scores in rliable's own test are its numbers (tests/rliable/metrics_test.py)", () => {
    const [x, y] = [
      [
        [1, 2, 1, 2],
        [2, 2, 1, 1],
      ],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    ]
    for (const figure of [aggregateMean, aggregateMedian, interquartileMean]) {
      expect(figure(x!)).toBe(1.5)
      expect(figure(y!)).toBe(2)
    }
  })

  it('do not depend on the order of runs and tasks', () => {
    fc.assert(
      fc.property(scores, given => {
        const turned = [...given].reverse().map(runs => [...runs].reverse())
        for (const figure of [aggregateMean, aggregateMedian, interquartileMean, optimalityGap]) {
          expect(figure(turned)).toBeCloseTo(figure(given), 8)
        }
      }),
    )
  })

  it('move and stretch with the scores, and lie among them', () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0.1, max: 10, noNaN: true }), score, (given, factor, shift) => {
        const moved = given.map(runs => runs.map(value => factor * value + shift))
        for (const figure of [aggregateMean, aggregateMedian, interquartileMean]) {
          expect(figure(moved)).toBeCloseTo(factor * figure(given) + shift, 6)
          expect(figure(given)).toBeGreaterThanOrEqual(Math.min(...given.flat()) - 1e-9)
          expect(figure(given)).toBeLessThanOrEqual(Math.max(...given.flat()) + 1e-9)
        }
      }),
    )
  })
})

describe('interquartileMean', () => {
  it('leaves the outer quarters out', () => {
    expect(interquartileMean([[-1e9, 1, 2, 3, 4, 5, 6, 1e9]])).toBe(3.5)
    expect(interquartileMean([[1, 2, 9]])).toBe(4)
  })
})

describe('optimalityGap', () => {
  it('lets nothing above the target make up for what is below', () => {
    expect(optimalityGap([[0.5, 100]])).toBe(0.25)
    expect(optimalityGap([[3, 2]])).toBe(0)
    expect(optimalityGap([[3, 2]], 5)).toBe(2.5)
  })
})

describe('quantile', () => {
  it('lies between neighbours as numpy.quantile does', () => {
    // numpy.quantile([1, 2, 4, 8], [0, 0.025, 0.5, 0.9, 1])
    const expected = [1, 1.075, 3, 6.8, 8]
    const got = [0, 0.025, 0.5, 0.9, 1].map(share => quantile([1, 2, 4, 8], share))
    got.forEach((value, i) => void expect(value).toBeCloseTo(expected[i]!, 12))
  })

  it('never leaves its two neighbours, however the numbers are rounded', () => {
    // (1 - part) * value + part * value can miss value by a rounding.
    const value = -9.165621786112496e-187
    for (let share = 0; share <= 1; share += 0.001) expect(quantile([value, value], share)).toBe(value)
  })
})
