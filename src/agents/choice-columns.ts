// The columns of a choice, among network outputs and among actions: the one-hot of the largest, copies from one to the other.
import type { Columns } from '../nn/backend.ts'
import type { Matrix } from '../types.ts'
import type { Place } from './distribution.ts'

/** The columns of a part among the outputs. */
export function outputColumns({ output, size }: Place): Columns {
  return { from: output, to: output + size }
}

/** The columns of a part among the actions. */
export function actionColumns({ action, size }: Place): Columns {
  return { from: action, to: action + size }
}

/** Writes a choice into the actions: the one-hot of each row's largest output. */
export function executeOneHot(from: Matrix, { output, action, size }: Place, to: Matrix): void {
  for (let row = 0; row < from.rows; row++) {
    const source = row * from.columns + output
    const target = row * to.columns + action
    let largest = 0
    for (let c = 1; c < size; c++) if (from.data[source + c]! > from.data[source + largest]!) largest = c
    for (let c = 0; c < size; c++) to.data[target + c] = c === largest ? 1 : 0
  }
}

/** Columns into as many columns of another matrix with as many rows. */
export function copyColumns(from: Matrix, source: Columns, to: Matrix, target: Columns): void {
  const size = source.to - source.from
  for (let row = 0; row < from.rows; row++) {
    const read = row * from.columns + source.from
    const write = row * to.columns + target.from
    for (let c = 0; c < size; c++) to.data[write + c] = from.data[read + c]!
  }
}
