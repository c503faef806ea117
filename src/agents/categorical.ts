// The categorical distribution that logits describe, p = softmax(logits): log-probability and entropy, their gradients; divergence.
// Plain loops: a choice is a handful of logits per row, and no measured hot path runs through here.
import type { Columns } from '../nn/backend.ts'
import type { Matrix } from '../types.ts'

/**
 * to[row] += log p_k = l_k - log sum_j exp(l_j) over the columns, k = chosen[row] counted from the first of them: parts side by side
 * add up to the whole. The largest logit is taken out first (log-sum-exp), so that no logit is too large.
 * @throws RangeError for a chosen alternative that is none.
 */
export function categoricalLogProbability(
  logits: Matrix,
  columns: Columns,
  chosen: ArrayLike<number>,
  to: Float32Array,
): void {
  eachRow(logits, columns, (row, at, size, logSum) => {
    to[row]! += logits.data[at + alternative(chosen, row, size)]! - logSum
  })
}

/**
 * to[row, columns] = scale[row] times the gradient of the log-probability at the logits: [j = k] - p_j (the score function: Williams 1992).
 * @throws RangeError for a chosen alternative that is none.
 */
export function categoricalLogProbabilityGradient(
  logits: Matrix,
  columns: Columns,
  chosen: ArrayLike<number>,
  scale: ArrayLike<number>,
  to: Matrix,
): void {
  eachRow(logits, columns, (row, at, size, logSum) => {
    const k = alternative(chosen, row, size)
    for (let j = 0; j < size; j++) {
      to.data[at + j] = scale[row]! * ((j === k ? 1 : 0) - Math.exp(logits.data[at + j]! - logSum))
    }
  })
}

/** to[row] += H = -sum_j p_j log p_j in nats (Shannon 1948) over the columns; alternatives of probability 0 add nothing. */
export function categoricalEntropy(logits: Matrix, columns: Columns, to: Float32Array): void {
  eachRow(logits, columns, (row, at, size, logSum) => {
    to[row]! += entropyOf(logits, at, size, logSum)
  })
}

/** to[row, columns] = scale[row] times the gradient of the entropy at the logits: -p_j (log p_j + H). */
export function categoricalEntropyGradient(
  logits: Matrix,
  columns: Columns,
  scale: ArrayLike<number>,
  to: Matrix,
): void {
  eachRow(logits, columns, (row, at, size, logSum) => {
    const entropy = entropyOf(logits, at, size, logSum)
    for (let j = 0; j < size; j++) {
      const logP = logits.data[at + j]! - logSum
      const p = Math.exp(logP)
      to.data[at + j] = p === 0 ? 0 : -scale[row]! * p * (logP + entropy)
    }
  })
}

/** to[row] += KL(a || b) = sum_j p_j (log p_j - log q_j) in nats (Kullback and Leibler 1951), p and q those of columns of two matrices. */
export function categoricalDivergence(
  a: Matrix,
  columns: Columns,
  b: Matrix,
  columnsOfB: Columns,
  to: Float32Array,
): void {
  const logSums = new Float64Array(b.rows)
  eachRow(b, columnsOfB, (row, _, __, logSum) => {
    logSums[row] = logSum
  })
  eachRow(a, columns, (row, at, size, logSum) => {
    const other = row * b.columns + columnsOfB.from
    for (let j = 0; j < size; j++) {
      const logP = a.data[at + j]! - logSum
      const p = Math.exp(logP)
      if (p !== 0) to[row]! += p * (logP - (b.data[other + j]! - logSums[row]!))
    }
  })
}

function entropyOf(logits: Matrix, at: number, size: number, logSum: number): number {
  let entropy = 0
  for (let j = 0; j < size; j++) {
    const logP = logits.data[at + j]! - logSum
    const p = Math.exp(logP)
    if (p !== 0) entropy -= p * logP
  }
  return entropy
}

/** Visits every row: the index of its first logit, how many there are, and log sum exp of them. */
function eachRow(
  logits: Matrix,
  { from, to }: Columns,
  visit: (row: number, at: number, size: number, logSum: number) => void,
): void {
  for (let row = 0; row < logits.rows; row++) {
    const at = row * logits.columns + from
    const size = to - from
    let largest = -Infinity
    for (let j = 0; j < size; j++) largest = Math.max(largest, logits.data[at + j]!)
    let sum = 0
    for (let j = 0; j < size; j++) sum += Math.exp(logits.data[at + j]! - largest)
    visit(row, at, size, largest + Math.log(sum))
  }
}

function alternative(chosen: ArrayLike<number>, row: number, size: number): number {
  const k = chosen[row]!
  if (Number.isInteger(k) && k >= 0 && k < size) return k
  throw new RangeError(`categorical: alternative of row ${row} must be one of 0 ... ${size - 1}, got ${k}`)
}
