// An actor's body: what leads from observations to the numbers that its head reads. The plain one is a feed-forward network.
import type { Network } from '../nn/network.ts'
import type { Random } from '../random.ts'
import type { Column, Matrix, Observations } from '../types.ts'

export interface Body {
  readonly network: Network
  /** What it carries from step to step. */
  readonly carries: readonly Carried[]
  /** [rows, observationSize] -> [rows, outputs]; keeps nothing and leaves alone what `forward` kept. */
  infer(observations: Observations): Matrix
  /** The same numbers; keeps what `backward` needs. The observations must stay as they are until then. */
  forward(observations: Observations): Matrix
  /** Adds the parameter gradients of the last `forward` to the network's, from those at its outputs, [rows, outputs]. */
  backward(outputGradient: Matrix): void
}
// A matrix that a body returns is overwritten by the next call of the same method of any body of its network.

/** Numbers that an actor carries through an episode, one row per game. */
export interface Carried extends Column {
  /** Writes what an episode begins with, into one row. */
  begin(row: Float32Array, random: Random): void
  /** [rows, size] What the last `sample` or `greedy` leaves for the next step; absent: the numbers stay through the episode. */
  after?(): Matrix
}

/** What puts who the agent is behind observations. Learning keeps its input by reference: what is inferred meanwhile stands elsewhere. */
export interface Identifications {
  readonly inferring: (observations: Matrix) => Matrix
  readonly learning: (observations: Matrix) => Matrix
}

/** A body that remembers nothing. */
export function feedForwardBody(network: Network, { inferring, learning }: Identifications): Body {
  return {
    network,
    carries: [],
    infer: observations => network.infer(inferring(observations)),
    forward: observations => network.forward(learning(observations)),
    backward: outputGradient => network.backward(outputGradient),
  }
}
