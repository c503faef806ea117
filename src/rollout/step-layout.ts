// Where everything of one game's step lies in its row of a rollout.
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Column } from '../types.ts'

/** Where a block of numbers lies in a row. */
export interface Block {
  readonly column: number
  readonly size: number
}

/**
 * What is kept of an agent, by name: `observation`, `nextObservation`, `action`, `mask` and `nextMask` where it has one, and what its policy
 * recorded. Where agents may be absent also what its policy carried, and of everybody `present` and what `follows` (1: it acts next, 2: it
 * waits and the episode was cut, else 0).
 */
export type AgentBlocks = Readonly<Record<string, Block>>

export interface StepLayout {
  /** Numbers in a row. */
  readonly columns: number
  /** Per agent of the game. */
  readonly blocks: readonly AgentBlocks[]
  /** What is kept of the world by name: `state` and `nextState`. */
  readonly world: AgentBlocks
  /** First of four columns per agent that learns, by agent; -1 for the others: reward, present, terminated, restarted. */
  readonly outcome: readonly number[]
  /** One column: 1 where the game was truncated. */
  readonly truncated: number
  /** Whether agents may be absent, so that rows are put together from own step to own step. */
  readonly mayBeAbsent: boolean
}

/** Which columns of a step are kept. */
export interface StepColumns {
  /** All agents of the game. */
  readonly agents: readonly AgentSpec[]
  /** Those that learn, of whom everything is kept. */
  readonly learning: readonly number[]
  /** Those whose observations are kept. */
  readonly watched: readonly number[]
  records(agent: number): readonly Column[]
  carries(agent: number): readonly Column[]
  /** Numbers of the world's own state; 0: it is not kept. */
  readonly stateSize: number
}

/** The rows of a rollout. */
export function stepLayout({ agents, learning, watched, records, carries, stateSize }: StepColumns): StepLayout {
  const mayBeAbsent = agents.some(agent => agent.mayBeAbsent === true)
  let columns = 0
  const place = (size: number): Block => {
    columns += size
    return { column: columns - size, size }
  }
  const blocks = agents.map((agent, index): AgentBlocks => {
    const learns = learning.includes(index)
    const presence = mayBeAbsent ? { present: place(1), follows: place(1) } : {}
    if (!learns && !watched.includes(index)) return presence
    const seen = {
      ...presence,
      observation: place(agent.observationSize),
      nextObservation: place(agent.observationSize),
    }
    if (!learns) return seen
    const size = actionSize(agent.actionSpace)
    const kept = mayBeAbsent ? [...records(index), ...carries(index)] : records(index)
    const recorded = kept.map(({ name, size }) => [name, place(size)] as const)
    return {
      ...seen,
      action: place(size),
      ...(agent.isMasked === true ? { mask: place(size), nextMask: place(size) } : {}),
      ...Object.fromEntries(recorded),
    }
  })
  const world = stateSize > 0 ? { state: place(stateSize), nextState: place(stateSize) } : {}
  const outcome = agents.map((_, index) => (learning.includes(index) ? place(4).column : -1))
  const truncated = place(1).column
  return { columns, blocks, world, outcome, truncated, mayBeAbsent }
}
