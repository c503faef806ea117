// Choices among alternatives over many rows at once: what a backend may do of a distribution with the rows of logits. In JavaScript:
// agents/distributions/choice.ts.
import type { Matrix } from '../types.ts'

/** Where a choice stands: its first logit in a row of outputs, its first number in a row of actions and of a mask, and its alternatives. */
export interface ChoicePlace {
  readonly output: number
  readonly action: number
  readonly size: number
}

/** [rows] each: log p(action) and H, to which parts of an action add theirs. */
export interface Evaluated {
  readonly logProbability: Float32Array
  readonly entropy: Float32Array
}

/**
 * Sets the columns of a part in `to` to the gradient of the sum over rows of scale log p(action) + entropyScale H (null: without the second) at
 * the outputs. It holds as long as these, the actions and the mask stay as they are, and until the next evaluation.
 */
export type EvaluatedGradient = (scale: ArrayLike<number>, entropyScale: ArrayLike<number> | null, to: Matrix) => void

/**
 * p = softmax of the logits, over the alternatives whose mask is not 0: adds log p of what was done, a one-hot, and the entropy of p to `to`, as
 * double precision has them. Zeros, what an agent did that was absent, have log-probability 0.
 * @throws RangeError where something was done that is no one-hot
 */
export type ChoiceEvaluation = (outputs: Matrix, actions: Matrix, to: Evaluated, mask?: Matrix) => EvaluatedGradient

/** The alternative that a one-hot stands for, its first number at `at`; -1 for zeros. @throws RangeError for anything else, naming the row */
export function alternativeAt({ data }: Matrix, at: number, size: number, row: number): number {
  let chosen = -1
  let sum = 0
  for (let j = 0; j < size; j++) {
    if (data[at + j] === 0) continue
    sum += data[at + j] === 1 ? 1 : 2
    chosen = j
  }
  if (sum <= 1) return chosen
  throw new RangeError(
    `choice: the action of row ${row} must be one-hot, got (${data.slice(at, at + size).join(', ')})`,
  )
}
