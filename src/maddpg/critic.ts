// A critic: Q(o, a) with its target and its optimizer. What it is made of differs by algorithm, what learners ask of it does not.
import type { Backend, Columns, Optimizer } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import type { Batch, Matrix } from '../types.ts'
import { actorGradient, criticGradient } from './losses.ts'

/** What actors ask of a critic. */
export interface Critic {
  /** The gradient of -mean Q(input) at some of the input's columns, and the loss itself; nothing is learnt by it. */
  ascend(input: Matrix, columns: Columns, present: Float32Array): { actorLoss: number; gradient: Matrix }
  /** The target network comes closer. */
  follow(): void
}

/** A critic that learns one value per row. */
export interface ValueCritic extends Critic {
  /** Q'(o', a') of the target network, [rows, 1]. */
  targetValues(input: Matrix): Matrix
  /** One step that brings Q(input) closer to the target. */
  fit(input: Matrix, target: Float32Array, batch: Batch, present: Float32Array): { criticLoss: number }
}

export interface CriticParts {
  readonly backend: Backend
  /** The agent's id, for what goes wrong. */
  readonly id: string
  readonly network: Network // [inputs] -> [outputs]
  readonly target: Network
  readonly optimizer: Pick<Optimizer, 'step'>
  readonly rows: number
  readonly tau: number
}

/** One value per row, fitted by least squares: mean((Q - y)^2). */
export function createValueCritic({ backend, id, network, target, optimizer, rows, tau }: CriticParts): ValueCritic {
  const gradient = backend.matrix(rows, 1)
  return {
    targetValues: input => target.infer(input),
    fit(input, targetValues, batch, present) {
      const figures = criticGradient(id, network.forward(input), targetValues, present, batch, gradient)
      network.backward(gradient)
      optimizer.step()
      return figures
    },
    ascend(input, columns, present) {
      const { actorLoss } = actorGradient(id, network.forward(input), present, gradient)
      return { actorLoss, gradient: network.inputGradient(gradient, columns) }
    },
    follow: () => backend.softUpdate(target, network, tau),
  }
}
