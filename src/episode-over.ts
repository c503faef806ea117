// When an episode is over: it is truncated, or none of its agents plays on.
import type { JointStep } from './types.ts'

/** Whether the episode of a game ends with this step. */
export function episodeOver({ truncated, present, terminated }: EpisodeEnd, game: number): boolean {
  if (truncated[game] === 1) return true
  const agents = present.length / truncated.length
  for (let at = game * agents; at < (game + 1) * agents; at++) {
    if (present[at] === 1 && terminated[at] === 0) return false
  }
  return true
}

/** What a joint step says of it: [games, agents] twice, and [games]. */
export type EpisodeEnd = Pick<JointStep, 'present' | 'terminated' | 'truncated'>

/** The same of one game as it is now. */
export function gameOver({ truncated, present, terminated }: GameNow): boolean {
  if (truncated) return true
  for (let agent = 0; agent < present.length; agent++) {
    if (present[agent] === 1 && terminated[agent] === 0) return false
  }
  return true
}

interface GameNow {
  /** [agents] */
  readonly present: Uint8Array
  /** [agents] */
  readonly terminated: Uint8Array
  readonly truncated: boolean
}
