// Mean and deviation over some rows, and numbers brought to 0 and 1 by them.
import { square } from '../elementary.ts'

/** Mean and standard deviation of some numbers. */
export interface Moments {
  readonly mean: number
  /** The standard deviation, of the rows as a whole: divided by their number. */
  readonly deviation: number
}

/**
 * Of the values at these rows, in double precision; zeros where there are none. `weights` [values]: how much each counts; default: all the
 * same.
 * @example
 * ```ts
 * import { momentsOf, standardised } from 'marlstrom'
 *
 * const rows = Uint32Array.of(0, 2)
 * console.log(momentsOf([1, 100, 3], rows)) // { mean: 2, deviation: 1 }
 * console.log([...standardised([1, 100, 3], rows, undefined, 0)]) // [ -1, 0, 1 ]
 * ```
 */
export function momentsOf(values: ArrayLike<number>, rows: Uint32Array, weights?: ArrayLike<number>): Moments {
  let [sum, count] = [0, 0]
  for (const row of rows) {
    const weight = weights?.[row] ?? 1
    sum += weight * values[row]!
    count += weight
  }
  if (count === 0) return { mean: 0, deviation: 0 }
  const mean = sum / count
  let squares = 0
  for (const row of rows) squares += (weights?.[row] ?? 1) * square(values[row]! - mean)
  return { mean, deviation: Math.sqrt(squares / count) }
}

/**
 * (x - mean) / (deviation + epsilon) at these rows, 0 elsewhere; a copy. `epsilon` as in on-policy's r_mappo.py. `weights` as of `momentsOf`.
 * @see {@link momentsOf} for an example
 */
export function standardised(
  values: ArrayLike<number>,
  rows: Uint32Array,
  weights?: ArrayLike<number>,
  epsilon = 1e-5,
): Float64Array {
  const { mean, deviation } = momentsOf(values, rows, weights)
  const result = new Float64Array(values.length)
  for (const row of rows) result[row] = (values[row]! - mean) / (deviation + epsilon)
  return result
}

/**
 * 1 - Var(targets - values) / Var(targets) at these rows: 1, values say it all; 0, no more than a constant would, also where targets are all the same.
 * @example
 * ```ts
 * import { explainedVariance } from 'marlstrom'
 *
 * console.log(explainedVariance([1, 2, 3], [1, 2, 3], Uint32Array.of(0, 1, 2))) // 1
 * ```
 */
export function explainedVariance(values: ArrayLike<number>, targets: ArrayLike<number>, rows: Uint32Array): number {
  const errors = new Float64Array(values.length)
  for (const row of rows) errors[row] = targets[row]! - values[row]!
  const { deviation } = momentsOf(targets, rows)
  return deviation > 0 ? 1 - square(momentsOf(errors, rows).deviation / deviation) : 0
}
