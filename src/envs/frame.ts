// What a viewer needs to draw a game and to know what its agents do: a schema once, then one frame per step.
import type { AgentSpec } from '../types.ts'
import type { ArenaDefinition } from './arena.ts'
import type { WallDefinition } from './walls.ts'

/** What pictures know of an agent, a landmark or a thing: how it looks, which stays as it is. */
export interface FrameEntity {
  readonly id: string
  readonly kind: 'agent' | 'landmark'
  /** Index of the agent among the agents that act; null for landmarks and scripted agents. */
  readonly agent: number | null
  /** Set on agents that the scenario moves: they act on nobody's behalf and get no reward. */
  readonly scripted?: true
  readonly team: string | null
  /** Radius in world units. */
  readonly size: number
  /** Red, green, blue in 0 ... 1, as its author chose it; absent: the viewer chooses, by team. */
  readonly color?: readonly [number, number, number]
  readonly collides: boolean
  /** Stands on it; absent: nothing. Of size 0 it is all that is drawn. */
  readonly label?: string
  /** How a thing on a grid is drawn; absent: a diamond. */
  readonly form?: 'diamond' | 'square'
}

/** The ground of a grid: its longer side goes from -1 to 1 in world units, row 0 is at the top. Cells by row * columns + column. */
export interface GridPicture {
  readonly rows: number
  readonly columns: number
  readonly walls: readonly number[]
  /** Cells that mean something: goals, doors. */
  readonly marks: readonly GridMark[]
}

export interface GridMark {
  readonly name: string
  readonly cells: readonly number[]
  /** Red, green, blue in 0 ... 1; absent: the viewer chooses. */
  readonly color?: readonly [number, number, number]
}

/**
 * Neighbouring numbers of a frame row with one meaning. Below, actors are all entities of kind 'agent' in their order: the
 * agents, then the scripted ones. Every field but `position` may be missing.
 * - position [entities, 2], world units; NaN: nowhere, not drawn.
 * - velocity [actors, 2], world units per second.
 * - present [entities], 1, or 0.5: an agent waits and is drawn faded, or 0: who has left is not drawn.
 * - heading [actors], radians from +x counterclockwise; NaN where the agent has none.
 * - utterance [actors, channels].
 * - level [entities], a number that stands on it; NaN: none.
 * - marked [entities], 1 or 0: whether a thing on a grid stands out, as a shelf that is asked for.
 * - goal [agents], index among the landmarks of the one that the agent is to reach; -1: none.
 */
export interface FrameField {
  readonly name: 'position' | 'velocity' | 'present' | 'heading' | 'utterance' | 'level' | 'marked' | 'goal'
  readonly offset: number
  readonly size: number
}

/** How a game is drawn. */
export interface PictureSchema {
  /** particles: a plane; grid: cells. */
  readonly kind: 'particles' | 'grid'
  /** Half the width and height, in world units, of the square that the fixed camera shows, centred at 0. */
  readonly extent: number
  readonly entities: readonly FrameEntity[]
  readonly fields: readonly FrameField[]
  /** Absent: none. */
  readonly walls?: readonly WallDefinition[]
  /** Absent: open space. */
  readonly arena?: ArenaDefinition
  /** There where `kind` is 'grid'. */
  readonly grid?: GridPicture
  /** Numbers in one row. */
  readonly size: number
}

/** An agent as viewers know it: `action` rows are split by its action space, observations by their parts. */
export type FrameAgent = Pick<AgentSpec, 'id' | 'team' | 'actionSpace' | 'observationParts'>

/** How a game is drawn, and who acts in it. */
export interface FrameSchema extends PictureSchema {
  /** In agent order. */
  readonly agents: readonly FrameAgent[]
  /** Seconds of the world that a step takes. */
  readonly secondsPerStep: number
}

/** What there is to be seen of a game after a step, or where an episode begins. */
export interface Frame {
  /** Counts the frames of a session: rises by one with every step and every reset shown, and never begins anew. */
  readonly number: number
  /** When it was simulated: milliseconds since 1970. */
  readonly at: number
  readonly episode: number
  /** Environment steps since the episode began. */
  readonly step: number
  /** True on the first frame after a reset: trails and reward curves begin anew. */
  readonly restarted: boolean
  /** Somebody has put an entity elsewhere: nothing moved there from the frame before. */
  readonly placed: boolean
  /** Per agent, of the step that led here. */
  readonly rewards: Float32Array
  /** Per agent, sum of the rewards of the episode so far. */
  readonly returns: Float32Array
  /** All agents' action rows side by side, of the step that led here; zeros where an episode begins. */
  readonly actions: Float32Array
  /** One row by the schema. */
  readonly row: Float32Array
}
