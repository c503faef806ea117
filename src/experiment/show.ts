// What viewers watch and what they can do with it: an exhibition game, or the playback of a recording.
import type { Observable } from 'rxjs'
import type { Frame, FrameSchema } from '../envs/frame.ts'
import type { Saved } from '../types.ts'
import type { Command } from './commands.ts'

/** Something to watch: an exhibition, or a recording that is played again. */
export interface Show {
  /** The present schema first, later ones when the game is another: options changed, a file was saved. */
  readonly schema$: Observable<FrameSchema>
  /**
   * Every step played, in order, never thinned; of the present schema. Hot: the game is played as long as somebody subscribes, once
   * for all; later subscribers get what comes next.
   */
  readonly moments$: Observable<Moment>
  /** What an agent sees, wants and is worth now; null where this show cannot say, as a recording without it. */
  inspect(agent: number): Inspection | null
  /** Resolves when `inspect` can say something of these agents; absent: it always can. */
  look?(agents: readonly number[]): Promise<void>
  /**
   * Does what a viewer asks; `viewer` names the connection. A promise where it takes a while.
   * @throws TypeError, RangeError or ConfigError (or rejects with it), with a sentence that goes back as a refusal.
   */
  command(command: Command, viewer: string): void | Promise<void>
  /** A viewer is gone: agents that it had taken are let go. */
  left(viewer: string): void
}

/** One step of a show: its frame, and where an episode opens with it, which. */
export interface Moment {
  readonly frame: Frame
  /** Set where the frames begin anew; null: one step further, by the frame's actions. */
  readonly opening: Opening | null
  /**
   * `fingerprint` of what the game would save at this moment: a replay that comes to the same value came to the same bits. To be asked
   * for while the moment is told, not later; null: not known here.
   */
  fingerprint(): bigint | null
}

/**
 * All that is needed to play on from a moment, bit for bit: a game of `scenario` with `options`, brought to `game`, moves by the
 * actions of the frames that follow.
 */
export interface Opening {
  /** first: the begin of the show; reset: an episode began; options: in a game with other options; drag: an entity was put elsewhere. */
  readonly cause: 'first' | 'reset' | 'options' | 'drag'
  readonly scenario: string
  /** Version of the scenario. */
  readonly version: number
  /** Every option. */
  readonly options: Readonly<Record<string, unknown>>
  /** Names the stream of random numbers that the episode began with: `createRandom(seed, 'exhibition')`. */
  readonly seed: number
  /** What the game saved at this moment, its stream of random numbers included where it draws any later. */
  readonly game: Saved
  /** Where the entity was put. */
  readonly drag?: { readonly entity: number; readonly position: readonly [number, number] }
  /** Who plays each team by then, as `exhibition.players`. */
  readonly players: Readonly<Record<string, string>>
}

/** What there is to know about one agent at the present moment, beyond the frame. */
export interface Inspection {
  readonly agent: number
  /** [observationSize]; names and sizes: the schema's agents[agent].observationParts. */
  readonly observation: Float32Array
  /** [actionSize] What it will do next unless a viewer controls it: the row that its policy chose at this observation. */
  readonly action: Float32Array
  /** [actionSize] What it chose from: probabilities of choices, means of boxes; the action itself where its policy does not say. */
  readonly probabilities: Float32Array
  /** [actionSize] 1 where it may do that now, 0 at an alternative that is not allowed; absent: everything always is. */
  readonly mask?: Uint8Array
  /** [actionSize] What it expects of each alternative where it acts by values, of which it takes the best; absent: it acts otherwise. */
  readonly actionValues?: Float32Array
  /** Q(o, a): what its critic expects from all agents' observations and chosen actions; null where it has no critic. */
  readonly value: number | null
  /** Named parts of the reward of the step that led here; empty in games that name none. */
  readonly rewardParts: Readonly<Record<string, number>>
  /** [entities] 1: its observation shows something of that entity; zeros in games that do not say. */
  readonly sees: Uint8Array
}
