// Fingerprints of saved states: equal for equal states, another for every other.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../src/fingerprint.ts'
import type { Saved } from '../src/types.ts'

const saved = fc.letrec<{ any: Saved }>(tie => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string(),
    fc.float64Array({ maxLength: 4 }),
    fc.float32Array({ maxLength: 4 }),
    fc.int32Array({ maxLength: 4 }),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 }),
  ),
})).any

describe('a fingerprint', () => {
  it('is the same for a copy', () => {
    fc.assert(
      fc.property(saved, state => {
        expect(fingerprint(structuredClone(state))).toBe(fingerprint(state))
      }),
    )
  })

  it('is another one where one bit of one number is another', () => {
    fc.assert(
      fc.property(fc.float64Array({ minLength: 1 }), fc.nat(), fc.nat(63), (numbers, at, bit) => {
        const other = numbers.slice()
        const i = at % numbers.length
        const view = new BigUint64Array(other.buffer)
        view[i] = view[i]! ^ (1n << BigInt(bit))
        // All that is no number is one value to JavaScript.
        fc.pre(!(Number.isNaN(numbers[i]) && Number.isNaN(other[i])))
        expect(fingerprint({ numbers: other })).not.toBe(fingerprint({ numbers }))
      }),
    )
  })

  it.each([
    [0, -0],
    [1, '1'],
    [null, false],
    [
      [1, 2],
      [[1], 2],
    ],
    [new Float32Array(2), new Float64Array(2)],
    [{ a: 1 }, { b: 1 }],
    ['', []],
  ] as [Saved, Saved][])('tells %o from %o', (one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other))
  })

  it('has 64 bits that all vary', () => {
    const seen = Array.from({ length: 200 }, (_, i) => fingerprint(i))
    const ones = seen.reduce((all, value) => all | value, 0n)
    expect(ones).toBe(2n ** 64n - 1n)
    expect(new Set(seen).size).toBe(200)
  })
})
