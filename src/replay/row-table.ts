// The memory of rows, block by block: in the store of the batches that are drawn, or in one apart, from which they are copied.
import type { GatherPiece, MatrixStore } from '../nn/matrix.ts'
import type { Matrix } from '../types.ts'

/** Places count numbers, through all blocks. */
export interface RowTable {
  /** Sees to it that so many blocks are there. */
  grow(blocks: number): void
  /** The numbers of the block in which a place lies, and where in them it is. */
  dataOf(place: number): Float32Array
  /** The same memory as words. */
  wordsOf(place: number): Int32Array
  offsetOf(place: number): number
  /** Copies, from each of these places on, what each piece wants into a row of its matrix. */
  gather(places: Uint32Array, pieces: readonly GatherPiece[]): void
}

/** `block`: numbers of a block, a power of two. `store` is where batches lie, `apart` where rows lie; default: there too. */
export function createRowTable(store: MatrixStore, block: number, apart: MatrixStore = store): RowTable {
  const blocks: Matrix[] = []
  const words: Int32Array[] = []
  const shift = Math.log2(block)
  /** Matrices of the rows' own store that stand in for those of batches. */
  const standIns = new Map<Matrix, Matrix>()
  const standIn = (to: Matrix) => {
    const found = standIns.get(to) ?? apart.matrix(to.rows, to.columns)
    standIns.set(to, found)
    return found
  }
  return {
    grow(count) {
      // As a table of one column, so that a row may begin at any number.
      while (blocks.length < count) {
        const matrix = apart.matrix(block, 1)
        blocks.push(matrix)
        words.push(new Int32Array(matrix.data.buffer, matrix.data.byteOffset, block))
      }
    },
    dataOf: place => blocks[place >>> shift]!.data,
    wordsOf: place => words[place >>> shift]!,
    offsetOf: place => place & (block - 1),
    gather(places, pieces) {
      if (apart === store) return store.gatherAll(blocks, places, pieces)
      apart.gatherAll(
        blocks,
        places,
        pieces.map(({ column, to }) => ({ column, to: standIn(to) })),
      )
      for (const { to } of pieces) to.data.set(standIns.get(to)!.data)
    },
  }
}
