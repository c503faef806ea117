// Mean and deviation over some rows, and numbers brought to 0 and 1 by them.
import { square } from '../elementary.ts'

export interface Moments {
  readonly mean: number
  /** The standard deviation, of the rows as a whole: divided by their number. */
  readonly deviation: number
}

/** Of the values at these rows, in double precision; zeros where there are none. */
export function momentsOf(values: ArrayLike<number>, rows: Uint32Array): Moments {
  if (rows.length === 0) return { mean: 0, deviation: 0 }
  let sum = 0
  for (const row of rows) sum += values[row]!
  const mean = sum / rows.length
  let squares = 0
  for (const row of rows) squares += square(values[row]! - mean)
  return { mean, deviation: Math.sqrt(squares / rows.length) }
}

/** (x - mean) / (deviation + epsilon) at these rows, 0 elsewhere; a copy. `epsilon` as in on-policy's r_mappo.py. */
export function standardised(values: ArrayLike<number>, rows: Uint32Array, epsilon = 1e-5): Float64Array {
  const { mean, deviation } = momentsOf(values, rows)
  const result = new Float64Array(values.length)
  for (const row of rows) result[row] = (values[row]! - mean) / (deviation + epsilon)
  return result
}

/** 1 - Var(targets - values) / Var(targets) at these rows: 1, values say it all; 0, no more than a constant would, also where targets are all the same. */
export function explainedVariance(values: ArrayLike<number>, targets: ArrayLike<number>, rows: Uint32Array): number {
  const errors = new Float64Array(values.length)
  for (const row of rows) errors[row] = targets[row]! - values[row]!
  const { deviation } = momentsOf(targets, rows)
  return deviation > 0 ? 1 - square(momentsOf(errors, rows).deviation / deviation) : 0
}
