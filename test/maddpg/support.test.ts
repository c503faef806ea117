// The support of distributional critics: what is fitted to the first batch, what is left as it was given.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSupport } from '../../src/maddpg/support.ts'
import { atomOf } from '../../src/nn/atoms.ts'

const free = { atoms: 5, low: null, high: null }
const ones = (rows: number) => new Array<number>(rows).fill(1)

describe('a support', () => {
  it('has its atoms evenly from low to high', () => {
    const support = createSupport({ atoms: 5, low: -2, high: 6 })
    expect([0, 1, 2, 3, 4].map(atom => atomOf(support, atom))).toEqual([-2, 0, 2, 4, 6])
  })

  it('is fitted to the first batch, worked out by hand, and stays', () => {
    const support = createSupport(free)
    // For ever: -4 / 0.4, 2 / 0.1; the agent is absent in the last row.
    support.fit([-4, 2, 1e9], [0.6, 0.9, 0.9], [1, 1, 0])
    expect([support.low, support.high]).toEqual([expect.closeTo(-13, 9), expect.closeTo(23, 9)])
    const { low, high } = support
    support.fit([50, 60], [0.9, 0.9], [1, 1])
    expect([support.low, support.high]).toEqual([low, high])
  })

  it('holds 0, and counts no next value where episodes end', () => {
    const support = createSupport(free)
    support.fit([1, 3], [0, 0], [1, 1])
    expect([support.low, support.high]).toEqual([expect.closeTo(-0.3, 9), expect.closeTo(3.3, 9)])
  })

  it('leaves alone what was given', () => {
    const lower = createSupport({ atoms: 5, low: -7, high: null })
    lower.fit([1, 3], [0, 0], [1, 1])
    expect([lower.low, lower.high]).toEqual([-7, expect.closeTo(4, 9)])
    const both = createSupport({ atoms: 5, low: -7, high: 2 })
    both.fit([1, 3], [0, 0], [1, 1])
    expect([both.low, both.high]).toEqual([-7, 2])
  })

  it('waits for a batch in which the agent has a reward', () => {
    const support = createSupport(free)
    support.fit([5, 5], [0, 0], [0, 0])
    support.fit([0, 0], [0.9, 0.9], [1, 1])
    expect([support.low, support.high]).toEqual([-1, 1])
    support.fit([5, 0], [0, 0], [1, 1])
    expect(support.high).toBeGreaterThan(5)
  })

  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
  it('has low below high and all returns between them, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(number, { nil: null }),
        fc.boolean(),
        (rewards, discount, given, isLow) => {
          const support = createSupport({ atoms: 9, low: isLow ? given : null, high: isLow ? null : given })
          expect(support.low).toBeLessThan(support.high)
          support.fit(rewards, ones(rewards.length).fill(discount), ones(rewards.length))
          expect(support.low).toBeLessThan(support.high)
          const returns = rewards.map(r => r / (1 - Math.min(0.999, discount)))
          if (returns.every(value => value === 0)) return
          if (given === null || !isLow) expect(support.low).toBeLessThan(Math.min(0, ...returns))
          if (given === null || isLow) expect(support.high).toBeGreaterThan(Math.max(0, ...returns))
        },
      ),
    )
  })

  it('goes on as it was once restored', () => {
    const support = createSupport(free)
    support.fit([1, 2, 4], [0.9, 0.9, 0.9], [1, 1, 1])
    const restored = createSupport(free)
    restored.restore(support.save())
    restored.fit([100, 200], [0.9, 0.9], [1, 1])
    expect([restored.low, restored.high]).toEqual([support.low, support.high])
  })
})
