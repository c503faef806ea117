import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { encodeMessage, type ProtobufField, packedVarints } from '../../src/wire/protobuf.ts'

const { Thing } = protobuf.parse(`syntax = "proto3";
  message Thing { int64 whole = 1; double wide = 2; float narrow = 3; string text = 4; bytes raw = 5; repeated Thing inside = 6;
    repeated int64 packed = 7; }`).root.nested as { readonly Thing: protobuf.Type }

interface Thing {
  readonly whole: number
  readonly wide: number
  readonly narrow: number
  readonly text: string
  readonly raw: Uint8Array
  readonly packed: readonly number[]
  readonly inside: readonly Thing[]
}

const thing = fc.memo(
  (depth): fc.Arbitrary<Thing> =>
    fc.record({
      whole: fc.maxSafeInteger(),
      wide: fc.double({ noNaN: true }),
      narrow: fc.float({ noNaN: true }),
      text: fc.string({ unit: 'binary', maxLength: 200 }),
      raw: fc.uint8Array({ maxLength: 300 }),
      packed: fc.array(fc.maxSafeInteger(), { maxLength: 9 }),
      inside: depth > 1 ? fc.array(thing(depth - 1), { maxLength: 3 }) : fc.constant([]),
    }),
)

describe('a message of Protocol Buffers', () => {
  it('is read by protobufjs as what was written', () => {
    fc.assert(
      fc.property(thing(3), it => {
        const read = Thing.toObject(Thing.decode(encodeMessage(fieldsOf(it))), {
          longs: Number,
          arrays: true,
          bytes: Array,
        })
        expect(plain(read)).toEqual(plain(it))
      }),
      { numRuns: 30 },
    )
  })

  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])('holds a text of %i bytes', length => {
    const text = 'x'.repeat(length)
    const read = Thing.decode(
      encodeMessage([
        [4, text],
        [1, 7],
      ]),
    )
    expect(Thing.toObject(read, { longs: Number })).toEqual({ text, whole: 7 })
  })

  it('refuses numbers that are not whole', () => {
    expect(() => encodeMessage([[1, 0.5]])).toThrow('expected a whole number, got 0.5')
    expect(() => encodeMessage([[1, Number.NaN]])).toThrow(RangeError)
  })
})

function fieldsOf({ whole, wide, narrow, text, raw, packed, inside }: Thing): ProtobufField[] {
  return [
    [1, whole],
    [2, Float64Array.of(wide)],
    [3, Float32Array.of(narrow)],
    [4, text],
    [5, raw],
    ...inside.map((other): ProtobufField => [6, fieldsOf(other)]),
    [7, packedVarints(packed)],
  ]
}

function plain(it: object): unknown {
  return JSON.parse(JSON.stringify(it, (_, value) => (value instanceof Uint8Array ? [...value] : value)))
}
