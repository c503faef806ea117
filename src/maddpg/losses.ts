// The two losses of MADDPG as gradients with respect to the critic's output.
import { actsNext } from '../learning/batch-rows.ts'
import { finiteLoss } from '../learning/finite-loss.ts'
import type { Batch, Matrix } from '../types.ts'

/**
 * The same actions, zero where the agent will not act: it is absent, or its episode has just terminated; where agents may be absent, where
 * it is not there at the row that is bootstrapped from.
 */
export function withoutAbsent(batch: Batch, agent: number, actions: Matrix): Matrix {
  const { columns, data } = actions
  for (let row = 0; row < actions.rows; row++) {
    const at = row * batch.present.columns + agent
    if (!actsNext(batch, at)) data.fill(0, row * columns, (row + 1) * columns)
  }
  return actions
}

/**
 * y = r / scale + discount Q'(o', a'), without the second term where the agent's episode terminated (never where it was truncated).
 */
export function temporalDifferenceTarget(
  batch: Batch,
  agent: number,
  nextValues: Matrix, // [rows, 1]
  target: Float32Array, // [rows]
  scale = 1,
): void {
  const agents = batch.rewards.columns
  for (let row = 0; row < target.length; row++) {
    const at = row * agents + agent
    target[row] =
      batch.rewards.data[at]! / scale + batch.discounts[row]! * (1 - batch.terminated.data[at]!) * nextValues.data[row]!
  }
}

/**
 * Gradient of mean(w (Q - y)^2): 2 w (Q - y) / rows, w the weights of the batch, once for each agent whose rows there are; zero where the
 * agent was absent. Notes |Q - y| as the batch's TD errors, of several agents the largest.
 * @throws NonFiniteError naming the agent when the loss is not finite.
 */
export function criticGradient(
  id: string,
  values: Matrix, // [rows, 1]
  target: Float32Array, // [rows]
  present: Float32Array, // [rows]
  { weights, tdErrors }: Pick<Batch, 'weights' | 'tdErrors'>,
  gradient: Matrix, // [rows, 1], overwritten
): { criticLoss: number } {
  const rows = target.length
  let sum = 0
  for (let row = 0, drawn = 0; row < rows; row++) {
    const error = (values.data[row]! - target[row]!) * present[row]!
    gradient.data[row] = (2 * error * weights[drawn]!) / rows
    tdErrors[drawn] = Math.max(tdErrors[drawn]!, Math.abs(error))
    sum += error * error * weights[drawn]!
    drawn = drawn + 1 === weights.length ? 0 : drawn + 1
  }
  return { criticLoss: finiteLoss(sum / rows, id, 'critic') }
}

/**
 * Gradient of -mean(Q): -1 / rows; zero where the agent was absent.
 * @throws NonFiniteError naming the agent when the loss is not finite.
 */
export function actorGradient(
  id: string,
  values: Matrix, // [rows, 1]
  present: Float32Array, // [rows]
  gradient: Matrix, // [rows, 1], overwritten
): { actorLoss: number } {
  const rows = values.rows
  let sum = 0
  for (let row = 0; row < rows; row++) {
    gradient.data[row] = -present[row]! / rows
    sum -= present[row]! * values.data[row]!
  }
  return { actorLoss: finiteLoss(sum / rows, id, 'actor') }
}
