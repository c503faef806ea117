import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberText, scaleOf, ticksOf, tickText } from '../../src/report/axes.ts'

describe('ticksOf', () => {
  it('are round numbers within the ends', () => {
    expect(ticksOf(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(ticksOf(-221, -104, 5)).toEqual([-200, -150])
    expect(ticksOf(-0.3, 0.3, 3)).toEqual([-0.2, 0, 0.2])
    expect(ticksOf(100, 60_000, 5)).toEqual([20_000, 40_000, 60_000])
  })

  it('are about as many as wanted, evenly spaced', () => {
    const end = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(end, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, width) => {
        const ticks = ticksOf(low, low + width, 5)
        expect(ticks.length).toBeGreaterThanOrEqual(1)
        expect(ticks.length).toBeLessThanOrEqual(6)
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - width * 1e-6)
          expect(tick).toBeLessThanOrEqual(low + width * (1 + 1e-6))
        }
      }),
    )
  })
})

describe('scaleOf', () => {
  it('puts numbers between its ends, with air', () => {
    const scale = scaleOf([0, 10, Number.NaN], 0, 100, 5, 0)
    expect([scale(0), scale(5), scale(10)]).toEqual([0, 50, 100])
    expect(scaleOf([0, 10], 100, 0, 5)(10)).toBeCloseTo(3.7, 1)
  })

  it('has room where all numbers are one, or there are none', () => {
    const scale = scaleOf([7, 7], 0, 100, 5)
    expect(scale(7)).toBeCloseTo(50)
    expect(scaleOf([], 0, 100, 5).ticks.length).toBeGreaterThan(1)
  })
})

describe('words', () => {
  it('are short on axes', () => {
    expect([60_000, 1_500_000, -0.25, 9000, 12_500].map(tickText)).toEqual(['60k', '1.5M', '−0.25', '9000', '12.5k'])
  })

  it('have three digits that mean something in tables', () => {
    expect([-141.234, -7.256, 0.1234, 0, -0.0001, Number.NaN].map(numberText)).toEqual([
      '−141.2',
      '−7.26',
      '0.123',
      '0.00',
      '0.000',
      '–',
    ])
  })
})
