// Packed rows: they come back to the bit, whatever stands in them, and take a byte where a byte will do.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packRows, type RowPacking, unpackRows } from '../../src/rollout/packed-rows.ts'
import { copySaved } from '../../src/saved.ts'

/** Two numbers, a flag, and the two as they are next. */
const packing: RowPacking = { columns: 5, stride: 2, repeats: [{ seen: 0, next: 3, size: 2 }] }
const bitsOf = (rows: Float32Array) => [...new Uint32Array(rows.buffer, rows.byteOffset, rows.length)]

it('come back to the bit', () => {
  const odd = fc.constantFrom(0, -0, 1, 255, 256, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY)
  const numbers = fc.oneof(odd, fc.float())
  const row = fc.tuple(numbers, numbers, fc.constantFrom(0, 1), numbers, numbers)
  fc.assert(
    fc.property(fc.array(row, { maxLength: 9 }), fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), (drawn, goesOn) => {
      const rows = Float32Array.from(drawn.flat())
      // What is seen next mostly stands two rows further on.
      drawn.forEach((_, i) => {
        if (goesOn[i] && i + 2 < drawn.length) rows.copyWithin(5 * i + 3, 5 * (i + 2), 5 * (i + 2) + 2)
      })
      const saved = copySaved(packRows(rows, packing))
      expect(bitsOf(unpackRows(saved, packing))).toEqual(bitsOf(rows))
    }),
  ) // biome-ignore format: one line
})

it('take a byte for a flag, and nothing for what stands a step later', () => {
  const count = 1000
  const rows = new Float32Array(5 * count)
  for (let i = 0; i < count; i++) rows.set([i / 7, -i / 7, i % 2, (i + 2) / 7, -(i + 2) / 7], 5 * i)
  const saved = packRows(rows, packing) as unknown as Record<string, Uint8Array>
  const bytes = Object.values(saved).reduce((sum, { byteLength }) => sum + byteLength, 0)
  // Two numbers, a flag, whether it is repeated; of the last two rows, what no row has; and which columns are bytes.
  expect(bytes).toBe(count * (2 * 4 + 1 + 1) + 2 * 2 * 4 + 3)
})

it('of other columns are refused', () => {
  const saved = packRows(new Float32Array(10), packing)
  expect(() => unpackRows(saved, { ...packing, columns: 6 })).toThrow('segments: expected rows with 4 columns of their own, got 3')
}) // biome-ignore format: one line
