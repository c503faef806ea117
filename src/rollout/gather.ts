// Blocks of numbers gathered out of the log of a rollout into rows of a matrix. A function of the file's own, not a closure of each
// trajectory: engines compile it once, not once per round.
import type { Matrix } from '../types.ts'

/** Where the block of a row stands. */
export interface GatherFrom {
  readonly log: Float32Array
  /** By row of the trajectory, the place in the log; below 0: nowhere. */
  readonly starts: Int32Array
  /** By member, the first column of the block behind that place. */
  readonly columns: Int32Array
  /** Numbers of a block. */
  readonly size: number
  /** row = step * sequences + member * lanes + lane */
  readonly sequences: number
  readonly lanes: number
  /** What rows get that stand nowhere. */
  readonly behind: number
}

/** Copies the block of each of some rows into the columns of `to` from `column` on, row by row. */
export function gather(from: GatherFrom, rows: Uint32Array, to: Matrix, column: number): void {
  const { log, starts, columns, size, sequences, lanes, behind } = from
  const { data } = to
  const isOne = columns.every(each => each === columns[0])
  let first = columns[0]!
  for (let i = 0, at = column; i < rows.length; i++, at += to.columns) {
    const row = rows[i]!
    const start = starts[row]!
    if (start < 0) {
      data.fill(behind, at, at + size)
      continue
    }
    if (!isOne) first = columns[Math.floor((row % sequences) / lanes)]!
    const begin = start + first
    for (let c = 0; c < size; c++) data[at + c] = log[begin + c]!
  }
}
