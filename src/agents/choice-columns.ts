// The columns of a choice, among network outputs and among actions: the one-hot of the largest, copies, what is not allowed.
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

/** Writes a choice into the actions: the one-hot of each row's largest output, of those that `mask` [rows, actions] allows. */
export function executeOneHot(from: Matrix, { output, action, size }: Place, to: Matrix, mask?: Matrix): void {
  for (let row = 0; row < from.rows; row++) {
    const source = row * from.columns + output
    const target = row * to.columns + action
    let largest = mask === undefined ? 0 : firstAllowed(mask, row, action, size)
    for (let c = largest + 1; c < size; c++) {
      if (mask !== undefined && mask.data[row * mask.columns + action + c] === 0) continue
      if (from.data[source + c]! > from.data[source + largest]!) largest = c
    }
    for (let c = 0; c < size; c++) to.data[target + c] = c === largest ? 1 : 0
  }
}

/**
 * The first alternative that a row of a mask allows, of the choice whose columns among the actions begin at `action`.
 * @throws RangeError where it allows none.
 */
export function firstAllowed({ columns, data }: Matrix, row: number, action: number, size: number): number {
  const from = row * columns + action
  for (let c = 0; c < size; c++) if (data[from + c] !== 0) return c
  throw new RangeError(
    `action mask: expected an alternative that is allowed in row ${row}, columns ${action} ... ${action + size - 1}; got none`,
  )
}

/** Copies outputs, but with a logit of -Infinity, whose probability is 0, at every alternative of these choices that is not allowed. */
export function allowedLogits(outputs: Matrix, mask: Matrix, choices: readonly Place[], to: Matrix): void {
  to.data.set(outputs.data)
  for (const place of choices) {
    for (let row = 0; row < to.rows; row++) firstAllowed(mask, row, place.action, place.size)
    setForbidden(to, mask, place, -Infinity)
  }
}

/** Sets the columns of a choice among the outputs to a number wherever the alternative is not allowed. */
export function setForbidden(outputs: Matrix, mask: Matrix, { output, action, size }: Place, value: number): void {
  for (let row = 0; row < outputs.rows; row++) {
    const from = row * mask.columns + action
    const target = row * outputs.columns + output
    for (let c = 0; c < size; c++) if (mask.data[from + c] === 0) outputs.data[target + c] = value
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
