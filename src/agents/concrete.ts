// How likely the action of a choice is: the Concrete density of soft samples, the probabilities of one-hots; and the gradients.
// Plain loops: a choice is a handful of logits per row, and no measured hot path runs through here.
import type { Columns } from '../nn/backend.ts'
import type { Matrix } from '../types.ts'

/** Where a choice stands among the outputs and among the actions. */
export interface ChoicePlace {
  readonly columns: Columns
  readonly actions: Columns
}

/**
 * to[row] += the log-likelihood of the row's action x under the logits l. Inside of the simplex that is the log density of a
 * Gumbel-softmax sample at temperature t, the Concrete distribution (Maddison, Mnih and Teh 2017, equation 10):
 *
 *     log (n - 1)! + (n - 1) log t + sum_k (l_k - (t + 1) log x_k) - n log sum_k exp(l_k - t log x_k)
 *
 * A categorical likelihood of soft samples would be biased: their mean is not softmax(l). On the boundary, where the density has no
 * value, it is sum_k x_k log p_k, p = softmax(l): of a one-hot, its categorical log-likelihood; that holds too for samples of a low
 * temperature that float32 has rounded to the boundary.
 */
export function choiceLogLikelihood(
  logits: Matrix,
  choice: ChoicePlace,
  actions: Matrix,
  temperature: number,
  to: Float32Array,
): void {
  const size = choice.columns.to - choice.columns.from
  let constant = (size - 1) * Math.log(temperature)
  for (let k = 2; k < size; k++) constant += Math.log(k)
  eachRow(logits, choice, actions, temperature, (row, at, action, soft, terms, logSum) => {
    let sum = soft ? constant - size * logSum : 0
    for (let k = 0; k < size; k++) {
      const term = terms[k]!
      // A term is l - t log x, so log x need not be taken again.
      if (soft) sum += term + (term - logits.data[at + k]!) / temperature
      else if (actions.data[action + k] !== 0) sum += actions.data[action + k]! * (term - logSum)
    }
    to[row]! += sum
  })
}

/**
 * to[row, columns] = scale[row] times the gradient of the log-likelihood at the logits: 1 - n softmax(l - t log x)_j inside of the
 * simplex, x_j - p_j sum_k x_k on its boundary.
 */
export function choiceLogLikelihoodGradient(
  logits: Matrix,
  choice: ChoicePlace,
  actions: Matrix,
  temperature: number,
  scale: ArrayLike<number>,
  to: Matrix,
): void {
  const size = choice.columns.to - choice.columns.from
  eachRow(logits, choice, actions, temperature, (row, at, action, soft, terms, logSum) => {
    let total = 0
    for (let k = 0; k < size; k++) total += actions.data[action + k]!
    for (let j = 0; j < size; j++) {
      const share = Math.exp(terms[j]! - logSum)
      to.data[at + j] = scale[row]! * (soft ? 1 - size * share : actions.data[action + j]! - total * share)
    }
  })
}

/**
 * Visits every row: its first logit, its first action, whether that lies inside of the simplex, the terms l - t log x (on the boundary
 * l), and log sum exp of them.
 */
function eachRow(
  logits: Matrix,
  { columns, actions: { from } }: ChoicePlace,
  actions: Matrix,
  temperature: number,
  visit: (row: number, at: number, action: number, soft: boolean, terms: Float64Array, logSum: number) => void,
): void {
  const size = columns.to - columns.from
  const terms = new Float64Array(size)
  for (let row = 0; row < logits.rows; row++) {
    const at = row * logits.columns + columns.from
    const action = row * actions.columns + from
    let soft = true
    for (let k = 0; k < size; k++) if (!(actions.data[action + k]! > 0)) soft = false
    let largest = -Infinity
    for (let k = 0; k < size; k++) {
      terms[k] = logits.data[at + k]! - (soft ? temperature * Math.log(actions.data[action + k]!) : 0)
      largest = Math.max(largest, terms[k]!)
    }
    let sum = 0
    for (let k = 0; k < size; k++) sum += Math.exp(terms[k]! - largest)
    visit(row, at, action, soft, terms, largest + Math.log(sum))
  }
}
