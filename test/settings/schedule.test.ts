// Numbers that change over a run: where they begin and end, and that they never leave the way between.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { valueAt } from '../../src/settings/schedule.ts'

const positive = fc.double({ min: 0.001, max: 1000, noNaN: true })

describe('a schedule', () => {
  it('of one number is that number', () => {
    for (const steps of [0, 1, 1e9]) expect(valueAt(0.3, steps)).toBe(0.3)
  })

  it('goes from one end to the other in equal steps, then stays', () => {
    const way = { from: 1, to: 0.2, steps: 400 }
    expect([0, 100, 200, 300].map(at => valueAt(way, at))).toEqual([1, 0.8, 0.6, 0.4].map(x => expect.closeTo(x, 12)))
    expect([400, 401, 1e9].map(at => valueAt(way, at))).toEqual([0.2, 0.2, 0.2])
  })

  it('goes in equal ratios where it is exponential', () => {
    const way = { from: 1, to: 0.01, steps: 400, shape: 'exponential' } as const
    expect([0, 200, 400].map(at => valueAt(way, at))).toEqual([1, expect.closeTo(0.1, 12), 0.01])
  })

  it('stays between its ends, positive where these are, and never turns back', () => {
    const shape = fc.constantFrom('linear' as const, 'exponential' as const)
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 1, max: 1e6 }), shape, (from, to, steps, shape) => {
        const values = Array.from({ length: 33 }, (_, i) => valueAt({ from, to, steps, shape }, (i * steps) / 30))
        const [low, high] = [Math.min(from, to) * (1 - 1e-12), Math.max(from, to) * (1 + 1e-12)]
        for (const value of values) expect(value >= low && value <= high).toBe(true)
        const direction = Math.sign(to - from)
        for (let i = 1; i < values.length; i++) {
          expect(direction * (values[i]! - values[i - 1]!)).toBeGreaterThanOrEqual(-1e-12 * high)
        }
      }),
    )
  })
})
