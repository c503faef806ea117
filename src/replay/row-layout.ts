// Where everything of a transition lies in its row: one run of cache lines.
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Column } from '../types.ts'

/** First columns, per agent where there is one of each. */
export interface RowLayout {
  /** Numbers in a row. */
  readonly columns: number
  readonly observations: readonly number[]
  readonly actions: readonly number[]
  /** Per agent, the named columns that stand beside what it sees and does, `column` the first of each. */
  readonly extras: readonly (readonly (Column & { readonly column: number })[])[]
  readonly nextObservations: readonly number[]
  /** [agents] columns each. */
  readonly rewards: number
  readonly present: number
  readonly terminated: number
  /**
   * One column: 1 where the game's episode ended with this transition, truncated or because all its agents are over; 2 where the
   * transition that followed it was left out (see Relocation); else 0.
   */
  readonly over: number
}

/** What one draw reads together stands together: what was, what came of it, what it was worth. */
export function rowLayout(agents: readonly AgentSpec[], extras: readonly (readonly Column[])[] = []): RowLayout {
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
  const nextObservations = agents.map(agent => place(agent.observationSize))
  const rewards = place(agents.length)
  const present = place(agents.length)
  const terminated = place(agents.length)
  const over = place(1)
  return { columns, observations, actions, extras: blocks, nextObservations, rewards, present, terminated, over }
}
