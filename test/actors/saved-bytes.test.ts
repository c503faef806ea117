// What is saved, as bytes: the same again for every value, and nothing but a TypeError for bytes that are no value.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeSaved, encodeSaved } from '../../src/actors/saved-bytes.ts'
import { fingerprint } from '../../src/fingerprint.ts'
import type { Saved } from '../../src/types.ts'

const { saved } = fc.letrec<{ saved: Saved }>(tie => ({
  saved: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string({ unit: 'grapheme' }),
    fc.float32Array(),
    fc.float64Array(),
    fc.uint8Array(),
    fc.int32Array(),
    fc.uint32Array(),
    fc.array(tie('saved')),
    fc.dictionary(fc.string(), tie('saved')),
  ),
}))

it('come back as they were, to the bit', () => {
  fc.assert(
    fc.property(saved, fc.nat({ max: 3000 }), (value, room) => {
      // Also where it grows beyond the room that there was.
      const back = decodeSaved(encodeSaved([value, new Uint8Array(room), value]))
      expect(back).toEqual([value, new Uint8Array(room), value])
      expect(fingerprint(back)).toBe(fingerprint([value, new Uint8Array(room), value]))
    }),
  )
})

it('of an array are those of its own numbers, wherever they lie', () => {
  const whole = Float32Array.of(1, 2, 3, 4)
  expect(decodeSaved(encodeSaved(whole.subarray(1, 3)))).toEqual(Float32Array.of(2, 3))
  expect(encodeSaved([1, 'a', Uint8Array.of(7)])).toEqual(
    Uint8Array.of(5, 3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 4, 1, 0, 0, 0, 97, 9, 1, 0, 0, 0, 7),
  )
})

it('are refused by a TypeError, whatever else stands there, and nothing is made of lengths alone', () => {
  const tried = (bytes: Uint8Array) => {
    try {
      decodeSaved(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), tried), { numRuns: 2000 })
  fc.assert(
    fc.property(saved, fc.nat(), fc.nat({ max: 255 }), (value, at, byte) => {
      const bytes = encodeSaved(value)
      bytes[at % bytes.length] = byte
      tried(bytes)
      tried(bytes.subarray(0, at % bytes.length))
    }),
  )
  for (const kind of [4, 5, 6, 7, 8, 9]) {
    expect(() => decodeSaved(Uint8Array.of(kind, 255, 255, 255, 255))).toThrow(/expected \d+/)
  }
  expect(() => decodeSaved(new Uint8Array(400_000).map((_, i) => (i % 5 === 0 ? 5 : i % 5 === 1 ? 1 : 0)))).toThrow(
    'within each other',
  )
  expect(() => decodeSaved(Uint8Array.of(0, 0))).toThrow('got 1 more')
  const named = decodeSaved(encodeSaved(JSON.parse('{ "__proto__": { "polluted": true } }')))
  expect(Object.hasOwn(named as object, '__proto__')).toBe(true)
  expect(({} as { polluted?: true }).polluted).toBeUndefined()
})

it('cannot be made of what nobody saves', () => {
  expect(() => encodeSaved({ a: undefined } as unknown as Saved)).toThrow('got a undefined')
  expect(() => encodeSaved([new Int16Array(1)] as unknown as Saved)).toThrow('got a Int16Array')
})
