// An actor's body: what leads from observations to the numbers that its head reads. The plain one is a feed-forward network.
import type { Backend } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import type { Random } from '../random.ts'
import type { Column, Matrix, Observations } from '../types.ts'
import { createIdentification, type Identity } from './identity.ts'

export interface Body {
  readonly network: Network
  /** What it carries from step to step. */
  readonly carries: readonly Carried[]
  /** [rows, observationSize] -> [rows, outputs], to act by; keeps nothing and leaves alone what `forward` kept. */
  act(observations: Observations): Matrix
  /** The same to learn from: the numbers of `forward`. */
  infer(observations: Observations): Matrix
  /** Keeps what `backward` needs. The observations must stay as they are until then. */
  forward(observations: Observations): Matrix
  /** Adds the parameter gradients of the last `forward` to the network's, from those at its outputs, [rows, outputs]. */
  backward(outputGradient: Matrix): void
}
// A matrix that a body returns is overwritten by the next call of the same method of any body of its network; `act` and `infer` are one.

/** Numbers that an actor carries through an episode, one row per game. */
export interface Carried extends Column {
  /** Writes what an episode begins with, into one row. */
  begin(row: Float32Array, random: Random): void
  /** [rows, size] What the last `sample` or `greedy` leaves for the next step; absent: the numbers stay through the episode. */
  after?(): Matrix
}

/** A body that remembers nothing. */
export function feedForwardBody(backend: Backend, network: Network, identity: Identity): Body {
  // Learning keeps its input by reference: what is inferred meanwhile must stand elsewhere.
  const inferring = createIdentification(backend, identity)
  const learning = createIdentification(backend, identity)
  return {
    network,
    carries: [],
    act: observations => network.act(inferring(observations)),
    infer: observations => network.infer(inferring(observations)),
    forward: observations => network.forward(learning(observations)),
    backward: outputGradient => network.backward(outputGradient),
  }
}
