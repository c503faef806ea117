// How well outputs explain the actions that were seen: the loss of inferred policies, and how far these are from the true ones.
import { categoricalDivergence, categoricalEntropy, categoricalEntropyGradient } from '../agents/categorical.ts'
import { choiceLogLikelihood, choiceLogLikelihoodGradient } from '../agents/concrete.ts'
import { gaussianDivergence, gaussianEntropy, gaussianEntropyGradient } from '../agents/gaussian.ts'
import { layoutOf } from '../agents/head.ts'
import { squashedLogProbability, squashedLogProbabilityGradient } from '../agents/squashed-gaussian.ts'
import type { Backend } from '../nn/backend.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Matrix } from '../types.ts'

export interface Likelihood {
  /**
   * -mean(log-likelihood + entropyWeight * entropy) over the rows, to which rows where `present` is 0 add nothing, and its gradient at
   * the outputs, [rows, outputs], overwritten by the next call (Lowe et al. 2017, equation 7).
   */
  loss(
    outputs: Matrix,
    actions: Matrix,
    present: Float32Array,
    temperature: number,
    entropyWeight: number,
  ): { readonly loss: number; readonly gradient: Matrix }
  /**
   * Mean KL(outputs || truth) over the rows where `present` is 1, in nats: of softmax(logits), and of the normal distributions before
   * they are squashed. A deterministic box has no density and does not count; null where nothing does.
   */
  divergence(outputs: Matrix, truth: Matrix, present: Float32Array): number | null
}

/** The likelihood of the actions of a space, part by part: parts are independent given the observation, so they add up. */
export function createLikelihood(backend: Pick<Backend, 'matrix'>, space: ActionSpace, rows: number): Likelihood {
  const { choices, boxes, inputs } = layoutOf(space)
  const deterministic = layoutOf(space, 'deterministic')
  const gradient = backend.matrix(rows, inputs)
  const ofEntropy = backend.matrix(rows, inputs)
  const sums = new Float32Array(rows)
  const scale = new Float32Array(rows)

  /** The sum over the rows that count. */
  const total = (present: Float32Array) => {
    let sum = 0
    for (let row = 0; row < rows; row++) if (present[row] === 1) sum += sums[row]!
    return sum
  }

  return {
    loss(outputs, actions, present, temperature, entropyWeight) {
      for (let row = 0; row < rows; row++) scale[row] = -present[row]! / rows
      sums.fill(0)
      for (const choice of choices) {
        choiceLogLikelihood(outputs, choice, actions, temperature, sums)
        choiceLogLikelihoodGradient(outputs, choice, actions, temperature, scale, gradient)
        categoricalEntropyGradient(outputs, choice.columns, scale, ofEntropy)
      }
      for (const box of boxes) {
        squashedLogProbability(outputs, box, actions, sums)
        squashedLogProbabilityGradient(outputs, box, actions, scale, gradient)
        gaussianEntropyGradient(outputs, box, scale, ofEntropy)
      }
      const logLikelihood = total(present)
      sums.fill(0)
      for (const { columns } of choices) categoricalEntropy(outputs, columns, sums)
      for (const box of boxes) gaussianEntropy(outputs, box, sums)
      for (let i = 0; i < gradient.data.length; i++) gradient.data[i]! += entropyWeight * ofEntropy.data[i]!
      return { loss: -(logLikelihood + entropyWeight * total(present)) / rows, gradient }
    },
    divergence(outputs, truth, present) {
      const known = truth.columns === inputs ? { choices, boxes } : { choices: deterministic.choices, boxes: [] }
      const count = present.reduce((sum, x) => sum + x, 0)
      if (count === 0 || known.choices.length + known.boxes.length === 0) return null
      sums.fill(0)
      choices.forEach(({ columns }, i) => {
        categoricalDivergence(outputs, columns, truth, known.choices[i]!.columns, sums)
      })
      for (const box of known.boxes) gaussianDivergence(outputs, truth, box, sums)
      return total(present) / count
    },
  }
}
