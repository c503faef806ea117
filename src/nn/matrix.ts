// Where matrices live, and how rows and columns move between them without touching JavaScript numbers one by one.
import type { Matrix } from '../types.ts'

/** Neighbouring columns of a table, and the matrix that they go to. */
export interface GatherPiece {
  readonly column: number
  readonly to: Matrix
}

/** Blocks of neighbouring numbers, wherever in an array each begins. */
export interface Blocks {
  readonly from: Float32Array
  /** Where they begin; below 0: nowhere. */
  readonly places: Int32Array
  /** Numbers of each. */
  readonly size: number
  /** What stands in one that begins nowhere. */
  readonly behind: number
}

export interface MatrixStore {
  /**
   * A new matrix of zeros, kept until the store is disposed.
   * @throws RangeError when the memory that the store can address is used up; the message states bytes wanted, used and the limit.
   */
  matrix(rows: number, columns: number): Matrix
  /**
   * Copies row indices[i] of a table, columns [column, column + to.columns), into row i of `to`.
   * The table is cut into blocks of equal size: row r is row r % blockRows of blocks[floor(r / blockRows)]; blockRows is a power of two.
   * A piece may reach on into the rows after, within the block. Blocks and `to` must come from this store.
   */
  gather(blocks: readonly Matrix[], indices: Uint32Array, column: number, to: Matrix): void
  /** `gather` of several pieces of the same rows at once: each `to` from its `column` on. */
  gatherAll(blocks: readonly Matrix[], indices: Uint32Array, pieces: readonly GatherPiece[]): void
  /** Copies block i into row i of `to`, from `column` on: by whatever is fastest where the numbers lie in this store, and from and to anywhere else. */
  copyBlocks(blocks: Blocks, to: Matrix, column: number): void
  /** Copies all of `from` into columns [column, column + from.columns) of `to`, row by row. Rows must agree. */
  copyColumns(from: Matrix, to: Matrix, column: number): void
  /** `copyColumns` of several matrices at once, side by side from `column` on. */
  joinColumns(parts: readonly Matrix[], to: Matrix, column: number): void
}

/** `copyBlocks` in JavaScript. @throws RangeError for a block that is not all there */
export function copyBlocks({ from, places, size, behind }: Blocks, { columns, data }: Matrix, column: number): void {
  for (let i = 0, at = column; i < places.length; i++, at += columns) {
    const begin = places[i]!
    if (begin < 0) data.fill(behind, at, at + size)
    else for (let c = 0; c < size; c++) data[at + c] = from[begin + c]!
  }
}
