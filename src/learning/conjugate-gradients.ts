// Conjugate gradients, one product at a time, so that they can be cut and saved between any two (Hestenes and Stiefel 1952).

/** The state of solving A x = b for x, A symmetric and positive definite. It consists of arrays, so that it can be saved between two products. */
export interface ConjugateGradients {
  /** [n] x so far. */
  readonly solution: Float64Array
  /** [n] b - A x */
  readonly residual: Float64Array
  /** [n] What A is to be multiplied with next. */
  readonly direction: Float64Array
  /** Products so far, and the square of the residual's norm. */
  readonly solving: Float64Array
}

/** Of a system in n unknowns, not begun. */
export function conjugateGradients(n: number): ConjugateGradients {
  const [solution, residual, direction] = [n, n, n].map(length => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return { solution, residual, direction, solving: new Float64Array(2) }
}

/** Begins at x = 0. */
export function beginConjugateGradients(state: ConjugateGradients, b: ArrayLike<number>): void {
  state.solution.fill(0)
  state.residual.set(b)
  state.direction.set(b)
  state.solving.set([0, dot(b, b)])
}

/**
 * Takes in `product` = A direction, all sums in double precision. Whether to go on: not after so many products, nor where the square of the
 * residual's norm is below the tolerance, nor along a direction in which A does not curve upwards, which is left out.
 */
export function advanceConjugateGradients(
  { solution, residual, direction, solving }: ConjugateGradients,
  product: ArrayLike<number>,
  { products, tolerance }: { readonly products: number; readonly tolerance: number },
): boolean {
  solving[0]!++
  const square = solving[1]!
  const curvature = dot(direction, product)
  if (!(curvature > 0)) return false
  const step = square / curvature
  for (let i = 0; i < solution.length; i++) {
    solution[i]! += step * direction[i]!
    residual[i]! -= step * product[i]!
  }
  const next = dot(residual, residual)
  solving[1] = next
  for (let i = 0; i < direction.length; i++) direction[i] = residual[i]! + (next / square) * direction[i]!
  return solving[0]! < products && next >= tolerance
}

/** In double precision. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
