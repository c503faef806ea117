// Matrices on JavaScript's own heap, and the movement of rows and columns between them.
import type { Matrix } from '../../types.ts'
import { copyBlocks, type MatrixStore } from '../matrix.ts'
import { checkCount, checkData, checkMatrix, checkReach } from '../shapes.ts'

export interface HeapStore extends MatrixStore {
  /** Refuses every later call. */
  close(): void
}

export function createHeapStore(): HeapStore {
  const own = new WeakSet<Float32Array>()
  let used = 0
  let closed = false

  const allocate = (length: number) => {
    try {
      return new Float32Array(length)
    } catch {
      throw new RangeError(
        `matrix: ${4 * length} bytes wanted with ${used} in use; one array holds at most what Node's heap limits allow`,
      )
    }
  }

  const store: HeapStore = {
    matrix(rows, columns) {
      if (closed) throw new Error('matrix: the backend was disposed')
      checkCount('matrix: rows', rows, 0)
      checkCount('matrix: columns', columns, 0)
      const data = allocate(rows * columns)
      used += data.byteLength
      own.add(data)
      return { rows, columns, data }
    },

    gather(blocks, indices, column, to) {
      if (closed) throw new Error('gather: the backend was disposed')
      const block = checkBlocks(blocks, own)
      checkCount('gather: column', column, 0)
      checkMatrix('gather: to', to, to.columns, indices.length)
      if (!own.has(to.data)) throw new TypeError('gather: to must be a matrix of this backend')
      checkIndices(indices, blocks.length * block.rows)
      if (column + to.columns > block.columns) checkReach(indices, block, column + to.columns)
      const shift = 31 - Math.clz32(block.rows)
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i]!
        const from = (index & (block.rows - 1)) * block.columns + column
        const { data } = blocks[index >>> shift]!
        for (let c = 0, at = i * to.columns; c < to.columns; c++) to.data[at + c] = data[from + c]!
      }
    },

    copyBlocks,

    copyColumns(from, to, column) {
      checkData('copyColumns: from', from)
      checkMatrix('copyColumns: to', to, to.columns, from.rows)
      checkCount('copyColumns: column', column, 0)
      if (column + from.columns > to.columns) {
        throw new RangeError(
          `copyColumns: columns ${column} ... ${column + from.columns - 1} wanted of ${to.columns} (columns of to)`,
        )
      }
      for (let r = 0; r < from.rows; r++) {
        const at = r * to.columns + column
        for (let c = 0; c < from.columns; c++) to.data[at + c] = from.data[r * from.columns + c]!
      }
    },

    gatherAll(blocks, indices, pieces) {
      for (const { column, to } of pieces) store.gather(blocks, indices, column, to)
    },

    joinColumns(parts, to, column) {
      for (let i = 0, at = column; i < parts.length; at += parts[i++]!.columns) store.copyColumns(parts[i]!, to, at)
    },

    close() {
      closed = true
    },
  }
  return store
}

/** The shape of every block. @throws TypeError or RangeError when they do not make a table. */
function checkBlocks(
  blocks: readonly Matrix[],
  own: { has(data: Float32Array): boolean },
): { rows: number; columns: number } {
  const first = blocks[0]
  if (first === undefined) throw new RangeError('gather: blocks must hold at least one block, got none')
  const { rows, columns } = first
  if (rows < 1 || (rows & (rows - 1)) !== 0)
    throw new RangeError(`gather: rows of a block must be a power of two, got ${rows}`)
  for (const block of blocks) {
    checkMatrix('gather: every block', block, columns, rows)
    if (!own.has(block.data)) throw new TypeError('gather: blocks must be matrices of this backend')
  }
  return { rows, columns }
}

function checkIndices(indices: Uint32Array, rows: number): void {
  let largest = 0
  for (let i = 0; i < indices.length; i++) if (indices[i]! > largest) largest = indices[i]!
  if (largest >= rows) throw new RangeError(`gather: indices must be below ${rows} (rows of the table), got ${largest}`)
}
