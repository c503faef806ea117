// Rows of a log as they are saved: flags and one-hots as bytes, and of what is seen next only what the row a step later does not begin with.
import type { Saved } from '../types.ts'

export interface RowPacking {
  /** Numbers of a row. */
  readonly columns: number
  /** So many rows further on stands what came a step later. */
  readonly stride: number
  /** Blocks of what is seen next, from `next` on, each with the block of what is seen, from `seen` on. */
  readonly repeats: readonly { readonly seen: number; readonly next: number; readonly size: number }[]
}

/** What packed rows consist of. */
interface Packed {
  /** By column, of what is no repeat: 1 where all of its numbers are bytes. */
  readonly isByte: Uint8Array
  /** Row by row, the columns of either kind. */
  readonly bytes: Uint8Array
  readonly numbers: Float32Array
  /** By row and repeat: 1 where it stands a step later. */
  readonly isRepeated: Uint8Array
  /** Where it does not. */
  readonly others: Float32Array
}

/** Rows without loss, to the bit. */
export function packRows(rows: Float32Array, packing: RowPacking): Saved {
  const { columns, stride, repeats } = packing
  const count = rows.length / columns
  const bits = new Int32Array(rows.buffer, rows.byteOffset, rows.length)
  const own = ownColumns(packing)
  const isByte = Uint8Array.from(own, column => {
    for (let at = column; at < rows.length; at += columns) if (bits[at] === minusZero || (rows[at]! & 255) !== rows[at]) return 0
    return 1
  }) // biome-ignore format: one line
  const byteCount = isByte.reduce((sum, is) => sum + is, 0)
  const bytes = new Uint8Array(count * byteCount)
  const numbers = new Float32Array(count * (own.length - byteCount))
  const isRepeated = new Uint8Array(count * repeats.length)
  const others: number[] = []
  let [b, n, r] = [0, 0, 0]
  for (let row = 0; row < count; row++) {
    const at = row * columns
    own.forEach((column, i) => {
      if (isByte[i] === 1) bytes[b++] = rows[at + column]!
      else numbers[n++] = rows[at + column]!
    })
    const later = (row + stride) * columns
    for (const { seen, next, size } of repeats) {
      let same = later < rows.length ? 1 : 0
      for (let c = 0; same === 1 && c < size; c++) if (bits[at + next + c] !== bits[later + seen + c]) same = 0
      isRepeated[r++] = same
      for (let c = 0; same === 0 && c < size; c++) others.push(rows[at + next + c]!)
    }
  }
  return { isByte, bytes, numbers, isRepeated, others: Float32Array.from(others) }
}

/** The rows that were packed. @throws RangeError where they are of other columns */
export function unpackRows(saved: Saved, packing: RowPacking): Float32Array {
  const { columns, stride, repeats } = packing
  const { isByte, bytes, numbers, isRepeated, others } = saved as unknown as Packed
  const own = ownColumns(packing)
  if (isByte.length !== own.length) {
    throw new RangeError(`segments: expected rows with ${own.length} columns of their own, got ${isByte.length}`)
  }
  const count = own.length === 0 ? 0 : (bytes.length + numbers.length) / own.length
  const rows = new Float32Array(count * columns)
  let [b, n, r, o] = [0, 0, 0, 0]
  for (let row = 0; row < count; row++) {
    own.forEach((column, i) => {
      rows[row * columns + column] = isByte[i] === 1 ? bytes[b++]! : numbers[n++]!
    })
  }
  for (let row = 0; row < count; row++) {
    for (const { seen, next, size } of repeats) {
      const to = row * columns + next
      const later = (row + stride) * columns + seen
      if (isRepeated[r++] === 1) rows.copyWithin(to, later, later + size)
      else for (let c = 0; c < size; c++) rows[to + c] = others[o++]!
    }
  }
  return rows
}

const minusZero = -2147483648

/** Those that repeat nothing. */
function ownColumns({ columns, repeats }: RowPacking): number[] {
  const isNext = new Uint8Array(columns)
  for (const { next, size } of repeats) isNext.fill(1, next, next + size)
  return [...isNext.keys()].filter(column => isNext[column] === 0)
}
