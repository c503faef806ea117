// When an episode is over: it is truncated, or none of its agents plays on.
import type { JointStep } from './types.ts'

/** Whether the episode of a game ends with this step. */
export function episodeOver(
  { truncated, present, terminated, nextPresent, waiting }: EpisodeEnd,
  game: number,
): boolean {
  if (truncated[game] === 1) return true
  const agents = present.length / truncated.length
  if (nextPresent !== undefined) {
    for (let at = game * agents; at < (game + 1) * agents; at++) {
      if (nextPresent[at] === 1 || waiting![at] === 1) return false
    }
    return true
  }
  for (let at = game * agents; at < (game + 1) * agents; at++) {
    if (present[at] === 1 && terminated[at] === 0) return false
  }
  return true
}

/** What a joint step says of it: [games, agents], and truncated [games]. */
export type EpisodeEnd = Pick<JointStep, 'present' | 'terminated' | 'truncated' | 'nextPresent' | 'waiting'>
