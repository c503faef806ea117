// The distribution of a whole action, part beside part: what every method that needs more than a sample asks.
import type { Backend } from '../nn/backend.ts'
import { type ActionSpace, actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import { beta } from './distributions/beta.ts'
import { choice } from './distributions/choice.ts'
import { clippedGaussian } from './distributions/clipped-gaussian.ts'
import { evaluateApart } from './distributions/evaluate-apart.ts'
import type { Evaluated, EvaluatedGradient, PartDistribution, Place, Taken } from './distributions/part.ts'
import { softChoice } from './distributions/soft-choice.ts'
import { squashedGaussian } from './distributions/squashed-gaussian.ts'
import { squashedMean } from './distributions/squashed-mean.ts'

export type { PartDistribution, Place, Taken } from './distributions/part.ts'

/** How boxes are drawn; see the files in `distributions`. */
export type BoxKind = 'squashedGaussian' | 'squashedMean' | 'clippedGaussian' | 'beta'

export interface DistributionConfig {
  /** Default: squashedGaussian. */
  readonly boxes?: BoxKind
  /** Temperature of the Concrete distribution of soft choices; a function where it changes. Default: 1. */
  readonly temperature?: number | (() => number)
  /** What evaluates choices (Backend.choiceEvaluation). Default: JavaScript. */
  readonly choiceEvaluation?: Backend['choiceEvaluation']
}

/**
 * Independent parts given the outputs [rows, outputs]; an action row [rows, actions] has them side by side. A method that writes a number
 * per row sets it to the sum over the parts; one that writes a matrix sets all of its columns. A gradient comes times scale[row].
 * `mask` [rows, actions] is 0 at alternatives that are not allowed: they have probability 0 and gradient 0. All in nats; gradients are at
 * the outputs.
 */
export interface Distribution extends Omit<PartDistribution, 'kind' | 'place' | 'path' | 'evaluate'> {
  /** In the order of the space. */
  readonly parts: readonly PartDistribution[]
  /** Numbers in an action row. */
  readonly actions: number
  /** log p(action), H and their gradient: what they have in common is computed once. */
  evaluate(outputs: Matrix, taken: Taken, to: Evaluated, mask?: Matrix): EvaluatedGradient
}

/** The distribution over the actions of a space: choices are soft where the space says so. */
export function createDistribution(space: ActionSpace, config: DistributionConfig = {}): Distribution {
  return productOf(partsOf(space, config), actionSize(space))
}

/** Parts side by side, over action rows of so many numbers. */
export function productOf(parts: readonly PartDistribution[], actions: number): Distribution {
  const sum = (to: Float32Array, rows: number, add: (part: PartDistribution) => void) => {
    to.fill(0, 0, rows)
    for (const part of parts) add(part)
  }
  return {
    parts,
    outputs: parts.reduce((sum, part) => sum + part.outputs, 0),
    actions,
    needsDrawn: parts.some(part => part.needsDrawn),
    evaluate(outputs, taken, to, mask) {
      to.logProbability.fill(0, 0, outputs.rows)
      to.entropy.fill(0, 0, outputs.rows)
      const gradients = parts.map(part => (part.evaluate ?? evaluateApart(part))(outputs, taken, to, mask))
      return (scale, entropyScale, at) => {
        for (const gradient of gradients) gradient(scale, entropyScale, at)
      }
    },
    sample(outputs, noise, to, mask) {
      for (const part of parts) part.sample(outputs, noise, to, mask)
    },
    mode(outputs, to, mask) {
      for (const part of parts) part.mode(outputs, to, mask)
    },
    mean(outputs, to, mask) {
      for (const part of parts) part.mean(outputs, to, mask)
    },
    logProbability: (outputs, taken, to, mask) =>
      sum(to, outputs.rows, part => part.logProbability(outputs, taken, to, mask)),
    logProbabilityGradient(outputs, taken, scale, to, mask) {
      for (const part of parts) part.logProbabilityGradient(outputs, taken, scale, to, mask)
    },
    entropy: (outputs, to, mask) => sum(to, outputs.rows, part => part.entropy(outputs, to, mask)),
    entropyGradient(outputs, scale, to, mask) {
      for (const part of parts) part.entropyGradient(outputs, scale, to, mask)
    },
    divergence: (a, b, to, mask) => sum(to, a.rows, part => part.divergence(a, b, to, mask)),
    divergenceGradient(a, b, scale, to, mask) {
      for (const part of parts) part.divergenceGradient(a, b, scale, to, mask)
    },
    divergenceGradientOfFirst(a, b, scale, to, mask) {
      for (const part of parts) part.divergenceGradientOfFirst(a, b, scale, to, mask)
    },
    fisher(outputs, tangent, to, mask) {
      for (const part of parts) part.fisher(outputs, tangent, to, mask)
    },
  }
}

function partsOf(
  space: ActionSpace,
  { boxes = 'squashedGaussian', temperature = 1, choiceEvaluation }: DistributionConfig,
): PartDistribution[] {
  const temperatureNow = typeof temperature === 'number' ? () => temperature : temperature
  let [output, action] = [0, 0]
  return space.map(part => {
    const place: Place = { output, action, size: part.size }
    const made =
      part.kind === 'box'
        ? boxKinds[boxes](place, part)
        : part.soft
          ? softChoice(place, temperatureNow)
          : choice(place, choiceEvaluation?.(place))
    output += made.outputs
    action += part.size
    return made
  })
}

const boxKinds = { squashedGaussian, squashedMean, clippedGaussian, beta } as const
