// The softmax of a row of logits in JavaScript, safe against overflow: what choices, critics over atoms and the Gumbel-softmax share.
import { exp, log } from '../elementary.ts'

/**
 * to[target + j] = exp(from[at + j] - the largest of them), j < size; gives their sum before rounding, at least 1: divided by it they
 * are the softmax. Where `mask` is 0 (at `masked + j`) the number is 0 and does not count. `from` and `to` may be one array.
 */
export function exponentials(
  from: ArrayLike<number>,
  at: number,
  size: number,
  to: Float32Array | Float64Array,
  target: number,
  mask?: ArrayLike<number>,
  masked = 0,
): number {
  const largest = largestOf(from, at, size, mask, masked)
  let sum = 0
  for (let j = 0; j < size; j++) {
    if (mask !== undefined && mask[masked + j] === 0) to[target + j] = 0
    else sum += to[target + j] = exp(from[at + j]! - largest)
  }
  return sum
}

/** log sum_j exp(from[at + j]), j < size, without those where `mask` is 0. */
export function logSumExp(
  from: ArrayLike<number>,
  at: number,
  size: number,
  mask?: ArrayLike<number>,
  masked = 0,
): number {
  const largest = largestOf(from, at, size, mask, masked)
  let sum = 0
  for (let j = 0; j < size; j++) {
    if (mask === undefined || mask[masked + j] !== 0) sum += exp(from[at + j]! - largest)
  }
  return largest + log(sum)
}

/** The largest of from[at + j], j < size, without those where `mask` is 0; -Infinity where there are none. */
export function largestOf(
  from: ArrayLike<number>,
  at: number,
  size: number,
  mask?: ArrayLike<number>,
  masked = 0,
): number {
  let largest = -Infinity
  for (let j = 0; j < size; j++) {
    if (from[at + j]! > largest && (mask === undefined || mask[masked + j] !== 0)) largest = from[at + j]!
  }
  return largest
}
