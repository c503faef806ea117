// The normal distribution of a box before it is squashed: entropy, its gradient, and how far one is from another.
import type { Matrix } from '../types.ts'
import { logDeviationRange, type SquashedPart } from './squashed-gaussian.ts'

/** to[row] += the differential entropy, sum of logDeviation + log(2 pi e) / 2 over the part's numbers; log deviations are clamped. */
export function gaussianEntropy(outputs: Matrix, { output, size }: SquashedPart, to: Float32Array): void {
  const constant = Math.log(2 * Math.PI * Math.E) / 2
  for (let row = 0; row < outputs.rows; row++) {
    const at = row * outputs.columns + output + size
    for (let i = 0; i < size; i++) to[row]! += clamped(outputs.data[at + i]!) + constant
  }
}

/** to[row, columns of the part] = scale[row] times the gradient of the entropy: 0 at means, 1 at log deviations (0 where clamped). */
export function gaussianEntropyGradient(
  outputs: Matrix,
  { output, size }: SquashedPart,
  scale: ArrayLike<number>,
  to: Matrix,
): void {
  for (let row = 0; row < outputs.rows; row++) {
    const at = row * outputs.columns + output
    for (let i = 0; i < size; i++) {
      const logDeviation = outputs.data[at + size + i]!
      to.data[at + i] = 0
      to.data[at + size + i] = logDeviation === clamped(logDeviation) ? scale[row]! : 0
    }
  }
}

/**
 * to[row] += KL(a || b) = log(sigma_b / sigma_a) + (sigma_a^2 + (mu_a - mu_b)^2) / (2 sigma_b^2) - 1/2, summed over the part's numbers
 * (Kullback and Leibler 1951). Squashing both alike does not change it.
 */
export function gaussianDivergence(a: Matrix, b: Matrix, { output, size }: SquashedPart, to: Float32Array): void {
  for (let row = 0; row < a.rows; row++) {
    for (let i = 0; i < size; i++) {
      const [meanA, meanB] = [a.data[row * a.columns + output + i]!, b.data[row * b.columns + output + i]!]
      const logA = clamped(a.data[row * a.columns + output + size + i]!)
      const logB = clamped(b.data[row * b.columns + output + size + i]!)
      const squares = Math.exp(2 * logA) + (meanA - meanB) ** 2
      to[row]! += logB - logA + squares / (2 * Math.exp(2 * logB)) - 0.5
    }
  }
}

function clamped(logDeviation: number): number {
  return Math.min(logDeviationRange.high, Math.max(logDeviationRange.low, logDeviation))
}
