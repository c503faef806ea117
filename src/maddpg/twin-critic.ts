// Two critics as one: the smaller of two values counts, which keeps errors from being taken for gains (Fujimoto et al. 2018).

import { finiteLoss } from '../learning/finite-loss.ts'
import type { Columns } from '../nn/backend.ts'
import type { Batch, Matrix } from '../types.ts'
import { type Critic, fitCritic, targetValues, updateTarget } from './critic.ts'

export interface TwinCritic {
  readonly first: Critic
  readonly second: Critic
  /** [rows, 1] */
  readonly smaller: Matrix
}

/** Both learn from one target. */
export function createTwinCritic(first: Critic, second: Critic): TwinCritic {
  return { first, second, smaller: first.backend.matrix(first.rows, 1) }
}

/** min(Q1', Q2')(o', a') of the target networks, [rows, 1]. */
export function smallerTargetValues({ first, second, smaller }: TwinCritic, next: Matrix): Matrix {
  const [a, b] = [targetValues(first, next), targetValues(second, next)]
  for (let row = 0; row < smaller.rows; row++) smaller.data[row] = Math.min(a.data[row]!, b.data[row]!)
  return smaller
}

/** One step of each that brings it closer to y. */
export function fitTwins(
  { first, second }: TwinCritic,
  now: Matrix,
  target: Float32Array,
  batch: Batch,
  present: Float32Array,
): { criticLoss: number; secondCriticLoss: number } {
  const { criticLoss } = fitCritic(first, now, target, batch, present)
  const { criticLoss: secondCriticLoss } = fitCritic(second, now, target, batch, present)
  return { criticLoss, secondCriticLoss }
}

/** The gradient of -mean min(Q1, Q2)(o, a) at some of the input's columns: row by row of the one that promises less (Haarnoja et al. 2018). */
export function smallerSlope(
  { first, second }: TwinCritic,
  input: Matrix,
  columns: Columns,
  present: Float32Array,
): { actorLoss: number; gradient: Matrix } {
  const { rows, id } = first
  const [a, b] = [first.network.forward(input), second.network.forward(input)]
  let sum = 0
  for (let row = 0; row < rows; row++) {
    const isFirst = a.data[row]! <= b.data[row]!
    const slope = -present[row]! / rows
    first.gradient.data[row] = isFirst ? slope : 0
    second.gradient.data[row] = isFirst ? 0 : slope
    sum -= present[row]! * (isFirst ? a : b).data[row]!
  }
  const gradient = first.network.inputGradient(first.gradient, columns)
  addTo(gradient, second.network.inputGradient(second.gradient, columns))
  return { actorLoss: finiteLoss(sum / rows, id, 'actor'), gradient }
}

export function updateTwinTargets({ first, second }: TwinCritic): void {
  updateTarget(first)
  updateTarget(second)
}

function addTo(sum: Matrix, { data }: Matrix): void {
  for (let i = 0; i < data.length; i++) sum.data[i]! += data[i]!
}
