// How well outputs explain the actions that were seen: the loss of inferred policies, and how far these are from the true ones.
import { copyColumns, outputColumns } from '../agents/choice-columns.ts'
import { createDistribution } from '../agents/distribution.ts'
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
    entropyWeight: number,
    mask?: Matrix,
  ): { readonly loss: number; readonly gradient: Matrix }
  /**
   * Mean KL(outputs || truth) over the rows where `present` is 1, in nats: of softmax(logits), and of the normal distributions before
   * they are squashed. A deterministic box has no density and does not count; null where nothing does.
   */
  divergence(outputs: Matrix, truth: Matrix, present: Float32Array, mask?: Matrix): number | null
}
// `mask` [rows, action size] is 0 at alternatives that were not allowed; default: all were.

/**
 * The likelihood of the actions of a space. Choices count as soft ones: those of a one-hot, and the zeros of an agent that was absent,
 * are on the boundary of what these may be. `temperature`: that of the samples that are seen.
 */
export function createLikelihood(
  backend: Pick<Backend, 'matrix'>,
  space: ActionSpace,
  rows: number,
  temperature: () => number,
): Likelihood {
  const seen = space.map(part => (part.kind === 'choice' ? { ...part, soft: true } : part))
  const distribution = createDistribution(seen, { temperature })
  const withoutChance = createDistribution(seen, { boxes: 'squashedMean' })
  const choices = distribution.parts.filter(({ kind }) => kind !== 'box')
  const gradient = backend.matrix(rows, distribution.outputs)
  const ofEntropy = backend.matrix(rows, distribution.outputs)
  /** What a truth without chance says of its choices, in the columns of the outputs. */
  const aligned = backend.matrix(rows, distribution.outputs)
  const sums = new Float32Array(rows)
  const scale = new Float32Array(rows)

  /** The sum over the rows that count. */
  const total = (present: Float32Array) => {
    let sum = 0
    for (let row = 0; row < rows; row++) if (present[row] === 1) sum += sums[row]!
    return sum
  }

  return {
    loss(outputs, actions, present, entropyWeight, mask) {
      for (let row = 0; row < rows; row++) scale[row] = -present[row]! / rows
      distribution.logProbability(outputs, { actions }, sums, mask)
      const logLikelihood = total(present)
      distribution.entropy(outputs, sums, mask)
      const entropy = total(present)
      distribution.logProbabilityGradient(outputs, { actions }, scale, gradient, mask)
      distribution.entropyGradient(outputs, scale, ofEntropy, mask)
      for (let i = 0; i < gradient.data.length; i++) gradient.data[i]! += entropyWeight * ofEntropy.data[i]!
      return { loss: -(logLikelihood + entropyWeight * entropy) / rows, gradient }
    },
    divergence(outputs, truth, present, mask) {
      const count = present.reduce((sum, x) => sum + x, 0)
      if (count === 0) return null
      if (truth.columns === distribution.outputs) {
        distribution.divergence(outputs, truth, sums, mask)
        return total(present) / count
      }
      if (choices.length === 0) return null
      sums.fill(0)
      distribution.parts.forEach((part, i) => {
        if (part.kind === 'box') return
        copyColumns(truth, outputColumns(withoutChance.parts[i]!.place), aligned, outputColumns(part.place))
        part.divergence(outputs, aligned, sums, mask)
      })
      return total(present) / count
    },
  }
}
