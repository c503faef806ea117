// What a critic sees: every agent's observation and action (centralised), or its own alone (local); and whose it is, if it is shared.
import { alone, type Identity, identityColumns, writeIdentity } from '../agents/identity.ts'
import type { Backend, Columns } from '../nn/backend.ts'
import { type SetPlace, setPlacesOf } from '../nn/sets.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Matrix } from '../types.ts'

export interface CriticInput {
  /** Columns of the critic's input. */
  readonly size: number
  /** The sets among them. */
  readonly sets: readonly SetPlace[]
  /** Where the own action stands in it. */
  readonly ownAction: Columns
  /** Where an agent's action stands in it; null where the critic does not see it. */
  actionColumns(agent: number): Columns | null
  /** [batch, size] from per-agent observations and actions; asks only for the actions that it sees. Overwritten by the next call. */
  of(observations: readonly Matrix[], actionOf: (agent: number) => Matrix): Matrix
  /** Writes another own action into such an input, and gives it back; the others' actions stay as they are. */
  withOwnAction(input: Matrix, action: Matrix): Matrix
}

/** All observations, then all actions, in agent order (Lowe et al. 2017, section 4.1); sets in observations are read as they stand. */
export function jointCriticInput(
  backend: Backend,
  agents: readonly AgentSpec[],
  own: number,
  batch: number,
  identity: Identity = alone,
): CriticInput {
  const all = agents.map((_, index) => index)
  return inputOf(backend, agents, all, own, batch, identity, [])
}

/** The own observation, then the own action: MADDPG becomes independent DDPG. */
export function localCriticInput(
  backend: Backend,
  agents: readonly AgentSpec[],
  own: number,
  batch: number,
  identity: Identity = alone,
): CriticInput {
  return inputOf(backend, agents, [own], own, batch, identity, setPlacesOf(agents[own]!.observationParts))
}

function inputOf(
  backend: Backend,
  agents: readonly AgentSpec[],
  seen: readonly number[],
  own: number,
  batch: number,
  identity: Identity,
  sets: readonly SetPlace[],
): CriticInput {
  let size = 0
  const place = (columns: number) => {
    size += columns
    return size - columns
  }
  for (const agent of seen) place(agents[agent]!.observationSize)
  const actionAt = seen.map(agent => place(actionSize(agents[agent]!.actionSpace)))
  const actionColumns = (agent: number): Columns | null => {
    const from = actionAt[seen.indexOf(agent)]
    return from === undefined ? null : { from, to: from + actionSize(agents[agent]!.actionSpace) }
  }
  const ownAction = actionColumns(own)!
  // Last, the number of an agent that shares its critic: these columns stay as they are.
  const identityAt = place(identityColumns(identity))
  const input = backend.matrix(batch, size)
  if (identityAt < size) writeIdentity(input, identityAt, identity)
  return {
    size,
    sets,
    ownAction,
    actionColumns,
    of(observations, actionOf) {
      const parts = seen.map(agent => observations[agent]!)
      backend.joinColumns(parts, input, 0)
      // One after the other: an action may be overwritten by the next, where agents share a network.
      seen.forEach((agent, i) => {
        backend.copyColumns(actionOf(agent), input, actionAt[i]!)
      })
      return input
    },
    withOwnAction(joined, action) {
      backend.copyColumns(action, joined, ownAction.from)
      return joined
    },
  }
}
