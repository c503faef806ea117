// Matrices in the backend's memory, and the movement of rows and columns between them.
import type { Matrix } from '../../types.ts'
import type { MatrixStore } from '../matrix.ts'
import { Area, type SimdMemory } from './memory.ts'
import { checkCount, checkData, checkMatrix } from './shapes.ts'

export function createStore(memory: SimdMemory): MatrixStore {
  const tableArea = new Area(memory)
  const indexArea = new Area(memory)
  const staging = new Area(memory)
  return {
    matrix(rows, columns) {
      checkCount('matrix: rows', rows, 0)
      checkCount('matrix: columns', columns, 0)
      const length = rows * columns
      return { rows, columns, data: memory.floats(memory.allocate(4 * length), length) }
    },

    gather(blocks, indices, column, to) {
      const { kernels } = memory
      const block = checkBlocks(memory, blocks)
      checkCount('gather: column', column, 0)
      checkMatrix('gather: to', to, to.columns, indices.length)
      if (column + to.columns > block.columns) {
        throw new RangeError(
          `gather: columns ${column} ... ${column + to.columns - 1} wanted of ${block.columns} (columns of the table)`,
        )
      }
      if (!memory.owns(to)) throw new TypeError('gather: to must be a matrix of this backend')
      checkIndices(indices, blocks.length * block.rows)
      const table = memory.words(tableArea.at(4 * blocks.length), blocks.length)
      for (let b = 0; b < blocks.length; b++) table[b] = blocks[b]!.data.byteOffset
      const words = memory.words(indexArea.at(4 * indices.length), indices.length)
      words.set(indices)
      kernels.gatherRows(
        table.byteOffset,
        31 - Math.clz32(block.rows),
        4 * block.columns,
        4 * column,
        words.byteOffset,
        indices.length,
        to.data.byteOffset,
        4 * to.columns,
      )
    },

    copyColumns(from, to, column) {
      const { kernels } = memory
      checkData('copyColumns: from', from)
      checkMatrix('copyColumns: to', to, to.columns, from.rows)
      checkCount('copyColumns: column', column, 0)
      if (column + from.columns > to.columns) {
        throw new RangeError(
          `copyColumns: columns ${column} ... ${column + from.columns - 1} wanted of ${to.columns} (columns of to)`,
        )
      }
      if (!memory.owns(to)) return copyOutside(from, to, column)
      let source = from.data.byteOffset
      if (!memory.owns(from)) {
        source = staging.at(4 * from.data.length)
        memory.floats(source, from.data.length).set(from.data)
      }
      const bytes = 4 * from.columns
      kernels.copyRows(source, bytes, to.data.byteOffset + 4 * column, 4 * to.columns, from.rows, bytes)
    },
  }
}

/** The shape of every block. @throws TypeError or RangeError when they do not make a table. */
function checkBlocks(memory: SimdMemory, blocks: readonly Matrix[]): { rows: number; columns: number } {
  const first = blocks[0]
  if (first === undefined) throw new RangeError('gather: blocks must hold at least one block, got none')
  const { rows, columns } = first
  if (rows < 1 || (rows & (rows - 1)) !== 0) {
    throw new RangeError(`gather: rows of a block must be a power of two, got ${rows}`)
  }
  for (const block of blocks) {
    if (block.rows !== rows || block.columns !== columns) checkMatrix('gather: every block', block, columns, rows)
    if (!memory.owns(block)) throw new TypeError('gather: blocks must be matrices of this backend')
  }
  return { rows, columns }
}

/** Reading past a table would give another matrix's numbers, silently: so every index is looked at. */
function checkIndices(indices: Uint32Array, rows: number): void {
  let largest = 0
  for (let i = 0; i < indices.length; i++) if (indices[i]! > largest) largest = indices[i]!
  if (largest >= rows) throw new RangeError(`gather: indices must be below ${rows} (rows of the table), got ${largest}`)
}

/** In JavaScript, for a target that the kernels cannot reach. */
function copyOutside(from: Matrix, to: Matrix, column: number): void {
  for (let r = 0; r < from.rows; r++) {
    for (let c = 0; c < from.columns; c++) {
      to.data[r * to.columns + column + c] = from.data[r * from.columns + c]!
    }
  }
}
