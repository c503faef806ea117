// What an action-value critic sees: its own agent alone, all agents, or the world's own state; and whose it is, if it is shared.
import { alone, type Identity, identityColumns, writeIdentity } from '../agents/identity.ts'
import { ConfigError } from '../errors.ts'
import type { Backend, Columns } from '../nn/backend.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Matrix, ObservationPart } from '../types.ts'

/**
 * local: the own observation, and the own action of critics that judge actions. joint: everybody's observations, and actions. state: the
 * world's own state in place of the observations, and everybody's actions.
 */
export type CriticView = 'local' | 'joint' | 'state'

/** What there is to see in some rows. */
export interface CriticMoment {
  /** Per agent, [rows, observationSize]; zeros where it is absent. */
  readonly observations: readonly Matrix[]
  /** [rows, stateSize]; there if the critic reads it. */
  readonly state?: Matrix | undefined
  /** [rows, agents] 1 where an agent is there; there in games whose agents may be absent. */
  readonly present?: Matrix | undefined
}

export interface CriticInput {
  /** Columns of the critic's input. */
  readonly size: number
  /** Where the own action stands in it. */
  readonly ownAction: Columns
  /** Where an agent's action stands in it; null where the critic does not see it. */
  actionColumns(agent: number): Columns | null
  /** [rows, size] of a moment and per-agent actions; asks only for the actions that it sees. Overwritten by the next call. */
  of(moment: CriticMoment, actionOf: (agent: number) => Matrix): Matrix
  /** Writes another own action into such an input, and gives it back; the others' actions stay as they are. */
  withOwnAction(input: Matrix, action: Matrix): Matrix
}

/** Whose critic it is, and of what game. */
export interface CriticOwner {
  readonly backend: Backend
  readonly agents: readonly AgentSpec[]
  readonly index: number
  /** The pieces of the world's own state; none: the game has none. */
  readonly stateParts?: readonly ObservationPart[] | undefined
  readonly identity?: Identity
}

/**
 * joint: all observations, then all actions, in agent order (Lowe et al. 2017, section 4.1). local: the own observation, then the own
 * action: MADDPG becomes independent DDPG. state: the world's own state, then all actions. Critics that see several agents of a game whose
 * agents may be absent end with a flag for each agent, 1 where it is there. Last comes who asks, if the critic is shared.
 * @throws ConfigError for the state of a game that has none
 */
export function createCriticInput(owner: CriticOwner, view: CriticView, rows: number): CriticInput {
  const { backend, agents, index: own, identity = alone, stateParts = [] } = owner
  refuseStateless(view, stateParts)
  const seen = view === 'local' ? [own] : agents.map((_, index) => index)
  let size = 0
  const place = (columns: number) => {
    size += columns
    return size - columns
  }
  place(seenSize(owner, view))
  const actionAt = seen.map(agent => place(actionSize(agents[agent]!.actionSpace)))
  const flags = presenceColumns(agents, view)
  const flagsAt = place(flags)
  const actionColumns = (agent: number): Columns | null => {
    const from = actionAt[seen.indexOf(agent)]
    return from === undefined ? null : { from, to: from + actionSize(agents[agent]!.actionSpace) }
  }
  const ownAction = actionColumns(own)!
  // Last, the number of an agent that shares its critic: these columns stay as they are.
  const identityAt = place(identityColumns(identity))
  const input = backend.matrix(rows, size)
  if (identityAt < size) writeIdentity(input, identityAt, identity)
  return {
    size,
    ownAction,
    actionColumns,
    of({ observations, state, present }, actionOf) {
      if (view === 'state') backend.copyColumns(demand(state, 'states'), input, 0)
      else {
        const parts = seen.map(agent => observations[agent]!)
        backend.joinColumns(parts, input, 0)
      }
      // One after the other: an action may be overwritten by the next, where agents share a network.
      seen.forEach((agent, i) => {
        backend.copyColumns(actionOf(agent), input, actionAt[i]!)
      })
      if (flags > 0) backend.copyColumns(demand(present, 'who is present'), input, flagsAt)
      return input
    },
    withOwnAction(joined, action) {
      backend.copyColumns(action, joined, ownAction.from)
      return joined
    },
  }
}

/** Numbers of what a critic sees before actions, flags and who asks. */
export function seenSize({ agents, index, stateParts = [] }: Omit<CriticOwner, 'backend'>, view: CriticView): number {
  if (view === 'local') return agents[index]!.observationSize
  const parts = view === 'state' ? stateParts : agents.map(({ observationSize }) => ({ size: observationSize }))
  return parts.reduce((sum, { size }) => sum + size, 0)
}

/** Flags of who is there, one for each agent: only where agents may be absent, for critics that see several. */
export function presenceColumns(agents: readonly AgentSpec[], view: CriticView): number {
  return view !== 'local' && agents.some(({ mayBeAbsent }) => mayBeAbsent === true) ? agents.length : 0
}

/** @throws ConfigError at learner.critic where a critic shall read the state of a game that has none */
export function refuseStateless(view: CriticView, stateParts: readonly ObservationPart[]): void {
  if (view !== 'state' || stateParts.length > 0) return
  throw new ConfigError(
    'learner.critic',
    "expected joint or local, got state: the game says nothing of the world's own state; give it stateParts and state(row)",
  )
}

function demand(matrix: Matrix | undefined, what: string): Matrix {
  if (matrix !== undefined) return matrix
  throw new TypeError(`critic: expected rows that say ${what}, got none`)
}
