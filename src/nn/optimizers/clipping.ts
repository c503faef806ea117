// Gradient clipping: before every step gradients are checked to be finite and scaled down where their norm is too large.
import { NonFiniteError } from '../../errors.ts'
import type { OptimizerBasics } from '../backend.ts'

/**
 * Writes what to multiply each tensor's gradient with, from the sums of squares of the tensors (in double precision, which squares of
 * float32 numbers cannot overflow).
 * @throws NonFiniteError naming the first tensor whose sum is not finite.
 */
export function clipScales(
  names: readonly string[],
  squares: ArrayLike<number>,
  { clip, clipBy = 'tensor' }: Pick<OptimizerBasics, 'clip' | 'clipBy'>,
  to: Float64Array,
): void {
  let all = 0
  for (let i = 0; i < names.length; i++) {
    if (!Number.isFinite(squares[i])) {
      throw new NonFiniteError(`optimizer: the gradient of ${names[i]} is not finite; nothing was changed`, {
        tensor: names[i]!,
      })
    }
    all += squares[i]!
  }
  for (let i = 0; i < names.length; i++) {
    const norm = Math.sqrt(clipBy === 'network' ? all : squares[i]!)
    to[i] = clip !== null && norm > clip ? clip / norm : 1
  }
}
