// A critic that learns the distribution of the return: a probability for each of some values (atoms), Bellemare et al. 2017.

import { finiteLoss } from '../learning/finite-loss.ts'
import { type AtomPasses, softmaxRows, valuesOf } from '../nn/atoms.ts'
import type { Columns } from '../nn/backend.ts'
import type { Batch, Matrix } from '../types.ts'
import type { Critic } from './critic.ts'
import type { Support } from './support.ts'

/** A critic whose network's outputs are the logits of the atoms; its expectation is what actors climb. */
export interface DistributionalCritic extends Critic {
  readonly support: Support
  /** [rows, atoms] What the probabilities should be, by the last `targetDistribution`. */
  readonly aimed: Matrix
  /** [rows] */
  readonly scales: Float64Array
}

export function createDistributionalCritic(critic: Critic, support: Support): DistributionalCritic {
  const { backend, rows } = critic
  return { ...critic, support, aimed: backend.matrix(rows, support.atoms), scales: new Float64Array(rows) }
}

/**
 * What the distribution at the present should be: that of reward + discount Z'(o', a'), projected onto the support. Gives the mean
 * part of the probability that fell outside of it.
 */
export function targetDistribution(
  { backend, target, support, aimed, rows }: DistributionalCritic,
  next: Matrix,
  rewards: Float32Array, // [rows]
  discounts: Float64Array, // [rows]
  present: Float32Array, // [rows]
): { clippedMass: number } {
  let [clipped, count] = [0, 0]
  const outside = backend.atoms.project(target.infer(next), { rewards, discounts }, support, aimed)
  for (let row = 0; row < rows; row++) {
    clipped += present[row]! * outside[row]!
    count += present[row]!
  }
  return { clippedMass: count === 0 ? 0 : clipped / count }
}

/** One step that brings Z(o, a) closer to what it should be, by cross entropy. Notes how far it is as the batch's TD errors. */
export function fitDistribution(
  { backend, network, optimizer, aimed, scales, gradient, id }: DistributionalCritic,
  now: Matrix,
  batch: Batch,
  present: Float32Array,
): { criticLoss: number } {
  const loss = crossEntropyGradient(backend.atoms, network.forward(now), aimed, present, batch, { scales, gradient })
  const criticLoss = finiteLoss(loss, id, 'critic')
  network.backward(gradient)
  optimizer.step()
  return { criticLoss }
}

/** The gradient of -mean E[Z(o, a)] at some of the input's columns, and that loss; nothing is learnt by it. */
export function expectationSlope(
  { backend, network, support, scales, gradient, id }: DistributionalCritic,
  input: Matrix,
  columns: Columns,
  present: Float32Array,
): { actorLoss: number; gradient: Matrix } {
  const loss = expectationGradient(backend.atoms, network.forward(input), present, support, { scales, gradient })
  const actorLoss = finiteLoss(loss, id, 'actor')
  return { actorLoss, gradient: network.inputGradient(gradient, columns) }
}

/** The expectation of one row of logits: sum p_i z_i. */
export function expectationOf(logits: Matrix, support: Support): number {
  const probabilities = { ...logits, data: new Float32Array(logits.data.length) }
  softmaxRows(logits, probabilities)
  return valuesOf(support).reduce((sum, value, atom) => sum + probabilities.data[atom]! * value, 0)
}

/**
 * mean(w sum m log(m / p)), m the aim, p = softmax(logits): their cross entropy less the entropy of the aim, which no learning changes, so
 * that 0 is the best. gradient = its gradient at the logits, w (p - m) / rows; zero where the agent was absent. Notes each row's
 * divergence as the batch's TD errors.
 */
export function crossEntropyGradient(
  passes: AtomPasses,
  logits: Matrix, // [rows, atoms]
  aimed: Matrix, // [rows, atoms]
  present: Float32Array, // [rows]
  { weights, tdErrors }: Pick<Batch, 'weights' | 'tdErrors'>,
  { scales, gradient }: Written,
): number {
  const { rows } = logits
  for (let row = 0; row < rows; row++) scales[row] = (weights[row]! * present[row]!) / rows
  const divergences = passes.crossEntropy(logits, aimed, scales, gradient)
  let loss = 0
  for (let row = 0; row < rows; row++) {
    loss += scales[row]! * divergences[row]!
    tdErrors[row] = Math.max(tdErrors[row]!, present[row]! * divergences[row]!)
  }
  return loss
}

/**
 * -mean(Q), Q = sum p_i z_i, p = softmax(logits); gradient = its gradient at the logits, -p_i (z_i - Q) / rows; zero where the agent was
 * absent.
 */
export function expectationGradient(
  passes: AtomPasses,
  logits: Matrix, // [rows, atoms]
  present: Float32Array, // [rows]
  support: Support,
  { scales, gradient }: Written,
): number {
  const { rows } = logits
  for (let row = 0; row < rows; row++) scales[row] = -present[row]! / rows
  const means = passes.expectation(logits, support, scales, gradient)
  let loss = 0
  for (let row = 0; row < rows; row++) loss += scales[row]! * means[row]!
  return loss
}

/** What a gradient is written into, and what counts each row, [rows], meanwhile. */
type Written = Pick<DistributionalCritic, 'scales' | 'gradient'>
