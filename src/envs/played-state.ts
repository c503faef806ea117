// What is set of a particle game from outside, and what is handed over when games take turns in one world.
import type { Random } from '../random.ts'
import type { OptionValues } from '../settings/option.ts'
import type { Answers } from './neighbors.ts'
import type { NoiseStreams } from './noise.ts'
import type { commonOptions } from './scenario.ts'

export type ParticleOptions = OptionValues<typeof commonOptions> & Readonly<Record<string, unknown>>

/** What can be set from outside; what is absent stays. */
export interface PlacedState {
  /** Steps of the episode so far. */
  readonly cycles?: number
  /** Choices that positions do not show, by the names of the conformance traces. */
  readonly hidden?: Readonly<Record<string, unknown>>
  /** Per agent, world units. */
  readonly positions?: readonly (readonly number[])[]
  /** Per agent, world units per second. */
  readonly velocities?: readonly (readonly number[])[]
  /** Per agent, [channels]. */
  readonly utterances?: readonly (readonly number[])[]
  /** Per landmark, world units. */
  readonly landmarks?: readonly (readonly number[])[]
}

/** What a game has of its own beside numbers: it is handed over by reference when another game has its turn. */
export interface Belongings {
  random: Random
  /** The author's `world.state`. */
  state: unknown
  answers: Answers
  streams: readonly NoiseStreams[]
  rewardParts: readonly Map<string, number>[]
  watched: boolean
}
