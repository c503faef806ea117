// The contract of one part of an action's distribution: a choice or a box, read from columns of a network's outputs.
import type { Evaluated, EvaluatedGradient } from '../../nn/choices.ts'
import type { NoiseKey } from '../../random.ts'
import type { Matrix } from '../../types.ts'

export type { Evaluated, EvaluatedGradient } from '../../nn/choices.ts'

/** Where a part stands: the columns at which its numbers begin, among the network's outputs and in an action row. */
export interface Place {
  readonly output: number
  readonly action: number
  /** Numbers in an action row: the alternatives of a choice, the numbers of a box. */
  readonly size: number
}

/** What was done. */
export interface Taken {
  /** [rows, action size] */
  readonly actions: Matrix
  /** [rows, action size] What was drawn before it was clipped or squashed into an action; absent: taken back from the actions. */
  readonly drawn?: Matrix
}

/**
 * The distribution of one part, given outputs [rows, outputs]. Methods that write a number per row add to it, so that parts side by side
 * sum to the whole action; methods that write a matrix set the columns of the part. A gradient comes times scale[row]. `mask`
 * [rows, action size] is 0 at alternatives that are not allowed: they have probability 0 and gradient 0; boxes do not look at it.
 * Entropies, divergences and log-probabilities are in nats.
 */
export interface PartDistribution {
  /** A choice executed as a one-hot, one executed as probabilities, or a box. */
  readonly kind: 'choice' | 'softChoice' | 'box'
  readonly place: Place
  /** Outputs that it reads, from `place.output` on. */
  readonly outputs: number
  /** Whether an action tells less than what was drawn, so that learning needs `drawn`. */
  readonly needsDrawn: boolean
  /** Actions, and what was drawn, a function of the noise key and the elements row * outputs.columns + column alone. */
  sample(outputs: Matrix, noise: NoiseKey, to: Taken, mask?: Matrix): void
  /** The best guess. */
  mode(outputs: Matrix, to: Matrix, mask?: Matrix): void
  /** Probabilities of alternatives; of a box a number that stands for it, within the bounds. */
  mean(outputs: Matrix, to: Matrix, mask?: Matrix): void
  /** to[row] += log p(action). */
  logProbability(outputs: Matrix, taken: Taken, to: Float32Array, mask?: Matrix): void
  /** Its gradient at the outputs, the action held fixed (the score function: Williams 1992). */
  logProbabilityGradient(outputs: Matrix, taken: Taken, scale: ArrayLike<number>, to: Matrix, mask?: Matrix): void
  /** to[row] += H. */
  entropy(outputs: Matrix, to: Float32Array, mask?: Matrix): void
  entropyGradient(outputs: Matrix, scale: ArrayLike<number>, to: Matrix, mask?: Matrix): void
  /** to[row] += KL(a || b) (Kullback and Leibler 1951), for outputs a and b. */
  divergence(a: Matrix, b: Matrix, to: Float32Array, mask?: Matrix): void
  /** The gradient of KL(a || b) at the outputs b. */
  divergenceGradient(a: Matrix, b: Matrix, scale: ArrayLike<number>, to: Matrix, mask?: Matrix): void
  /** The gradient of KL(a || b) at the outputs a. */
  divergenceGradientOfFirst(a: Matrix, b: Matrix, scale: ArrayLike<number>, to: Matrix, mask?: Matrix): void
  /** to = H tangent, row by row: H the Fisher matrix with respect to the outputs, the second derivative of KL(outputs || b) at b = outputs. */
  fisher(outputs: Matrix, tangent: Matrix, to: Matrix, mask?: Matrix): void
  /** log p(action), H and their gradient at once; absent: one by one is as fast. */
  evaluate?(outputs: Matrix, taken: Taken, to: Evaluated, mask?: Matrix): EvaluatedGradient
  /** Where samples can be differentiated along their path; absent: they cannot. */
  readonly path?: SamplePath
}

/** A sample as a differentiable function of the outputs, its noise held fixed (Kingma and Welling 2014). */
export interface SamplePath {
  /** The actions, and in the columns of the outputs of `slopes` the derivative of each action by its output. */
  sample(outputs: Matrix, noise: NoiseKey, actions: Matrix, slopes: Matrix): void
  /** to = the gradient at the outputs, from that at the actions of the sample that the slopes belong to. */
  gradient(slopes: Matrix, gradient: Matrix, to: Matrix): void
  /** to[row] += -log density of the sample of this key, the box taken as -1 ... 1: its mean is the entropy of the action. */
  surprisal(outputs: Matrix, noise: NoiseKey, to: Float32Array): void
  /** The gradient of the surprisal at the outputs times scale[row], along the path of the sample. */
  surprisalGradient(outputs: Matrix, noise: NoiseKey, scale: ArrayLike<number>, to: Matrix): void
}

/** Visits the rows of a part: the index of its first number among the outputs, and in a row of another matrix. */
export function eachRow(
  { output, action }: Place,
  outputs: Matrix,
  other: Pick<Matrix, 'columns'>,
  visit: (row: number, at: number, action: number) => void,
): void {
  for (let row = 0; row < outputs.rows; row++) visit(row, row * outputs.columns + output, row * other.columns + action)
}

/** The index of the part's first number in a row of a mask; 0 without one. */
export function maskStart({ action }: Place, mask: Matrix | undefined, row: number): number {
  return mask === undefined ? 0 : row * mask.columns + action
}
