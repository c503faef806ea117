// Rows as they are saved: each transition by itself, with what was seen next, in the order in which they came.
import type { Saved, SavedRows } from '../types.ts'
import type { RowLayout } from './row-layout.ts'

/** Numbers of a piece, about. */
const pieceNumbers = 2 ** 18

/** Rows `first` ... `end` - 1. `at`: the numbers among which a row lies, and where it begins in them. */
export function savedRows(
  { saved }: RowLayout,
  { first, end, capacity }: Pick<SavedRows, 'first' | 'end' | 'capacity'>,
  at: (row: number) => readonly [Float32Array, number],
): SavedRows {
  const { columns, runs } = saved
  const pieceRows = Math.max(1, Math.floor(pieceNumbers / columns))
  const pieceFrom = (from: number) => {
    const piece = new Float32Array(Math.min(pieceRows, end - from) * columns)
    for (let offset = 0, row = from; offset < piece.length; offset += columns, row++) {
      const [data, begin] = at(row)
      for (const { saved, column, size } of runs) {
        for (let c = 0; c < size; c++) piece[offset + saved + c] = data[begin + column + c]!
      }
    }
    return piece
  }
  const pieces: Float32Array[] = []
  for (let from = first, i = 0; from < end; from += pieceRows, i++) {
    Object.defineProperty(pieces, i, { enumerable: true, get: () => pieceFrom(from) })
  }
  return { first, end, columns, capacity, pieces, pieceRows }
}

/** Whether a row begins with what a saved one saw, bit by bit. */
export function holdsSight(
  { saved, seen }: RowLayout,
  words: Int32Array,
  row: number,
  piece: Int32Array,
  begin: number,
): boolean {
  for (const { saved: from, column, size } of saved.runs) {
    if (column >= seen) continue
    for (let c = 0; c < size; c++) if (words[row + column + c] !== piece[begin + from + c]) return false
  }
  return true
}

/** Earlier versions saved a ring in blocks of 16,384 rows, slot 0 first. */
interface EarlierState {
  readonly rows: SavedRows
  readonly inserted: number
  readonly blocks: readonly Float32Array[]
}

const earlierBlockRows = 1 << 14

/** The rows of a saved ring, of this version or an earlier one. @throws RangeError for blocks of another length */
export function savedRowsOf(saved: Saved, capacity: number, columns: number): SavedRows {
  const { rows, inserted = 0, blocks = [] } = saved as unknown as Partial<EarlierState>
  if (rows !== undefined) return rows
  const kept = Math.min(inserted, capacity)
  blocks.forEach((data, index) => {
    const expected = Math.min(earlierBlockRows, kept - index * earlierBlockRows) * columns
    if (data.length === expected) return
    throw new RangeError(`replay: expected ${expected} numbers in block ${index}, got ${data.length}: other settings`)
  })
  const pieces = earlierPieces(blocks, capacity, columns, inserted - kept, inserted)
  return { first: inserted - kept, end: inserted, columns, capacity, pieces }
}

/** Where rows `from` ... `to` - 1 lie in a ring of such blocks, in order. */
function* earlierPieces(
  blocks: readonly Float32Array[],
  capacity: number,
  columns: number,
  from: number,
  to: number,
): Generator<Float32Array> {
  for (let row = from; row < to; ) {
    const slot = row % capacity
    const within = slot % earlierBlockRows
    const count = Math.min(to - row, capacity - slot, earlierBlockRows - within)
    yield blocks[Math.floor(slot / earlierBlockRows)]!.subarray(within * columns, (within + count) * columns)
    row += count
  }
}
