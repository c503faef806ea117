// Distributions over atoms, values from low to high: what a backend does with the rows of logits of a critic that learns them. In JavaScript
// here, for matrices wherever they are; the simd backend gives the same numbers to the bit.
import { log } from '../elementary.ts'
import type { Matrix } from '../types.ts'
import { exponentials } from './softmax.ts'

/** `atoms` values, evenly from low to high. */
export interface Atoms {
  readonly atoms: number
  readonly low: number
  readonly high: number
}

/** p is the softmax of the logits in all that follows. What is returned is overwritten by the next call of the same method. */
export interface AtomPasses {
  /** `projectReturns` of p; gives the mass outside, [rows]. */
  project(logits: Matrix, returns: Returns, support: Atoms, to: Matrix): Float64Array
  /** gradient = scale (p - aimed); gives sum aimed log(aimed / p), [rows]. */
  crossEntropy(logits: Matrix, aimed: Matrix, scales: Float64Array, gradient: Matrix): Float64Array
  /** gradient = scale p (z - mean), z the values of the atoms; gives the mean sum p z, [rows]. */
  expectation(logits: Matrix, support: Atoms, scales: Float64Array, gradient: Matrix): Float64Array
}

/** What the returns of atoms become: reward + discount z. */
export interface Returns {
  readonly rewards: ArrayLike<number> // [rows]
  readonly discounts: ArrayLike<number> // [rows]
}

/** The value of an atom. */
export function atomOf({ atoms, low, high }: Atoms, atom: number): number {
  return low + ((high - low) * atom) / (atoms - 1)
}

export function valuesOf(support: Atoms): Float64Array {
  return Float64Array.from({ length: support.atoms }, (_, atom) => atomOf(support, atom))
}

/** to = softmax of each row of logits. */
export function softmaxRows({ rows, columns, data }: Matrix, to: Matrix): void {
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    const scale = 1 / exponentials(data, at, columns, to.data, at)
    for (let i = at; i < at + columns; i++) to.data[i]! *= scale
  }
}

/**
 * to[row] = the distribution of reward + discount z, z distributed by probabilities[row], each value's mass shared between the two atoms
 * that it lies between, the nearer one getting more (Bellemare et al. 2017, Algorithm 1): the mean stays. What lies outside goes to
 * the nearest end; gives how much that is, [rows].
 */
export function projectReturns(
  probabilities: Matrix, // [rows, atoms]
  { rewards, discounts }: Returns,
  support: Atoms,
  to: Matrix, // [rows, atoms]
): Float64Array {
  const { atoms, low, high } = support
  const { rows, data } = probabilities
  const perValue = (atoms - 1) / (high - low)
  const outside = new Float64Array(rows)
  const mass = new Float64Array(atoms)
  const values = valuesOf(support)
  for (let row = 0, at = 0; row < rows; row++, at += atoms) {
    mass.fill(0)
    for (let atom = 0; atom < atoms; atom++) {
      const p = data[at + atom]!
      const place = (rewards[row]! + discounts[row]! * values[atom]! - low) * perValue
      // A value an atom's rounding beyond the end is at the end.
      if (place < -1e-9 || place > atoms - 1 + 1e-9) outside[row]! += p
      const within = Math.min(atoms - 1, Math.max(0, place))
      const below = Math.min(atoms - 2, Math.floor(within))
      mass[below]! += p * (1 - within + below)
      mass[below + 1]! += p * (within - below)
    }
    to.data.set(mass, at)
  }
  return outside
}

/** The passes in JavaScript. */
export function heapAtoms(): AtomPasses {
  let probabilities: Matrix = { rows: 0, columns: 0, data: new Float32Array(0) }
  const softmax = (logits: Matrix) => {
    if (probabilities.data.length !== logits.data.length)
      probabilities = { ...logits, data: new Float32Array(logits.data.length) }
    softmaxRows(logits, probabilities)
    return probabilities.data
  }
  return {
    project(logits, returns, support, to) {
      const data = softmax(logits)
      return projectReturns({ ...logits, data }, returns, support, to)
    },
    crossEntropy(logits, aimed, scales, gradient) {
      const { rows, columns } = logits
      const data = softmax(logits)
      const divergences = new Float64Array(rows)
      for (let row = 0, at = 0; row < rows; row++, at += columns) {
        for (let i = at; i < at + columns; i++) {
          const [p, m] = [data[i]!, aimed.data[i]!]
          gradient.data[i] = scales[row]! * (p - m)
          // A probability that underflowed has no logarithm; its gradient needs none.
          if (m !== 0) divergences[row]! += m * log(m / Math.max(p, smallest))
        }
      }
      return divergences
    },
    expectation(logits, support, scales, gradient) {
      const { rows, columns } = logits
      const data = softmax(logits)
      const values = valuesOf(support)
      const means = new Float64Array(rows)
      for (let row = 0, at = 0; row < rows; row++, at += columns) {
        for (let atom = 0; atom < columns; atom++) means[row]! += data[at + atom]! * values[atom]!
        for (let atom = 0; atom < columns; atom++)
          gradient.data[at + atom] = scales[row]! * data[at + atom]! * (values[atom]! - means[row]!)
      }
      return means
    },
  }
}

/** The smallest normal float32 number. */
const smallest = 2 ** -126
