// Matrices in the backend's memory, and the movement of rows and columns between them.
import type { Matrix } from '../../types.ts'
import { type Blocks, copyBlocks, type GatherPiece, type MatrixStore } from '../matrix.ts'
import { checkCount, checkData, checkMatrix, checkReach } from '../shapes.ts'
import { Area, type SimdMemory } from './memory.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Rows that a thread takes at a time. */
const gatherRows = 64
const copyRows = 128

export function createStore(memory: SimdMemory, pool: ThreadPool): MatrixStore {
  const tableArea = new Area(memory)
  const indexArea = new Area(memory)
  const staging = new Area(memory)
  const pieceArea = new Area(memory)

  const gatherAll = (blocks: readonly Matrix[], indices: Uint32Array, pieces: readonly GatherPiece[]) => {
    memory.checkAlive()
    const block = checkBlocks(memory, blocks)
    for (const { column, to } of pieces) checkPiece(memory, indices.length, column, to)
    const table = memory.words(tableArea.at(4 * blocks.length), blocks.length)
    for (let b = 0; b < blocks.length; b++) table[b] = blocks[b]!.data.byteOffset
    const rows = memory.words(indexArea.at(4 * indices.length), indices.length)
    rows.set(indices)
    const list = memory.words(pieceArea.at(12 * pieces.length), 3 * pieces.length)
    let [first, end] = [block.columns, 0]
    pieces.forEach(({ column, to }, i) => {
      list[3 * i] = 4 * column
      list[3 * i + 1] = 4 * to.columns
      list[3 * i + 2] = to.data.byteOffset
      first = Math.min(first, column)
      end = Math.max(end, column + to.columns)
    })
    checkIndices(indices, blocks.length, block, end)
    const { words } = pool
    words[8] = table.byteOffset
    words[9] = 31 - Math.clz32(block.rows)
    words[10] = 4 * block.columns
    words[11] = rows.byteOffset
    words[12] = list.byteOffset
    words[13] = pieces.length
    words[14] = 4 * first
    words[15] = 4 * end
    pool.run('gather', indices.length, gatherRows, 0, indices.length * (30 + 2 * (end - first)))
  }

  const store: MatrixStore = {
    matrix(rows, columns) {
      checkCount('matrix: rows', rows, 0)
      checkCount('matrix: columns', columns, 0)
      const length = rows * columns
      return { rows, columns, data: memory.floats(memory.allocate(4 * length), length) }
    },

    gather: (blocks, indices, column, to) => gatherAll(blocks, indices, [{ column, to }]),
    gatherAll,

    copyBlocks(blocks, to, column) {
      memory.checkAlive()
      const { from, places, size, behind } = blocks
      if (!memory.owns(to) || !memory.ownsNumbers(from)) return copyBlocks(blocks, to, column)
      checkPlaces(blocks)
      checkMatrix('copyBlocks: to', to, to.columns, places.length)
      checkCount('copyBlocks: column', column, 0)
      if (column + size > to.columns) {
        throw new RangeError(
          `copyBlocks: columns ${column} ... ${column + size - 1} wanted of ${to.columns} (columns of to)`,
        )
      }
      const list = indexArea.at(4 * places.length)
      memory.integers(list, places.length).set(places)
      const { words, floats } = pool
      words[8] = from.byteOffset
      words[9] = list
      words[10] = 4 * size
      words[11] = to.data.byteOffset + 4 * column
      words[12] = 4 * to.columns
      floats[13] = behind
      pool.run('copyBlocks', places.length, copyRows, 0, places.length * (5 + size / 2))
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

    joinColumns(parts, to, column) {
      memory.checkAlive()
      checkCount('joinColumns: column', column, 0)
      checkData('joinColumns: to', to)
      let columns = 0
      for (const part of parts) {
        checkMatrix('joinColumns: every part', part, part.columns, to.rows)
        columns += part.columns
      }
      if (column + columns > to.columns) {
        throw new RangeError(
          `joinColumns: columns ${column} ... ${column + columns - 1} wanted of ${to.columns} (columns of to)`,
        )
      }
      if (!memory.owns(to) || !parts.every(part => memory.owns(part))) {
        for (let i = 0, at = column; i < parts.length; at += parts[i++]!.columns) store.copyColumns(parts[i]!, to, at)
        return
      }
      const list = memory.words(pieceArea.at(20 * parts.length), 5 * parts.length)
      let target = to.data.byteOffset + 4 * column
      parts.forEach((part, i) => {
        const bytes = 4 * part.columns
        list.set([part.data.byteOffset, bytes, target, 4 * to.columns, bytes], 5 * i)
        target += bytes
      })
      const { words } = pool
      words[8] = list.byteOffset
      words[9] = parts.length
      pool.run('copyColumns', to.rows, copyRows, 0, (to.rows * columns) / 4)
    },
  }
  return store
}

/** @throws TypeError or RangeError when these columns of so many rows cannot go there. */
function checkPiece(memory: SimdMemory, rows: number, column: number, to: Matrix): void {
  checkCount('gather: column', column, 0)
  checkMatrix('gather: to', to, to.columns, rows)
  if (!memory.owns(to)) throw new TypeError('gather: to must be a matrix of this backend')
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
function checkIndices(
  indices: Uint32Array,
  blocks: number,
  block: { readonly rows: number; readonly columns: number },
  end: number,
): void {
  const rows = blocks * block.rows
  let largest = 0
  for (let i = 0; i < indices.length; i++) if (indices[i]! > largest) largest = indices[i]!
  if (largest >= rows) throw new RangeError(`gather: indices must be below ${rows} (rows of the table), got ${largest}`)
  if (end > block.columns) checkReach(indices, block, end)
}

/** The same for blocks. */
function checkPlaces({ from, places, size }: Blocks): void {
  let largest = -1
  for (let i = 0; i < places.length; i++) if (places[i]! > largest) largest = places[i]!
  if (largest + size > from.length && largest >= 0)
    throw new RangeError(`copyBlocks: ${size} numbers from ${largest} on wanted of ${from.length}`)
}

/** In JavaScript, for a target that the kernels cannot reach. */
function copyOutside(from: Matrix, to: Matrix, column: number): void {
  for (let r = 0; r < from.rows; r++) {
    for (let c = 0; c < from.columns; c++) {
      to.data[r * to.columns + column + c] = from.data[r * from.columns + c]!
    }
  }
}
