// Where everything of one game's step lies in its row of a rollout.
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Column } from '../types.ts'

/** Where a block of numbers lies in a row. */
export interface Block {
  readonly column: number
  readonly size: number
}

/** What is kept of an agent, by name: `observation`, `nextObservation`, `action`, and what its policy recorded. */
export type AgentBlocks = Readonly<Record<string, Block>>

export interface StepLayout {
  /** Numbers in a row. */
  readonly columns: number
  /** Per agent of the game; empty for those of whom nothing is kept. */
  readonly blocks: readonly AgentBlocks[]
  /** First of four columns per agent that learns, by agent; -1 for the others: reward, present, terminated, restarted. */
  readonly outcome: readonly number[]
  /** One column: 1 where the game was truncated. */
  readonly truncated: number
}

/** The rows of a rollout: agents that learn have everything kept, `watched` ones their observations. */
export function stepLayout(
  agents: readonly AgentSpec[],
  learning: readonly number[],
  watched: readonly number[],
  records: (agent: number) => readonly Column[],
): StepLayout {
  let columns = 0
  const place = (size: number): Block => {
    columns += size
    return { column: columns - size, size }
  }
  const blocks = agents.map((agent, index): AgentBlocks => {
    const learns = learning.includes(index)
    if (!learns && !watched.includes(index)) return {}
    const seen = { observation: place(agent.observationSize), nextObservation: place(agent.observationSize) }
    if (!learns) return seen
    const recorded = records(index).map(({ name, size }) => [name, place(size)] as const)
    return { ...seen, action: place(actionSize(agent.actionSpace)), ...Object.fromEntries(recorded) }
  })
  const outcome = agents.map((_, index) => (learning.includes(index) ? place(4).column : -1))
  const truncated = place(1).column
  return { columns, blocks, outcome, truncated }
}
