// A critic that learns the distribution of the return: a probability for each of some values (atoms), Bellemare et al. 2017.

import { log } from '../elementary.ts'
import { finiteLoss } from '../learning/finite-loss.ts'
import type { Columns } from '../nn/backend.ts'
import { exponentials } from '../nn/softmax.ts'
import type { Batch, Matrix } from '../types.ts'
import type { Critic } from './critic.ts'
import { atomOf, type Support } from './support.ts'

/** A critic whose network's outputs are the logits of the atoms; its expectation is what actors climb. */
export interface DistributionalCritic extends Critic {
  readonly support: Support
  /** [rows, atoms] */
  readonly probabilities: Matrix
  /** [rows, atoms] What they should be, by the last `targetDistribution`. */
  readonly aimed: Matrix
}

export function createDistributionalCritic(critic: Critic, support: Support): DistributionalCritic {
  const matrix = () => critic.backend.matrix(critic.rows, support.atoms)
  return { ...critic, support, probabilities: matrix(), aimed: matrix() }
}

/**
 * What the distribution at the present should be: that of reward + discount Z'(o', a'), projected onto the support. Gives the mean
 * part of the probability that fell outside of it.
 */
export function targetDistribution(
  { target, support, probabilities, aimed, rows }: DistributionalCritic,
  next: Matrix,
  rewards: Float32Array, // [rows]
  discounts: Float64Array, // [rows]
  present: Float32Array, // [rows]
): { clippedMass: number } {
  softmaxRows(target.infer(next), probabilities)
  let [clipped, count] = [0, 0]
  const outside = projectReturns(probabilities, rewards, discounts, support, aimed)
  for (let row = 0; row < rows; row++) {
    clipped += present[row]! * outside[row]!
    count += present[row]!
  }
  return { clippedMass: count === 0 ? 0 : clipped / count }
}

/** One step that brings Z(o, a) closer to what it should be, by cross entropy. Notes how far it is as the batch's TD errors. */
export function fitDistribution(
  { network, optimizer, probabilities, aimed, gradient, id }: DistributionalCritic,
  now: Matrix,
  batch: Batch,
  present: Float32Array,
): { criticLoss: number } {
  softmaxRows(network.forward(now), probabilities)
  const loss = crossEntropyGradient(probabilities, aimed, present, batch, gradient)
  const criticLoss = finiteLoss(loss, id, 'critic')
  network.backward(gradient)
  optimizer.step()
  return { criticLoss }
}

/** The gradient of -mean E[Z(o, a)] at some of the input's columns, and that loss; nothing is learnt by it. */
export function expectationSlope(
  { network, support, probabilities, gradient, id }: DistributionalCritic,
  input: Matrix,
  columns: Columns,
  present: Float32Array,
): { actorLoss: number; gradient: Matrix } {
  softmaxRows(network.forward(input), probabilities)
  const actorLoss = finiteLoss(expectationGradient(probabilities, present, support, gradient), id, 'actor')
  return { actorLoss, gradient: network.inputGradient(gradient, columns) }
}

/** The expectation of one row of logits: sum p_i z_i. */
export function expectationOf(logits: Matrix, support: Support): number {
  const probabilities = { ...logits, data: new Float32Array(logits.data.length) }
  softmaxRows(logits, probabilities)
  return valuesOf(support).reduce((sum, value, atom) => sum + probabilities.data[atom]! * value, 0)
}

/** to = softmax of each row of logits. */
export function softmaxRows({ rows, columns, data }: Matrix, to: Matrix): void {
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    const scale = 1 / exponentials(data, at, columns, to.data, at)
    for (let i = at; i < at + columns; i++) to.data[i]! *= scale
  }
}

/**
 * to[row] = the distribution of reward + discount z, z distributed by probabilities[row], each value's mass shared between the two atoms
 * that it lies between, the nearer one getting more (Bellemare et al. 2017, Algorithm 1): the mean stays. What lies outside goes to
 * the nearest end; gives how much that is, [rows].
 */
export function projectReturns(
  probabilities: Matrix, // [rows, atoms]
  rewards: ArrayLike<number>, // [rows]
  discounts: ArrayLike<number>, // [rows]
  support: Support,
  to: Matrix, // [rows, atoms]
): Float64Array {
  const { atoms, low, high } = support
  const { rows, data } = probabilities
  const perValue = (atoms - 1) / (high - low)
  const outside = new Float64Array(rows)
  const mass = new Float64Array(atoms)
  const values = valuesOf(support)
  for (let row = 0, at = 0; row < rows; row++, at += atoms) {
    mass.fill(0)
    for (let atom = 0; atom < atoms; atom++) {
      const p = data[at + atom]!
      const place = (rewards[row]! + discounts[row]! * values[atom]! - low) * perValue
      // A value an atom's rounding beyond the end is at the end.
      if (place < -1e-9 || place > atoms - 1 + 1e-9) outside[row]! += p
      const within = Math.min(atoms - 1, Math.max(0, place))
      const below = Math.min(atoms - 2, Math.floor(within))
      mass[below]! += p * (1 - within + below)
      mass[below + 1]! += p * (within - below)
    }
    to.data.set(mass, at)
  }
  return outside
}

/**
 * mean(w sum m log(m / p)), m the aim, p = softmax(logits): their cross entropy less the entropy of the aim, which no learning changes, so
 * that 0 is the best. gradient = its gradient at the logits, w (p - m) / rows; zero where the agent was absent. Notes each row's
 * divergence as the batch's TD errors.
 */
export function crossEntropyGradient(
  probabilities: Matrix, // [rows, atoms]
  aimed: Matrix, // [rows, atoms]
  present: Float32Array, // [rows]
  { weights, tdErrors }: Pick<Batch, 'weights' | 'tdErrors'>,
  gradient: Matrix, // [rows, atoms], overwritten
): number {
  const { rows, columns } = probabilities
  let loss = 0
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    const scale = (weights[row]! * present[row]!) / rows
    let divergence = 0
    for (let i = at; i < at + columns; i++) {
      const [p, m] = [probabilities.data[i]!, aimed.data[i]!]
      gradient.data[i] = scale * (p - m)
      // A probability that underflowed has no logarithm; its gradient needs none.
      if (m !== 0) divergence += m * log(m / Math.max(p, smallest))
    }
    loss += scale * divergence
    tdErrors[row] = Math.max(tdErrors[row]!, present[row]! * divergence)
  }
  return loss
}

/**
 * -mean(Q), Q = sum p_i z_i, p = softmax(logits); gradient = its gradient at the logits, -p_i (z_i - Q) / rows; zero where the agent was
 * absent.
 */
export function expectationGradient(
  probabilities: Matrix, // [rows, atoms]
  present: Float32Array, // [rows]
  support: Support,
  gradient: Matrix, // [rows, atoms], overwritten
): number {
  const { rows, columns, data } = probabilities
  const values = valuesOf(support)
  let loss = 0
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    let value = 0
    for (let atom = 0; atom < columns; atom++) value += data[at + atom]! * values[atom]!
    const scale = -present[row]! / rows
    for (let atom = 0; atom < columns; atom++)
      gradient.data[at + atom] = scale * data[at + atom]! * (values[atom]! - value)
    loss += scale * value
  }
  return loss
}

function valuesOf(support: Support): Float64Array {
  return Float64Array.from({ length: support.atoms }, (_, atom) => atomOf(support, atom))
}

/** The smallest normal float32 number. */
const smallest = 2 ** -126
