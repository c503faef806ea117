// A choice among alternatives, executed as a one-hot: the categorical distribution p = softmax(logits).
// Plain loops: a choice is a handful of logits per row.

import { exp, log } from '../../elementary.ts'
import { alternativeAt, type ChoiceEvaluation } from '../../nn/choices.ts'
import { exponentials, largestOf, logSumExp } from '../../nn/softmax.ts'
import { type NoiseKey, noiseUniform } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import { eachRow, maskStart, type PartDistribution, type Place } from './part.ts'

/**
 * The categorical distribution of a one-hot. Zeros, the action of an agent that was absent, have log-probability 0; anything else that
 * is no one-hot is a RangeError. `evaluation`: the kernels' that evaluate it; default: JavaScript does.
 */
export function choice(place: Place, evaluation: ChoiceEvaluation = evaluationOf(place)): PartDistribution {
  return {
    kind: 'choice',
    place,
    outputs: place.size,
    needsDrawn: false,
    ...categorical(place),
    ...oneHot(place),
    evaluate: (outputs, { actions }, to, mask) => evaluation(outputs, actions, to, mask),
  }
}

type Divergences = 'divergence' | 'divergenceGradient' | 'divergenceGradientOfFirst'

/** What a choice has as a distribution over its alternatives, however it is executed. */
export function categorical(
  place: Place,
): Pick<PartDistribution, 'mean' | 'entropy' | 'entropyGradient' | Divergences | 'fisher'> {
  const { size } = place
  const logP = new Float64Array(size)
  const logQ = new Float64Array(size)

  /** Writes log p_j of a row, -Infinity where masked. */
  const logProbabilities = (outputs: Matrix, row: number, to: Float64Array, mask?: Matrix) => {
    const at = row * outputs.columns + place.output
    const allowed = maskStart(place, mask, row)
    const logSum = logSumExp(outputs.data, at, size, mask?.data, allowed)
    for (let j = 0; j < size; j++) {
      to[j] = mask === undefined || mask.data[allowed + j] !== 0 ? outputs.data[at + j]! - logSum : -Infinity
    }
  }
  /** H = -sum_j p_j log p_j (Shannon 1948); alternatives of probability 0 add nothing. */
  const entropyOfRow = () => {
    let entropy = 0
    for (let j = 0; j < size; j++) {
      const p = exp(logP[j]!)
      if (p !== 0) entropy -= p * logP[j]!
    }
    return entropy
  }

  return {
    mean(outputs, to, mask) {
      eachRow(place, outputs, to, (row, at, action) => {
        const sum = exponentials(outputs.data, at, size, to.data, action, mask?.data, maskStart(place, mask, row))
        for (let j = 0; j < size; j++) to.data[action + j]! /= sum
      })
    },
    entropy(outputs, to, mask) {
      for (let row = 0; row < outputs.rows; row++) {
        logProbabilities(outputs, row, logP, mask)
        to[row]! += entropyOfRow()
      }
    },
    // -p_j (log p_j + H)
    entropyGradient(outputs, scale, to, mask) {
      eachRow(place, outputs, to, (row, at) => {
        logProbabilities(outputs, row, logP, mask)
        const entropy = entropyOfRow()
        for (let j = 0; j < size; j++) {
          const p = exp(logP[j]!)
          to.data[at + j] = p === 0 ? 0 : -scale[row]! * p * (logP[j]! + entropy)
        }
      })
    },
    // sum_j p_j (log p_j - log q_j)
    divergence(a, b, to, mask) {
      for (let row = 0; row < a.rows; row++) {
        logProbabilities(a, row, logP, mask)
        logProbabilities(b, row, logQ, mask)
        for (let j = 0; j < size; j++) {
          const p = exp(logP[j]!)
          if (p !== 0) to[row]! += p * (logP[j]! - logQ[j]!)
        }
      }
    },
    // q_j - p_j
    divergenceGradient(a, b, scale, to, mask) {
      eachRow(place, b, to, (row, at) => {
        logProbabilities(a, row, logP, mask)
        logProbabilities(b, row, logQ, mask)
        for (let j = 0; j < size; j++) to.data[at + j] = scale[row]! * (exp(logQ[j]!) - exp(logP[j]!))
      })
    },
    // p_j (log p_j - log q_j - KL)
    divergenceGradientOfFirst(a, b, scale, to, mask) {
      eachRow(place, a, to, (row, at) => {
        logProbabilities(a, row, logP, mask)
        logProbabilities(b, row, logQ, mask)
        let divergence = 0
        for (let j = 0; j < size; j++) if (exp(logP[j]!) !== 0) divergence += exp(logP[j]!) * (logP[j]! - logQ[j]!)
        for (let j = 0; j < size; j++) {
          const p = exp(logP[j]!)
          to.data[at + j] = p === 0 ? 0 : scale[row]! * p * (logP[j]! - logQ[j]! - divergence)
        }
      })
    },
    // H = diag(p) - p p^T
    fisher(outputs, tangent, to, mask) {
      eachRow(place, outputs, to, (row, at) => {
        const sum = exponentials(outputs.data, at, size, logP, 0, mask?.data, maskStart(place, mask, row))
        let mean = 0
        for (let j = 0; j < size; j++) mean += logP[j]! * tangent.data[at + j]!
        for (let j = 0; j < size; j++) to.data[at + j] = (logP[j]! / sum) * (tangent.data[at + j]! - mean / sum)
      })
    },
  }
}

function oneHot(place: Place): Pick<PartDistribution, 'sample' | 'mode' | 'logProbability' | 'logProbabilityGradient'> {
  const { size } = place
  const perturbed = new Float64Array(size)

  /** The one-hot of the largest of some numbers, the first of equal ones. */
  const execute = (values: ArrayLike<number>, at: number, to: Matrix, row: number, mask?: Matrix) => {
    const action = row * to.columns + place.action
    const allowed = maskStart(place, mask, row)
    const largest = largestOf(values, at, size, mask?.data, allowed)
    let chosen = -1
    for (let j = 0; j < size; j++) {
      to.data[action + j] = 0
      const isAllowed = mask === undefined || mask.data[allowed + j] !== 0
      if (chosen < 0 && isAllowed && values[at + j] === largest) chosen = j
    }
    // Where no logit is a number the update that comes says so; the game goes on until then.
    for (let j = 0; chosen < 0 && j < size; j++) if (mask === undefined || mask.data[allowed + j] !== 0) chosen = j
    if (chosen < 0) throw new RangeError(`choice: no alternative is allowed in row ${row}`)
    to.data[action + chosen] = 1
  }

  return {
    // The largest of logits + Gumbel noise (Gumbel 1954).
    sample(outputs, noise, { actions }, mask) {
      eachRow(place, outputs, actions, (row, at) => {
        for (let j = 0; j < size; j++) perturbed[j] = outputs.data[at + j]! + gumbel(noise, at + j)
        execute(perturbed, 0, actions, row, mask)
      })
    },
    mode(outputs, to, mask) {
      eachRow(place, outputs, to, (row, at) => execute(outputs.data, at, to, row, mask))
    },
    // l_k - log sum_j exp(l_j); the largest logit is taken out first, so that no logit is too large.
    logProbability(outputs, { actions }, to, mask) {
      eachRow(place, outputs, actions, (row, at, action) => {
        const k = alternativeAt(actions, action, size, row)
        const allowed = maskStart(place, mask, row)
        if (k < 0) return
        if (mask !== undefined && mask.data[allowed + k] === 0) to[row] = -Infinity
        else to[row]! += outputs.data[at + k]! - logSumExp(outputs.data, at, size, mask?.data, allowed)
      })
    },
    // [j = k] - p_j
    logProbabilityGradient(outputs, { actions }, scale, to, mask) {
      eachRow(place, outputs, actions, (row, at, action) => {
        const k = alternativeAt(actions, action, size, row)
        const allowed = maskStart(place, mask, row)
        const logSum = logSumExp(outputs.data, at, size, mask?.data, allowed)
        for (let j = 0; j < size; j++) {
          const counts = k >= 0 && (mask === undefined || mask.data[allowed + j] !== 0)
          to.data[row * to.columns + place.output + j] = counts
            ? scale[row]! * ((j === k ? 1 : 0) - exp(outputs.data[at + j]! - logSum))
            : 0
        }
      })
    },
  }
}

/** The same numbers as from the methods one by one, with one softmax per row for all of them. */
function evaluationOf(place: Place): ChoiceEvaluation {
  const { size } = place
  /** [rows, size] */
  let logP = new Float64Array(0)
  let p = new Float64Array(0)
  /** [rows] */
  let entropies = new Float64Array(0)
  let chosen = new Int32Array(0)

  return (outputs, actions, { logProbability, entropy }, mask) => {
    const { rows, columns, data } = outputs
    if (rows > chosen.length) {
      logP = new Float64Array(rows * size)
      p = new Float64Array(rows * size)
      entropies = new Float64Array(rows)
      chosen = new Int32Array(rows)
    }
    for (let row = 0, first = 0; row < rows; row++, first += size) {
      const at = row * columns + place.output
      const allowed = maskStart(place, mask, row)
      const logSum = logSumExp(data, at, size, mask?.data, allowed)
      let sum = 0
      for (let j = 0; j < size; j++) {
        const log = mask === undefined || mask.data[allowed + j] !== 0 ? data[at + j]! - logSum : -Infinity
        const each = exp(log)
        logP[first + j] = log
        p[first + j] = each
        if (each !== 0) sum -= each * log
      }
      entropies[row] = sum
      entropy[row]! += sum
      const k = alternativeAt(actions, row * actions.columns + place.action, size, row)
      chosen[row] = k
      if (k >= 0) logProbability[row]! += logP[first + k]!
    }
    return (scale, entropyScale, to) => {
      for (let row = 0, first = 0; row < rows; row++, first += size) {
        const at = row * to.columns + place.output
        const s = scale[row]!
        const k = chosen[row]!
        for (let j = 0; j < size; j++) {
          const each = p[first + j]!
          to.data[at + j] = k < 0 || logP[first + j] === -Infinity ? 0 : s * ((j === k ? 1 : 0) - each)
          if (entropyScale !== null && each !== 0) {
            to.data[at + j]! += Math.fround(-entropyScale[row]! * each * (logP[first + j]! + entropies[row]!))
          }
        }
      }
    }
  }
}

/** The standard Gumbel number of an element. */
export function gumbel(noise: NoiseKey, element: number): number {
  return -log(-log(noiseUniform(noise, element)))
}
