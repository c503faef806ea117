// What an action-value critic sees: its own agent alone, all agents, all others as sets, or the world's own state; and whose it is, if it is shared.
import { alone, type Identity, identityColumns, writeIdentity } from '../agents/identity.ts'
import { ConfigError } from '../errors.ts'
import type { Backend, Columns } from '../nn/backend.ts'
import { type SetPlace, setPlacesOf } from '../nn/sets.ts'
import { keepWritten } from '../nn/workspace.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Matrix, ObservationPart } from '../types.ts'
import { agentSets, setColumns } from './agent-sets.ts'

/**
 * local: the own observation, and the own action of critics that judge actions. joint: everybody's observations, and actions. state: the
 * world's own state in place of the observations, and everybody's actions. set: the own as local, and the others as joint, as sets of any
 * number of agents.
 */
export type CriticView = 'local' | 'joint' | 'state' | 'set'

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
  /** The sets among them. */
  readonly sets: readonly SetPlace[]
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
  /** Who asks; default: as `identity` says. */
  readonly criticIdentity?: Identity | undefined
}

/**
 * joint: all observations, then all actions, in agent order (Lowe et al. 2017, section 4.1). local: the own observation, then the own
 * action: MADDPG becomes independent DDPG. state: the world's own state, then all actions. Both, where agents of the game may be absent, end
 * with a flag for each agent, 1 where it is there. set: the own observation and action, then the others by kind, a piece each: whether it is
 * there, its observation, its action (agent-sets.ts). Last comes who asks, if the critic is shared. Sets within observations and the state
 * are read as sets, but for joint, which reads them as they stand.
 * @throws ConfigError for the state of a game that has none
 */
export function createCriticInput(owner: CriticOwner, view: CriticView, rows: number): CriticInput {
  const { backend, agents, index: own, stateParts = [] } = owner
  const { identity = alone, criticIdentity = identity } = owner
  refuseStateless(view, stateParts)
  const seen = view === 'local' || view === 'set' ? [own] : agents.map((_, index) => index)
  let size = 0
  const place = (columns: number) => {
    size += columns
    return size - columns
  }
  place(seenSize(owner, view))
  const actionAt = seen.map(agent => place(actionSize(agents[agent]!.actionSpace)))
  const flags = presenceColumns(agents, view)
  const flagsAt = place(flags)
  const others = view === 'set' ? agentSets(agents, size, { except: own, actions: true }) : []
  place(setColumns(others))
  const pieces = others.flatMap(({ members, place: { from, piece } }) =>
    members.map((agent, i) => ({
      agent,
      flagAt: from + i * piece,
      actionAt: from + i * piece + 1 + agents[agent]!.observationSize,
    })),
  )
  const actionColumns = (agent: number): Columns | null => {
    const from = actionAt[seen.indexOf(agent)] ?? pieces.find(piece => piece.agent === agent)?.actionAt
    return from === undefined ? null : { from, to: from + actionSize(agents[agent]!.actionSpace) }
  }
  const ownAction = actionColumns(own)!
  // Last, the number of an agent that shares its critic: these columns stay as they are.
  const identityAt = place(identityColumns(criticIdentity))
  const input = backend.matrix(rows, size)
  const writer = {}
  /** What stays as it is, where others write into the same matrix. */
  const keepConstants = () =>
    keepWritten(input, writer, () => {
      if (identityAt < size) writeIdentity(input, identityAt, criticIdentity)
      for (const { flagAt } of pieces) writePresence(input, flagAt)
    })
  const mayBeAbsent = agents.some(agent => agent.mayBeAbsent === true)
  return {
    size,
    sets: [...setsOf(owner, view), ...others.map(({ place }) => place)],
    ownAction,
    actionColumns,
    of({ observations, state, present }, actionOf) {
      keepConstants()
      if (view === 'state') backend.copyColumns(demand(state, 'states'), input, 0)
      else {
        const parts = seen.map(agent => observations[agent]!)
        backend.joinColumns(parts, input, 0)
      }
      // One after the other: an action may be overwritten by the next, where agents share a network.
      seen.forEach((agent, i) => {
        backend.copyColumns(actionOf(agent), input, actionAt[i]!)
      })
      for (const { agent, flagAt, actionAt } of pieces) {
        backend.copyColumns(observations[agent]!, input, flagAt + 1)
        backend.copyColumns(actionOf(agent), input, actionAt)
        if (mayBeAbsent) writePresence(input, flagAt, demand(present, 'who is present'), agent)
      }
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
  if (view === 'local' || view === 'set') return agents[index]!.observationSize
  const parts = view === 'state' ? stateParts : agents.map(({ observationSize }) => ({ size: observationSize }))
  return parts.reduce((sum, { size }) => sum + size, 0)
}

/** The sets in a critic's input before the actions. A joint critic has none: each agent has columns of its own there. */
export function setsOf({ agents, index, stateParts = [] }: Omit<CriticOwner, 'backend'>, view: CriticView): SetPlace[] {
  if (view === 'joint') return []
  return setPlacesOf(view === 'state' ? stateParts : agents[index]!.observationParts)
}

/** Writes into a column where an agent is there: everywhere, or as `present` says. */
function writePresence(input: Matrix, column: number, present?: Matrix, agent = 0): void {
  const { columns, data } = input
  for (let row = 0, at = column; row < input.rows; row++, at += columns) {
    data[at] = present === undefined ? 1 : present.data[row * present.columns + agent]!
  }
}

/** Flags of who is there, one for each agent: only where agents may be absent, for critics that see several. */
export function presenceColumns(agents: readonly AgentSpec[], view: CriticView): number {
  return (view === 'joint' || view === 'state') && agents.some(({ mayBeAbsent }) => mayBeAbsent === true)
    ? agents.length
    : 0
}

/** @throws ConfigError at learner.critic where a critic shall read the state of a game that has none */
export function refuseStateless(view: CriticView, stateParts: readonly ObservationPart[]): void {
  if (view !== 'state' || stateParts.length > 0) return
  throw new ConfigError(
    'learner.critic',
    "expected joint, local or set, got state: the game says nothing of the world's own state; give it stateParts and state(row)",
  )
}

function demand(matrix: Matrix | undefined, what: string): Matrix {
  if (matrix !== undefined) return matrix
  throw new TypeError(`critic: expected rows that say ${what}, got none`)
}
