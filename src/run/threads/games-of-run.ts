// The games of a run, as the run sees them: a vector game that may be played in several threads.
import type { VectorGame } from '../../envs/vector-game.ts'

export interface GamesInThreads extends VectorGame {
  /** Threads that the games are played in now. */
  readonly threads: number
  /** Ends those that are not the calling one; the games cannot be used afterwards. */
  dispose(): void
}
