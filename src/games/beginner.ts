// Who moves first in a game of two players in turns.
import type { Random } from '../random.ts'

/** What the option `begins` of such a game may say. */
export const beginners = ['player_0', 'player_1', 'random'] as const

/** The index of the player who moves first. */
export function beginnerOf(begins: (typeof beginners)[number], random: Random): 0 | 1 {
  if (begins === 'random') return random.integer(2) as 0 | 1
  return begins === 'player_0' ? 0 : 1
}
