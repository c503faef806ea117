// What rows of a batch say of an agent: whether it was there, whether it acts at what follows, whether a time limit cut its episode.
import type { Batch } from '../types.ts'

/** 1 where the agent was in the game, 0 where it was absent: such rows are never learnt from. */
export function presence({ present }: Batch, agent: number, to: Float32Array): void {
  for (let row = 0; row < to.length; row++) to[row] = present.data[row * present.columns + agent]!
}

/** Whether an agent acts at what follows; `at` is its number in [rows, agents]. */
export function actsNext({ present, nextPresent, terminated }: Batch, at: number): boolean {
  if (nextPresent !== undefined) return nextPresent.data[at] === 1
  return present.data[at] === 1 && terminated.data[at] === 0
}

/**
 * Whether the time limit cut an agent's episode within a transition: it ended there, and not by the rules.
 * @throws TypeError for batches that do not say where episodes ended
 */
export function isCut({ over, terminated }: Batch, agent: number, row: number): boolean {
  if (over === undefined) throw new TypeError('batch: expected rows that say where episodes ended (over), got none')
  return over.data[row] === 1 && terminated.data[row * terminated.columns + agent] === 0
}

/** Nothing is learnt from the step that the time limit cut. */
export function withoutCut(batch: Batch, agent: number, present: Float32Array): void {
  for (let row = 0; row < present.length; row++) if (isCut(batch, agent, row)) present[row] = 0
}
