// The losses of V against their definitions, and their slopes against finite differences.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createValueLoss } from '../../src/learning/value-loss.ts'

const number = fc.double({ min: -30, max: 30, noNaN: true })
const some = fc.option(fc.double({ min: 0.01, max: 12, noNaN: true }))

it('is h of the error or of the clipped one, whichever is larger, with its slope', () => {
  fc.assert(
    fc.property(number, number, number, some, some, (value, target, old, huberDelta, valueClip) => {
      const loss = createValueLoss({ huberDelta, valueClip })
      const h = (e: number) => {
        if (huberDelta === null) return e ** 2
        return Math.abs(e) <= huberDelta ? e ** 2 / 2 : huberDelta * (Math.abs(e) - huberDelta / 2)
      }
      const plain = (v: number) => {
        if (valueClip === null) return h(v - target)
        const clipped = Math.min(Math.max(v, old - valueClip), old + valueClip)
        return Math.max(h(v - target), h(clipped - target))
      }
      const scale = 1 + Math.abs(plain(value))
      expect(Math.abs(loss.of(value, target, old) - plain(value)) / scale).toBeLessThan(1e-12)
      const [below, above] = [-1, 1].map(side => (plain(value + side * 1e-6) - plain(value)) / (side * 1e-6))
      const slope = loss.slope(value, target, old)
      // At a kink the slope is that of one of its sides.
      const nearest = Math.min(Math.abs(slope - below!), Math.abs(slope - above!))
      expect(nearest / (1 + Math.abs(slope))).toBeLessThan(1e-3)
    }),
    { numRuns: 500 },
  )
})

it('says what a few exact numbers say', () => {
  const loss = createValueLoss({ huberDelta: 10, valueClip: 0.2 })
  // An error of 12 is beyond delta: 10 (12 - 5), slope 10.
  expect([loss.of(12, 0, 12), loss.slope(12, 0, 12)]).toEqual([70, 10])
  // V moved from 1 to 0.5 towards 0, further than it may gain: the loss is that at 0.8, and flat.
  expect(loss.of(0.5, 0, 1)).toBeCloseTo(0.32, 12)
  expect(loss.slope(0.5, 0, 1)).toBe(0)
  // The same way off: never clipped.
  expect(loss.slope(1.5, 0, 1)).toBe(1.5)
})
