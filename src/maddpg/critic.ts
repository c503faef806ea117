// A critic: Q(o, a) with its target network and its optimizer, and what is done with one.
import type { Backend, Columns, Optimizer } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import type { Batch, Matrix } from '../types.ts'
import { actorGradient, criticGradient } from './losses.ts'

/** Q(o, a) of one agent: the network, its slow copy and its optimiser. */
export interface Critic {
  readonly backend: Backend
  /** The agent's id, for what goes wrong. */
  readonly id: string
  readonly network: Network // [inputs] -> [outputs]
  readonly target: Network
  readonly optimizer: Pick<Optimizer, 'step'>
  readonly rows: number
  readonly tau: number
  /** [rows, outputs] The gradient at its outputs, overwritten by everything below that needs one. */
  readonly gradient: Matrix
}

/** Q'(o', a') of the target network, [rows, 1]. */
export function targetValues({ target }: Pick<Critic, 'target'>, next: Matrix): Matrix {
  return target.infer(next)
}

/**
 * One step that brings Q(o, a) closer to y by least squares: mean(w (Q - y)^2).
 * @throws NonFiniteError when the loss or a gradient is not finite.
 */
export function fitCritic(
  { id, network, optimizer, gradient }: Critic,
  now: Matrix, // [rows, inputs]
  target: Float32Array, // [rows]
  batch: Batch,
  present: Float32Array, // [rows]
): { criticLoss: number } {
  const figures = criticGradient(id, network.forward(now), target, present, batch, gradient)
  network.backward(gradient)
  optimizer.step()
  return figures
}

/** The gradient of -mean Q(o, a) at some of the input's columns, [rows, columns], and that loss; nothing is learnt by it. */
export function criticSlope(
  { id, network, gradient }: Critic,
  input: Matrix,
  columns: Columns,
  present: Float32Array,
): { actorLoss: number; gradient: Matrix } {
  const { actorLoss } = actorGradient(id, network.forward(input), present, gradient)
  return { actorLoss, gradient: network.inputGradient(gradient, columns) }
}

/** The target network comes closer: soft update by tau. */
export function updateTarget({ backend, target, network, tau }: Critic): void {
  backend.softUpdate(target, network, tau)
}
