// How gradients pass through a choice: a soft sample, or a one-hot with one of three stand-ins for the gradient that it lacks.

import { exp, log, pow } from '../elementary.ts'
import type { Backend } from '../nn/backend.ts'
import { exponentials, largestOf } from '../nn/softmax.ts'
import { derivedKey, type NoiseKey, noiseUniform } from '../random.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import { actionColumns, copyColumns, executeOneHot, outputColumns } from './choice-columns.ts'
import type { PartDistribution } from './distribution.ts'

/**
 * soft: the Gumbel-softmax sample is the action where soft actions are legal, elsewhere its one-hot is (as the reference does).
 * The others execute one-hots everywhere: straightThrough with the gradient of the soft sample (Jang et al. 2017), gumbelRao with
 * its mean over all soft samples of which the one-hot could have come (Paulus, Maddison and Krause 2021), gapped with that of a
 * perturbation without chance (Fan et al. 2022). In MADDPG: Tilbury, Christianos and Albrecht 2023 (arXiv 2302.11793).
 */
export type EstimatorKind = 'soft' | 'straightThrough' | 'gumbelRao' | 'gapped'

/**
 * One choice of a head; `drawn`, `gradient` and `to` are shaped like the network's outputs. Where `mask` does not allow an alternative its
 * output is -Infinity: then its soft numbers and its gradient are 0.
 */
export interface ChoiceEstimator {
  /** Draws the choice: its actions into `actions`, what `gradient` goes by into the choice's columns of `drawn`. */
  sample(outputs: Matrix, temperature: number, noise: NoiseKey, drawn: Matrix, actions: Matrix, mask?: Matrix): void
  /** Gradient at the logits, from that at the actions of the last sample, which stands in the columns of the logits. */
  gradient(drawn: Matrix, gradient: Matrix, to: Matrix): void
}

/** The space as it is played with an estimator: only soft samples make use of soft actions. */
export function playedSpace(space: ActionSpace, kind: EstimatorKind): ActionSpace {
  if (kind === 'soft') return space
  return space.map(part => (part.kind === 'choice' ? { ...part, soft: false } : part))
}

/** The estimator of one choice; `samples`: soft samples that gumbelRao takes the mean of. */
export function createEstimator(
  backend: Backend,
  choice: PartDistribution,
  kind: EstimatorKind,
  samples: number,
): ChoiceEstimator {
  const { size } = choice.place
  if (kind === 'gumbelRao') return gumbelMax(backend, choice, gumbelRao(size, samples))
  return kind === 'gapped' ? gumbelMax(backend, choice, gapped(size)) : gumbelSoftmax(backend, choice)
}

/** s = softmax((logits + g) / temperature), g standard Gumbel numbers: executed itself or as the one-hot of its largest. */
function gumbelSoftmax(backend: Backend, { kind, place }: PartDistribution): ChoiceEstimator {
  const columns = outputColumns(place)
  let drawnAt = 1
  return {
    sample(outputs, temperature, noise, drawn, actions, mask) {
      drawnAt = temperature
      backend.gumbelSoftmax(outputs, columns, temperature, noise, drawn)
      if (kind === 'choice') executeOneHot(drawn, place, actions, mask)
      else if (actions !== drawn) copyColumns(drawn, columns, actions, actionColumns(place))
    },
    gradient: (drawn, gradient, to) => backend.gumbelSoftmaxGradient(drawn, columns, drawnAt, gradient, to),
  }
}

/** What stands in for the gradient of a one-hot, in plain loops that allocate nothing per row. */
interface StandIn {
  /** Told before the rows of a batch. */
  begin(temperature: number, noise: NoiseKey): void
  /** Of one row, whose numbers begin at `at` in all arrays; `chosen` is counted from there. */
  row(logits: Float32Array, at: number, chosen: number, gradient: Float32Array, to: Float32Array): void
}

/** The one-hot of the largest of logits + g, and a stand-in for its gradient; most samples are never asked for theirs. */
function gumbelMax(backend: Backend, { place }: PartDistribution, standIn: StandIn): ChoiceEstimator {
  const columns = outputColumns(place)
  let last: { readonly temperature: number; readonly noise: NoiseKey }
  /** Of the last sample, [rows]. */
  let chosen = new Int32Array(0)
  return {
    sample(outputs, temperature, noise, drawn, actions, mask) {
      last = { temperature, noise }
      backend.gumbelSoftmax(outputs, columns, 1, noise, drawn)
      executeOneHot(drawn, place, actions, mask)
      if (chosen.length < actions.rows) chosen = new Int32Array(actions.rows)
      for (let row = 0; row < actions.rows; row++) {
        const at = row * actions.columns + place.action
        chosen[row] = actions.data.indexOf(1, at) - at
      }
      // The network may go forward again before the gradient is asked for.
      copyColumns(outputs, columns, drawn, columns)
    },
    gradient(drawn, gradient, to) {
      standIn.begin(last.temperature, last.noise)
      for (let row = 0; row < drawn.rows; row++) {
        standIn.row(drawn.data, row * drawn.columns + columns.from, chosen[row]!, gradient.data, to.data)
      }
    },
  }
}

/** How far the chosen logit is put above the others by the gapped estimator, as in the experiments of Fan et al. 2022. */
const gap = 1

/**
 * Gapped straight-through (Fan et al. 2022, perturbations m_1 + m_2): the gradient of softmax(theta / temperature) with theta of the
 * chosen one raised to the largest logit, and the others lowered to `gap` below it where they are above; no chance but that of the
 * one-hot.
 */
function gapped(size: number): StandIn {
  const soft = new Float64Array(size)
  let inverse = 1
  return {
    begin(temperature) {
      inverse = 1 / temperature
    },
    row(logits, at, chosen, gradient, to) {
      const largest = largestOf(logits, at, size)
      let sum = 0
      let mean = 0
      for (let c = 0; c < size; c++) {
        const weight = c === chosen ? 1 : exp(inverse * Math.min(logits[at + c]! - largest, -gap))
        soft[c] = weight
        sum += weight
        mean += weight * gradient[at + c]!
      }
      mean /= sum
      for (let c = 0; c < size; c++) to[at + c] = inverse * (soft[c]! / sum) * (gradient[at + c]! - mean)
    },
  }
}

/**
 * GR-MCK (Paulus, Maddison and Krause 2021): the mean of the straight-through gradient over `samples` draws of the Gumbel numbers given
 * the one-hot, the perturbed logits held fixed where the gradient is taken. Given that i was chosen they are -log(E_i / Z) and
 * -log(E_j / e^theta_j + E_i / Z), Z = sum_k e^theta_k, E_k standard exponential numbers (theirs, section 3.2), so their softmax at
 * temperature t is as 1 to (1 + E_j / (E_i p_j))^(-1/t): nothing can overflow. Draw k takes its numbers from `derivedKey(noise, k)`.
 */
function gumbelRao(size: number, samples: number): StandIn {
  const soft = new Float64Array(size)
  const total = new Float64Array(size)
  /** 1 / p of each alternative. */
  const rarity = new Float64Array(size)
  let keys: readonly NoiseKey[] = []
  let power = -1
  return {
    begin(temperature, noise) {
      keys = Array.from({ length: samples }, (_, k) => derivedKey(noise, k))
      power = -1 / temperature
    },
    row(logits, at, chosen, gradient, to) {
      const largest = largestOf(logits, at, size)
      const all = exponentials(logits, at, size, soft, 0)
      for (let c = 0; c < size; c++) rarity[c] = all * exp(largest - logits[at + c]!)
      total.fill(0)
      for (let k = 0; k < samples; k++) {
        const key = keys[k]!
        const first = exponential(key, at + chosen)
        let sum = 0
        let mean = 0
        for (let c = 0; c < size; c++) {
          const odds = c === chosen ? 1 : 1 + (exponential(key, at + c) / first) * rarity[c]!
          const weight = power === -1 ? 1 / odds : pow(odds, power)
          soft[c] = weight
          sum += weight
          mean += weight * gradient[at + c]!
        }
        mean /= sum
        for (let c = 0; c < size; c++) total[c]! += (soft[c]! / sum) * (gradient[at + c]! - mean)
      }
      for (let c = 0; c < size; c++) to[at + c] = (-power / samples) * total[c]!
    },
  }
}

function exponential(key: NoiseKey, element: number): number {
  return -log(noiseUniform(key, element))
}
