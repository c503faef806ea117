// Training returns: means over the last 1,000 episodes.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrainingReturns } from '../../src/experiment/metrics.ts'

const episode = (number: number, ...returns: number[]) => ({
  number,
  game: 0,
  length: 1,
  returns: Float64Array.from(returns),
})

describe('training returns', () => {
  it('are not a number before the first episode', () => {
    expect(createTrainingReturns(2).means()).toEqual([Number.NaN, Number.NaN])
  })

  it('are the mean per agent', () => {
    const returns = createTrainingReturns(2)
    returns.add(episode(1, 1, 10))
    expect(returns.means()).toEqual([1, 10])
    returns.add(episode(2, 2, 30))
    expect(returns.means()).toEqual([1.5, 20])
  })

  it('forget what is older than 1,000 episodes', () => {
    const returns = createTrainingReturns(1)
    returns.add(episode(1, 1e6))
    for (let i = 2; i <= 1000; i++) returns.add(episode(i, 0))
    expect(returns.means()).toEqual([1000])
    returns.add(episode(1001, 0))
    expect(returns.means()).toEqual([0])
  })

  it('are those of the last 1,000 numbers, whatever came before, and after a restore', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2500 }), fc.nat(2500), (count, at) => {
        const numbers = Array.from({ length: count }, (_, i) => ((i * 7919) % 1000) - 500)
        let returns = createTrainingReturns(1)
        numbers.forEach((value, i) => {
          if (i === at) {
            const restored = createTrainingReturns(1)
            restored.restore(structuredClone(returns.save()))
            returns = restored
          }
          returns.add(episode(i + 1, value))
        })
        const last = numbers.slice(-1000)
        expect(returns.means()[0]).toBeCloseTo(last.reduce((a, b) => a + b) / last.length, 9)
      }),
      { numRuns: 40 },
    )
  })
})
