// A choice among alternatives executed as probabilities: a Gumbel-softmax sample (Jang et al. 2017), whose law is the Concrete distribution.

import { exp, log } from '../../elementary.ts'
import { exponentials, logSumExp } from '../../nn/softmax.ts'
import type { Matrix } from '../../types.ts'
import { categorical, gumbel } from './choice.ts'
import { eachRow, maskStart, type PartDistribution, type Place } from './part.ts'

/**
 * The Concrete distribution at a temperature (a function: it may change). Its mode is softmax(logits), the best guess of those who play
 * soft actions; entropy and divergence are those of the alternatives, as policy inference takes them (Lowe et al. 2017, equation 7).
 */
export function softChoice(place: Place, temperature: () => number): PartDistribution {
  const { size } = place
  const alternatives = categorical(place)
  const terms = new Float64Array(size)

  /**
   * Visits every row: its first logit, its first action, whether that lies inside of the simplex, and log sum exp of the terms
   * l - t log x (on the boundary l).
   */
  const visitActions = (
    outputs: Matrix,
    actions: Matrix,
    mask: Matrix | undefined,
    visit: (row: number, at: number, action: number, isInside: boolean, logSum: number, count: number) => void,
  ) => {
    const t = temperature()
    eachRow(place, outputs, actions, (row, at, action) => {
      const allowed = maskStart(place, mask, row)
      let isInside = true
      let count = 0
      for (let k = 0; k < size; k++) {
        if (mask !== undefined && mask.data[allowed + k] === 0) continue
        count++
        if (!(actions.data[action + k]! > 0)) isInside = false
      }
      for (let k = 0; k < size; k++) {
        terms[k] = outputs.data[at + k]! - (isInside ? t * log(actions.data[action + k]!) : 0)
      }
      visit(row, at, action, isInside, logSumExp(terms, 0, size, mask?.data, allowed), count)
    })
  }

  return {
    kind: 'softChoice',
    place,
    outputs: size,
    needsDrawn: false,
    ...alternatives,
    mode: alternatives.mean,
    // softmax((logits + Gumbel noise) / t)
    sample(outputs, noise, { actions }, mask) {
      const t = temperature()
      eachRow(place, outputs, actions, (row, at, action) => {
        for (let j = 0; j < size; j++) terms[j] = (outputs.data[at + j]! + gumbel(noise, at + j)) / t
        const sum = exponentials(terms, 0, size, terms, 0, mask?.data, maskStart(place, mask, row))
        for (let j = 0; j < size; j++) actions.data[action + j] = terms[j]! / sum
      })
    },
    // Inside of the simplex, with n alternatives (Maddison, Mnih and Teh 2017, equation 10):
    //
    //     log (n - 1)! + (n - 1) log t + sum_k (l_k - (t + 1) log x_k) - n log sum_k exp(l_k - t log x_k)
    //
    // A categorical likelihood of soft samples would be biased: their mean is not softmax(l). On the boundary, where the density has no
    // value, it is sum_k x_k log p_k, p = softmax(l): of a one-hot, its categorical log-likelihood; that holds too for samples of a low
    // temperature that float32 has rounded to the boundary.
    logProbability(outputs, { actions }, to, mask) {
      const t = temperature()
      visitActions(outputs, actions, mask, (row, at, action, isInside, logSum, count) => {
        const allowed = maskStart(place, mask, row)
        let sum = 0
        if (isInside) {
          let constant = (count - 1) * log(t)
          for (let k = 2; k < count; k++) constant += log(k)
          sum = constant - count * logSum
        }
        for (let k = 0; k < size; k++) {
          const x = actions.data[action + k]!
          if (mask !== undefined && mask.data[allowed + k] === 0) {
            if (x !== 0) sum = -Infinity
            continue
          }
          const term = terms[k]!
          // A term is l - t log x, so log x need not be taken again.
          if (isInside) sum += term + (term - outputs.data[at + k]!) / t
          else if (x !== 0) sum += x * (term - logSum)
        }
        to[row]! += sum
      })
    },
    // 1 - n softmax(l - t log x)_j inside of the simplex, x_j - p_j sum_k x_k on its boundary.
    logProbabilityGradient(outputs, { actions }, scale, to, mask) {
      visitActions(outputs, actions, mask, (row, _, action, isInside, logSum, count) => {
        const allowed = maskStart(place, mask, row)
        const target = row * to.columns + place.output
        let total = 0
        for (let k = 0; k < size; k++) total += actions.data[action + k]!
        for (let j = 0; j < size; j++) {
          const isAllowed = mask === undefined || mask.data[allowed + j] !== 0
          const share = isAllowed ? exp(terms[j]! - logSum) : 0
          const slope = isInside ? 1 - count * share : actions.data[action + j]! - total * share
          to.data[target + j] = isAllowed ? scale[row]! * slope : 0
        }
      })
    },
  }
}
