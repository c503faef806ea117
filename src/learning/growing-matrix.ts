// A matrix of a backend that is asked for with different numbers of rows.
import type { Backend } from '../nn/backend.ts'
import type { Matrix } from '../types.ts'

/** Gives [rows, columns] within one block of memory that grows with the largest; what stood there before is not kept. */
export function growingMatrix(backend: Pick<Backend, 'matrix'>, columns: number): (rows: number) => Matrix {
  let whole = backend.matrix(0, columns)
  let latest = whole
  return rows => {
    if (rows > whole.rows) whole = backend.matrix(Math.max(rows, 2 * whole.rows), columns)
    if (
      latest.rows !== rows ||
      latest.data.buffer !== whole.data.buffer ||
      latest.data.byteOffset !== whole.data.byteOffset
    ) {
      latest = { rows, columns, data: whole.data.subarray(0, rows * columns) }
    }
    return latest
  }
}
