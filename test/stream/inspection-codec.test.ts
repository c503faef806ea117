import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeInspection, encodeInspection } from '../../src/stream/inspection-codec.ts'

const floats = (maxLength: number) => fc.float32Array({ maxLength })
const inspection = fc
  .integer({ min: 0, max: 9 })
  .chain(actions =>
    fc.record({
      agent: fc.nat(0xffff_ffff),
      observation: floats(20),
      action: fc.float32Array({ minLength: actions, maxLength: actions }),
      probabilities: fc.float32Array({ minLength: actions, maxLength: actions }),
      value: fc.option(fc.float({ noNaN: true })),
      rewardParts: fc.dictionary(fc.string(), fc.float({ noNaN: true }), { noNullPrototype: true }),
      sees: fc.uint8Array({ max: 1, maxLength: 12 }),
      isMasked: fc.boolean(),
      isByValues: fc.boolean(),
      actionValues: fc.float32Array({ minLength: actions, maxLength: actions }),
      mask: fc.uint8Array({ max: 1, minLength: actions, maxLength: actions }),
    }),
  )
  .map(({ isMasked, mask, isByValues, actionValues, ...it }) => ({
    ...it,
    ...(isMasked ? { mask } : {}),
    // Of no alternatives there are no values.
    ...(isByValues && actionValues.length > 0 ? { actionValues } : {}),
  }))

describe('an inspection as bytes', () => {
  it('comes back as it went, with the number of its frame', () => {
    fc.assert(
      fc.property(inspection, fc.maxSafeNat(), (it, number) => {
        const bytes = encodeInspection(it, number)
        expect(decodeInspection(bytes)).toEqual({ ...it, number })
        const inside = new Uint8Array(bytes.length + 1)
        inside.set(bytes, 1)
        expect(decodeInspection(inside.subarray(1))).toEqual({ ...it, number })
      }),
    )
  })

  it('is a RangeError or an inspection when bytes are damaged or missing', () => {
    const damage = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 0, max: 255 })), { maxLength: 4 })
    fc.assert(
      fc.property(inspection, damage, fc.nat(500), (it, changes, length) => {
        const bytes = encodeInspection(it, 7)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        try {
          expect(decodeInspection(bytes.subarray(0, length)).observation).toBeInstanceOf(Float32Array)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})
