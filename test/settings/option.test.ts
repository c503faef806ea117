// Options: what is legal, where in a value the fault lies, and what is said of it.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  counts,
  expected,
  flagOrText,
  isLegal,
  type Option,
  optionalChoice,
  optionalReal,
  real,
  refuseIllegal,
  scheduled,
  text,
} from '../../src/settings/option.ts'
import { type Schedule, valueAt } from '../../src/settings/schedule.ts'

const best = flagOrText(false, /^(a|b)(\/.+)?$/, 'a or b', '')

describe('an option', () => {
  it.each<[Option<unknown>, readonly unknown[], readonly unknown[], string]>([
    [
      real(1, { above: 0, below: 1 }, ''),
      [0.5],
      [0, 1, '0.5', null, Number.NaN],
      'a number greater than 0 and less than 1',
    ],
    [real(1, { min: 0, below: 1 }, ''), [0, 0.99], [1, -1], 'a number of at least 0 and less than 1'],
    [optionalReal('', { above: 0 }), [null, 1e-9], [0, undefined], 'a number greater than 0 or null'],
    [optionalChoice(['joint', 'local'], ''), [null, 'local'], ['none', 1], 'one of joint, local, or null'],
    [
      counts([64], ''),
      [[], [1, 2]],
      [[0], [1.5], 64, ['8'], null],
      'a list of whole numbers of at least 1 like [64, 64]',
    ],
    [text('a', ''), ['', 'b'], [1, null], 'a text'],
    [best, [true, false, 'a', 'b/c'], ['c', 'a/', 1, null], 'true, false, a or b'],
  ])('knows what is legal, and says so: %#', (option, legal, illegal, sentence) => {
    for (const value of legal) expect([value, isLegal(option, value)]).toEqual([value, true])
    for (const value of illegal) expect([value, isLegal(option, value)]).toEqual([value, false])
    expect(expected(option)).toBe(sentence)
  })

  it('names the part of a value that is wrong', () => {
    const at = (option: Option<unknown>, value: unknown) => () => refuseIllegal(option, value, 'a.b')
    expect(at(counts([1], ''), [3, 0])).toThrow('a.b.1: expected a whole number of at least 1, got 0')
    const rate = scheduled(1, { above: 0 }, '')
    expect(at(rate, { from: 1, to: 0, steps: 3 })).toThrow('a.b.to: expected a number greater than 0, got 0')
    expect(at(rate, { from: 1, to: 1, steps: 0 })).toThrow('a.b.steps: expected a whole number of at least 1, got 0')
    expect(at(rate, { from: 1, to: 1, steps: 1, shape: 'cubic' })).toThrow(
      'a.b.shape: expected one of linear, exponential',
    )
  })

  it('of a schedule is legal where every value on its way is', () => {
    const bounds = fc.record({ min: fc.constantFrom(0, 0.5), max: fc.constantFrom(1, 2) })
    const end = fc.integer({ min: -10, max: 30 }).map(tenths => tenths / 10)
    const ways = fc.record({
      from: end,
      to: end,
      steps: fc.integer({ min: 1, max: 9 }),
      shape: fc.constantFrom('linear' as const, 'exponential' as const),
    })
    fc.assert(
      fc.property(bounds, ways, ({ min, max }, way) => {
        const values = Array.from({ length: 12 }, (_, step) => valueAt(way as Schedule, step))
        const within = values.every(value => value >= min - 1e-12 && value <= max + 1e-12)
        const hasCourse = way.shape === 'linear' || (way.from > 0 && way.to > 0)
        expect(isLegal(scheduled(1, { min, max }, ''), way)).toBe(within && hasCourse)
      }),
    )
  })
})
