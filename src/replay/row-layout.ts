// Where everything of a transition lies: what was seen, what came of it, and what was seen next, which begins the row after.
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Column, ObservationPart } from '../types.ts'

/** First columns, per agent where there is one of each. Those of what is seen next lie past the row's own, `columns` further on. */
export interface RowLayout {
  /** Numbers of a row: what is seen, then what comes of it. */
  readonly columns: number
  /** Numbers of what is seen: observations, masks, the world's own state. */
  readonly seen: number
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
  /** [agents] columns each, side by side with `over`. */
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
  /**
   * Where games take turns by whole trajectories, one column: the number of the game, from 1; below 0 where rows before it are missing. null:
   * they come side by side, and none of them says whose it is.
   */
  readonly game: number | null
  /** A transition by itself, as it is saved, with what is seen next. */
  readonly saved: SavedLayout
}

export interface SavedLayout {
  readonly columns: number
  /** Neighbours in both: `size` columns of what is saved, from `saved` on, lie from `column` on. */
  readonly runs: readonly { readonly saved: number; readonly column: number; readonly size: number }[]
}

export function rowLayout(
  agents: readonly AgentSpec[],
  extras: readonly (readonly Column[])[] = [],
  stateParts: readonly ObservationPart[] = [],
  inTurns = false,
): RowLayout {
  let columns = 0
  const place = (size: number) => {
    columns += size
    return columns - size
  }
  const count = agents.length
  const sizes = agents.map(agent => actionSize(agent.actionSpace))
  const stateSize = stateParts.reduce((sum, { size }) => sum + size, 0)
  const observations = agents.map(agent => place(agent.observationSize))
  const observed = columns
  const masks = agents.map(({ isMasked }, agent) => (isMasked === true ? place(sizes[agent]!) : null))
  const states = stateSize > 0 ? place(stateSize) : null
  const seen = columns
  const actions = sizes.map(size => place(size))
  const blocks = agents.map((_, agent) =>
    (extras[agent] ?? []).map(({ name, size }) => ({ name, size, column: place(size) })),
  )
  const rewards = place(count)
  const present = place(count)
  const terminated = place(count)
  const over = place(1)
  const follows = agents.some(agent => agent.mayBeAbsent === true) ? place(count) : null
  const game = inTurns ? place(1) : null
  const next = (column: number | null) => (column === null ? null : columns + column)
  return {
    columns,
    seen,
    observations,
    actions,
    extras: blocks,
    masks,
    states,
    nextObservations: observations.map(column => columns + column),
    nextMasks: masks.map(next),
    nextStates: next(states),
    rewards,
    present,
    terminated,
    over,
    follows,
    game,
    saved: savedLayout([
      [0, observed],
      [seen, rewards - seen],
      [observed, seen - observed],
      [columns, seen],
      [rewards, columns - rewards],
    ]),
  }
}

/** Of runs of columns in the order in which they are saved. */
function savedLayout(order: readonly (readonly [column: number, size: number])[]): SavedLayout {
  let columns = 0
  const runs = order.map(([column, size]) => {
    columns += size
    return { saved: columns - size, column, size }
  })
  return { columns, runs: runs.filter(({ size }) => size > 0) }
}
