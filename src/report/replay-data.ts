// Recorded episodes as they stand in a page: what the recorder writes and the player reads.
import type { PictureSchema } from '../envs/frame.ts'

export interface Replay {
  readonly schema: PictureSchema
  /** Names of the agents, in agent order. */
  readonly agents: readonly string[]
  /** At least one. */
  readonly episodes: readonly ReplayEpisode[]
}

export interface ReplayEpisode {
  /** Pictures, the first one before the first step. */
  readonly frames: number
  /** Float32, little endian, base64: [frames, schema.size]. */
  readonly rows: string
  /** The same of the returns so far: [frames, agents]. */
  readonly returns: string
  /** The episode went on longer than what was kept of it. */
  readonly cut: boolean
}
