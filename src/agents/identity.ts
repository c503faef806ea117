// Agents with shared parameters may be told apart by their number: a one-hot beside what the networks see.
import type { Backend } from '../nn/backend.ts'
import { keepWritten } from '../nn/workspace.ts'
import type { Matrix } from '../types.ts'

/** An agent's place in the group whose networks it shares. */
export interface Identity {
  /** Its number within the group, 0 ... members - 1. */
  readonly position: number
  readonly members: number
}

/** Who is told apart from nobody: an agent with networks of its own, or one of a group that is not to be told apart. */
export const alone: Identity = { position: 0, members: 1 }

/** Columns that the one-hot takes; an agent alone needs none. */
export function identityColumns({ members }: Identity): number {
  return members > 1 ? members : 0
}

/**
 * Puts the one-hot behind the columns of a matrix: [rows, n] -> [rows, n + members]. What it returns is overwritten by its next call
 * with as many rows; an agent alone gets the matrix back as it is.
 */
export function createIdentification(backend: Backend, identity: Identity): (matrix: Matrix) => Matrix {
  const columns = identityColumns(identity)
  if (columns === 0) return matrix => matrix
  const buffers = new Map<number, Matrix>()
  return matrix => {
    let wide = buffers.get(matrix.rows)
    if (wide === undefined) {
      wide = backend.matrix(matrix.rows, matrix.columns + columns)
      buffers.set(matrix.rows, wide)
    }
    const room = wide
    keepWritten(room, identity, () => writeIdentity(room, matrix.columns, identity))
    backend.copyColumns(matrix, room, 0)
    return room
  }
}

/** The same, as a copy. */
export function withIdentity(matrix: Matrix, identity: Identity = alone): Matrix {
  const columns = matrix.columns + identityColumns(identity)
  const data = new Float32Array(matrix.rows * columns)
  for (let row = 0; row < matrix.rows; row++) {
    data.set(matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns), row * columns)
  }
  const wide = { rows: matrix.rows, columns, data }
  if (columns > matrix.columns) writeIdentity(wide, matrix.columns, identity)
  return wide
}

/** Writes the one-hot into the columns from `column` on, in every row. */
export function writeIdentity({ rows, columns, data }: Matrix, column: number, { position, members }: Identity): void {
  for (let row = 0, at = column; row < rows; row++, at += columns) {
    data.fill(0, at, at + members)
    data[at + position] = 1
  }
}
