// An actor's body: what leads from observations to the numbers that its head reads. The plain one is a feed-forward network.
import type { Backend } from '../nn/backend.ts'
import type { MembersNetwork } from '../nn/members.ts'
import type { Network } from '../nn/network.ts'
import type { Random } from '../random.ts'
import type { Column, Matrix, Observations } from '../types.ts'
import { type Identity, identityColumns } from './identity.ts'

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

/** From so many members on, adding a member's row of weights costs less than multiplying by its one-hot. */
const manyMembers = 32

/** Per network that many have in common, its passes without their one-hots; null where the backend has none. */
const passes = new WeakMap<Network, MembersNetwork | null>()

function membersIn(backend: Backend, network: Network, { members }: Identity): MembersNetwork | null {
  const known = passes.get(network)
  if (known !== undefined) return known
  const positions = Array.from({ length: members }, (_, position) => position)
  const made = backend.members?.(network, { positions, identityColumns: members }) ?? null
  passes.set(network, made)
  return made
}

/** A body that remembers nothing. */
export function feedForwardBody(
  backend: Backend,
  network: Network,
  { inferring, learning }: Identifications,
  identity: Identity,
): Body {
  const members = identityColumns(identity) < manyMembers ? null : membersIn(backend, network, identity)
  return {
    network,
    carries: [],
    infer: observations =>
      members === null ? network.infer(inferring(observations)) : members.inferOne(observations, identity.position),
    forward: observations => network.forward(learning(observations)),
    backward: outputGradient => network.backward(outputGradient),
  }
}
