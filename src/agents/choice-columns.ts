// The columns of a choice, among network outputs and among actions: softmax, one-hot, copies from one to the other.
import type { Columns } from '../nn/backend.ts'
import type { Matrix } from '../types.ts'

export interface ChoiceLayout {
  /** Its columns among the outputs. */
  readonly columns: Columns
  /** Its columns among the actions. */
  readonly actions: Columns
  /** Whether its actions must be one-hot. */
  readonly hard: boolean
}

/** Writes a choice into the actions: as it was drawn, or the one-hot of each row's largest. */
export function executeChoice(from: Matrix, { columns, actions, hard }: ChoiceLayout, to: Matrix): void {
  if (!hard) {
    copyColumns(from, columns, to, actions)
    return
  }
  const size = columns.to - columns.from
  for (let row = 0; row < from.rows; row++) {
    const source = row * from.columns + columns.from
    const target = row * to.columns + actions.from
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

/** Row-wise softmax of a choice's logits, into the columns of its actions. */
export function softmax(logits: Matrix, { columns, actions }: ChoiceLayout, to: Matrix): void {
  const size = columns.to - columns.from
  for (let row = 0; row < logits.rows; row++) {
    const read = row * logits.columns + columns.from
    const write = row * to.columns + actions.from
    let largest = -Infinity
    for (let c = 0; c < size; c++) largest = Math.max(largest, logits.data[read + c]!)
    let sum = 0
    for (let c = 0; c < size; c++) sum += to.data[write + c] = Math.exp(logits.data[read + c]! - largest)
    for (let c = 0; c < size; c++) to.data[write + c]! /= sum
  }
}
