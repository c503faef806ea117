// log Gamma, digamma and trigamma: known values, and the recurrences that define them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digamma, logGamma, trigamma } from '../../../src/agents/distributions/special-functions.ts'

const euler = 0.577_215_664_901_532_9

describe('the gamma function and its derivatives', () => {
  // Abramowitz and Stegun 1964, 6.1.8, 6.3.2, 6.3.3, 6.4.2, 6.4.4
  it.each([
    ['log Gamma(1)', logGamma(1), 0],
    ['log Gamma(1/2)', logGamma(0.5), Math.log(Math.PI) / 2],
    ['log Gamma(11)', logGamma(11), Math.log(3_628_800)],
    ['psi(1)', digamma(1), -euler],
    ['psi(1/2)', digamma(0.5), -euler - 2 * Math.LN2],
    ["psi'(1)", trigamma(1), Math.PI ** 2 / 6],
    ["psi'(1/2)", trigamma(0.5), Math.PI ** 2 / 2],
  ])('%s is %d', (_, value, expected) => {
    expect(Math.abs(value - expected)).toBeLessThan(1e-12)
  })

  it('obey their recurrences everywhere', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e4, noNaN: true }), x => {
        const near = (a: number, b: number) => expect(Math.abs(a - b) / Math.max(1, Math.abs(b))).toBeLessThan(1e-12)
        near(logGamma(x + 1), logGamma(x) + Math.log(x))
        near(digamma(x + 1) - 1 / x, digamma(x))
        near(trigamma(x + 1) + 1 / (x * x), trigamma(x))
      }),
    )
  })
})
