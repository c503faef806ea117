// The two losses of MADDPG as gradients with respect to the critic's output.
import { NonFiniteError } from '../errors.ts'
import type { Batch, Matrix } from '../types.ts'

/** y = r + gamma Q'(o', a'), without the second term where the agent's episode terminated (never where it was truncated). */
export function temporalDifferenceTarget(
  batch: Batch,
  agent: number,
  gamma: number,
  nextValues: Matrix, // [rows, 1]
  target: Float32Array, // [rows]
): void {
  const agents = batch.rewards.columns
  for (let row = 0; row < target.length; row++) {
    const at = row * agents + agent
    target[row] = batch.rewards.data[at]! + gamma * (1 - batch.terminated.data[at]!) * nextValues.data[row]!
  }
}

/**
 * Gradient of mean((Q - y)^2): 2 (Q - y) / rows; zero where the agent was absent.
 * @throws NonFiniteError naming the agent when the loss is not finite.
 */
export function criticGradient(
  batch: Batch,
  id: string,
  agent: number,
  values: Matrix, // [rows, 1]
  target: Float32Array, // [rows]
  gradient: Matrix, // [rows, 1], overwritten
): { criticLoss: number } {
  const rows = target.length
  const agents = batch.present.columns
  let sum = 0
  for (let row = 0; row < rows; row++) {
    const error = (values.data[row]! - target[row]!) * batch.present.data[row * agents + agent]!
    gradient.data[row] = (2 * error) / rows
    sum += error * error
  }
  return { criticLoss: finite(sum / rows, id, 'critic loss') }
}

/**
 * Gradient of -mean(Q): -1 / rows; zero where the agent was absent.
 * @throws NonFiniteError naming the agent when the loss is not finite.
 */
export function actorGradient(
  batch: Batch,
  id: string,
  agent: number,
  values: Matrix, // [rows, 1]
  gradient: Matrix, // [rows, 1], overwritten
): { actorLoss: number } {
  const rows = values.rows
  const agents = batch.present.columns
  let sum = 0
  for (let row = 0; row < rows; row++) {
    const present = batch.present.data[row * agents + agent]!
    gradient.data[row] = -present / rows
    sum -= present * values.data[row]!
  }
  return { actorLoss: finite(sum / rows, id, 'actor loss') }
}

function finite(loss: number, id: string, name: string): number {
  if (Number.isFinite(loss)) return loss
  throw new NonFiniteError(
    `${id}: ${name} is ${loss}, expected a finite number; a smaller learner.learningRate may help`,
  )
}
