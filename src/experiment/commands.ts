// What viewers may ask for.

/** What the game that is watched is asked for, and the training behind it. */
export type Command = GameCommand | TrainingCommand | TimelineCommand

/** Acts on the game that viewers watch; never on the training. */
export type GameCommand =
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** So many steps (1 ... 1000; absent: one) of a paused game. */
  | { readonly type: 'step'; readonly steps?: number }
  /** 1 is ten world steps per second; 0.125 ... 64, or null: as fast as possible. */
  | { readonly type: 'speed'; readonly speed: number | null }
  /** A new episode; with a seed the one that it stands for, absent: the next one. */
  | { readonly type: 'reset'; readonly seed?: number }
  /** The same game with other options; those that are not named stay. */
  | { readonly type: 'options'; readonly options: Readonly<Record<string, unknown>> }
  /** Another policy for a team: one of `exhibition.choices[team]`. */
  | { readonly type: 'play'; readonly team: string; readonly who: string }
  /** Takes control of an agent, or releases it; one viewer at a time. */
  | { readonly type: 'take'; readonly agent: number }
  | { readonly type: 'release'; readonly agent: number }
  /**
   * What a taken agent does from now on. `move`: (x, y) in -1 ... 1, which becomes the nearest legal action; `say`: the channel that it
   * speaks on (of a choice without directions: the alternative that it takes); null: silence.
   */
  | {
      readonly type: 'act'
      readonly agent: number
      readonly move: readonly [number, number]
      readonly say?: number | null
    }
  /** Puts an entity elsewhere, at rest; index in the schema's entities, world units. */
  | { readonly type: 'drag'; readonly entity: number; readonly position: readonly [number, number] }

/** Acts on the training: stop writes a checkpoint, start goes on from there. */
export type TrainingCommand = {
  readonly type: 'pauseTraining' | 'resumeTraining' | 'stopTraining' | 'startTraining'
}

/** Acts on the playback of a recording: to a frame, and whether a stretch of frames is played over and over. */
export type TimelineCommand =
  | { readonly type: 'seek'; readonly number: number }
  | { readonly type: 'loop'; readonly from: number; readonly to: number }
  | { readonly type: 'loop'; readonly from: null; readonly to: null }

/** Limits of the `speed` command. */
export const SPEED = { least: 0.125, most: 64 } as const

/** Most steps that one `step` command makes. */
export const MOST_STEPS = 1000
