// What a viewer needs to draw a game: a schema once, then one row of numbers per picture.

export interface FrameEntity {
  readonly id: string
  readonly kind: 'agent' | 'landmark'
  /** Index of the agent among the agents; null for landmarks. */
  readonly agent: number | null
  readonly team: string | null
  /** Radius in world units. */
  readonly size: number
  /** Red, green, blue in 0 ... 1. */
  readonly color: readonly [number, number, number]
  readonly collides: boolean
}

/** Neighbouring numbers of a frame row with one meaning. */
export interface FrameField {
  /** position [entities, 2]; velocity [agents, 2]; utterance [agents, channels]. */
  readonly name: 'position' | 'velocity' | 'utterance'
  readonly offset: number
  readonly size: number
}

export interface FrameSchema {
  readonly kind: 'particles'
  /** Half the width and height, in world units, of the square that the fixed camera shows, centred at 0. */
  readonly extent: number
  readonly entities: readonly FrameEntity[]
  readonly fields: readonly FrameField[]
  /** Numbers in one row. */
  readonly size: number
}

/** One picture of a game as it goes to viewers. */
export interface Frame {
  readonly episode: number
  /** Environment steps since the episode began. */
  readonly step: number
  /** True on the first frame after a reset: trails and reward curves begin anew. */
  readonly restarted: boolean
  /** Per agent, of the step that led here. */
  readonly rewards: Float32Array
  /** Per agent, sum of the rewards of the episode so far. */
  readonly returns: Float32Array
  /** One row by the schema. */
  readonly row: Float32Array
}
