// Where everything of a transition lies in its row: one run of cache lines.
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Column, ObservationPart } from '../types.ts'

/** First columns, per agent where there is one of each. */
export interface RowLayout {
  /** Numbers in a row. */
  readonly columns: number
  readonly observations: readonly number[]
  readonly actions: readonly number[]
  /** Per agent, the named columns that stand beside what it sees and does, `column` the first of each. */
  readonly extras: readonly (readonly (Column & { readonly column: number })[])[]
  /** Of agents with a mask; null of the others. */
  readonly masks: readonly (number | null)[]
  /** Of the world's own state, where it is kept; else null. */
  readonly states: number | null
  readonly nextObservations: readonly number[]
  readonly nextMasks: readonly (number | null)[]
  readonly nextStates: number | null
  /** [agents] columns each. */
  readonly rewards: number
  readonly present: number
  readonly terminated: number
  /**
   * One column: 1 where the game's episode ended with this transition, truncated or because all its agents are over; 2 where the
   * transition that followed it was left out (see Relocation); else 0.
   */
  readonly over: number
  /**
   * [agents] In games whose agents may be absent, what follows for each: 1 where it acts next, 2 where it waits and the episode was
   * truncated, else 0; null in other games.
   */
  readonly follows: number | null
}

/** What one draw reads together stands together: what was, what came of it, what it was worth. */
export function rowLayout(
  agents: readonly AgentSpec[],
  extras: readonly (readonly Column[])[] = [],
  stateParts: readonly ObservationPart[] = [],
): RowLayout {
  let columns = 0
  const place = (size: number) => {
    columns += size
    return columns - size
  }
  const observations = agents.map(agent => place(agent.observationSize))
  const actions = agents.map(agent => place(actionSize(agent.actionSpace)))
  const blocks = agents.map((_, agent) =>
    (extras[agent] ?? []).map(({ name, size }) => ({ name, size, column: place(size) })),
  )
  const masked = () =>
    agents.map(({ isMasked, actionSpace }) => (isMasked === true ? place(actionSize(actionSpace)) : null))
  const stateSize = stateParts.reduce((sum, { size }) => sum + size, 0)
  const state = () => (stateSize > 0 ? place(stateSize) : null)
  const masks = masked()
  const states = state()
  const nextObservations = agents.map(agent => place(agent.observationSize))
  const nextMasks = masked()
  const nextStates = state()
  const rewards = place(agents.length)
  const present = place(agents.length)
  const terminated = place(agents.length)
  const over = place(1)
  const follows = agents.some(agent => agent.mayBeAbsent === true) ? place(agents.length) : null
  return {
    columns,
    observations,
    actions,
    extras: blocks,
    masks,
    states,
    nextObservations,
    nextMasks,
    nextStates,
    rewards,
    present,
    terminated,
    over,
    follows,
  }
}
