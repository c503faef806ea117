import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { improvementInterval, probabilityOfImprovement } from '../../src/statistics/improvement.ts'
import { a, b, improvement } from './rliable.ts'

describe('probabilityOfImprovement', () => {
  it('is that of rliable', () => {
    expect(probabilityOfImprovement(a, b)).toBeCloseTo(improvement.value, 12)
    // tests/rliable/metrics_test.py
    const x = [
      [1, 2, 1, 2],
      [2, 2, 1, 1],
    ]
    const y = [
      [1, 2, 3],
      [1, 2, 3],
    ]
    expect(probabilityOfImprovement(x, y)).toBeCloseTo(1 / 3, 12)
  })

  it('of one over the other and of the other over the one make 1; of a method over itself a half', () => {
    const runs = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(fc.tuple(runs, runs), { minLength: 1, maxLength: 4 }), tasks => {
        const [x, y] = [tasks.map(([first]) => first), tasks.map(([, second]) => second)]
        expect(probabilityOfImprovement(x, y) + probabilityOfImprovement(y, x)).toBeCloseTo(1, 12)
        expect(probabilityOfImprovement(x, x)).toBeCloseTo(0.5, 12)
      }),
    )
  })

  it('refuses other tasks', () => {
    expect(() => probabilityOfImprovement([[1]], [[1], [2]])).toThrow(RangeError)
  })
})

describe('improvementInterval', () => {
  it('is that of rliable, as near as chance allows', () => {
    const { value, low, high } = improvementInterval(a, b, { random: createRandom(1, 'bootstrap'), samples: 10_000 })
    expect(value).toBeCloseTo(improvement.value, 12)
    expect(Math.abs(low - improvement.low)).toBeLessThan(0.02)
    expect(Math.abs(high - improvement.high)).toBeLessThan(0.02)
  })
})
