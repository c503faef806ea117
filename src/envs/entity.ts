// What a particle world is populated with: agents, which act, and landmarks, which are there.

/** A point or direction in the plane, x to the right and y up. */
export class Vector {
  // NaN first: it tells the engine that the field holds doubles. A whole number here would make it guess small
  // integers, and every function that has seen the field would be recompiled at the first fraction.
  x = Number.NaN
  y = Number.NaN

  constructor(x = 0, y = 0) {
    this.x = x
    this.y = y
  }

  set(x: number, y: number): void {
    this.x = x
    this.y = y
  }
}

/** Red, green and blue, 0 ... 1; the published worlds go a little beyond. */
export type Color = readonly [number, number, number]

/** What an author says about an agent. Any further field (`adversary: true`) becomes a field of the agent. */
export interface AgentDefinition {
  /** The literature's name, `adversary_0`. */
  readonly id: string
  /** Agents of one team share an interest; absent: the id without its number. */
  readonly team?: string
  /** Radius in world units; absent: 0.05. */
  readonly size?: number
  /** What it is drawn in; absent: the colour of its team. */
  readonly color?: Color
  /** Absent: 1. */
  readonly mass?: number
  /** Whether it bumps into other entities that collide; absent: true. */
  readonly collides?: boolean
  /** Whether it can move by itself or be moved; absent: true. */
  readonly moves?: boolean
  /** Whether its action has a part `say`, heard by all as its utterance; absent: false. */
  readonly speaks?: boolean
  /** How its action moves it; absent: 'force'. */
  readonly dynamics?: Dynamics
  /** Force of a full action (dynamics 'force'); absent: 5, as published. */
  readonly acceleration?: number
  /** World units per second; absent: no limit. The other dynamics take it for the speed of a full action; absent: 1. */
  readonly maxSpeed?: number
  /** Radians per second of a full turn (dynamics 'differential'); absent: pi, half a revolution. */
  readonly turnRate?: number
  /**
   * Standard deviation of the Gaussian noise that each direction of its action gets, 1 being a full action; absent: 0.
   * The published worlds' `u_noise` is in units of force: `actionNoise` times `acceleration`.
   */
  readonly actionNoise?: number
  /** Standard deviation of the Gaussian noise that each channel of its utterance gets (`c_noise`); absent: 0. */
  readonly utteranceNoise?: number
}

/**
 * How an action moves an agent. With x = right - left and y = up - down of the row's five moves (choices or box alike):
 * - 'force', as published: (x, y) times `acceleration` pushes the agent, which has inertia and friction.
 * - 'velocity': (x, y), shortened to length 1 if longer, times `maxSpeed` is the velocity of this step.
 * - 'differential', two wheels: y drives along the heading at `maxSpeed` (up forwards, down backwards), x turns at
 *   `turnRate` (right clockwise, left counterclockwise); it turns first and then drives, both clipped to -1 ... 1.
 * The last two have no inertia and move in the same step under both rules; contacts still push them aside.
 */
export type Dynamics = 'force' | 'velocity' | 'differential'

/** What an author says about a landmark. Any further field (`food: true`) becomes a field of the landmark. */
export interface LandmarkDefinition {
  readonly id: string
  /** Radius in world units; absent: 0.05. */
  readonly size?: number
  /** What it is drawn in; absent: grey. */
  readonly color?: Color
  /** Absent: 1. */
  readonly mass?: number
  /** Absent: false. */
  readonly collides?: boolean
  /** Whether collisions push it; absent: false. */
  readonly moves?: boolean
}

/** What physics knows of agents and landmarks alike. */
export interface Entity {
  readonly id: string
  readonly kind: 'agent' | 'landmark'
  /** Among its kind. */
  readonly index: number
  readonly collides: boolean
  readonly moves: boolean
  /** World units. */
  readonly position: Vector
  /** World units per second. */
  readonly velocity: Vector
  /** The sum of what pushes it in this step. */
  readonly force: Vector
  size: number
  mass: number
  /** World units per second. */
  maxSpeed: number
  color: Color
  /** Whether its author gave it a colour. */
  readonly colored: boolean
  /** False while it waits and once it has left the game: it neither moves, collides nor is seen. */
  present: boolean
  /** Whether it lives in a wrapped arena. */
  wraps: boolean
  /** Side of that arena, in world units; NaN where space does not wrap. */
  period: number
}

/** A particle that acts: it moves, speaks, or both. */
export class Agent implements Entity {
  readonly kind = 'agent'
  readonly id: string
  readonly team: string
  readonly index: number
  readonly collides: boolean
  readonly moves: boolean
  readonly speaks: boolean
  readonly dynamics: Dynamics
  /** Moved by the scenario's `controls` instead of an action. */
  readonly scripted: boolean
  readonly position = new Vector()
  readonly velocity = new Vector()
  readonly force = new Vector()
  /** Its wish to move in this step, each direction in -1 ... 1; times `acceleration` it is a force. */
  readonly thrust = new Vector()
  /** [channels] What it wants to say in this step. */
  readonly speech: Float64Array
  /** [channels] What the others hear: zeros until it has spoken. */
  readonly utterance: Float64Array
  size = Number.NaN
  mass = Number.NaN
  acceleration = Number.NaN
  maxSpeed = Number.NaN
  turnRate = Number.NaN
  actionNoise = Number.NaN
  utteranceNoise = Number.NaN
  /** Radians, 0 along +x, counterclockwise, in -pi ... pi; 0 at reset. Turned by dynamics 'differential' alone. */
  heading = Number.NaN
  color: Color
  /** Private: it is no part of the state that is saved. */
  readonly #colored: boolean
  present = true
  wraps = false
  period = Number.NaN

  constructor(definition: AgentDefinition, index: number, channels: number, scripted = false) {
    this.id = definition.id
    this.team = definition.team ?? definition.id.replace(/_\d+$/, '')
    this.index = index
    this.collides = definition.collides ?? true
    this.moves = definition.moves ?? true
    this.speaks = definition.speaks ?? false
    this.dynamics = definition.dynamics ?? 'force'
    this.scripted = scripted
    this.speech = new Float64Array(channels)
    this.utterance = new Float64Array(channels)
    this.size = definition.size ?? 0.05
    this.mass = definition.mass ?? 1
    this.acceleration = definition.acceleration ?? 5
    this.maxSpeed = definition.maxSpeed ?? (this.dynamics === 'force' ? Number.POSITIVE_INFINITY : 1)
    this.turnRate = definition.turnRate ?? Math.PI
    this.actionNoise = definition.actionNoise ?? 0
    this.utteranceNoise = definition.utteranceNoise ?? 0
    this.heading = 0
    this.color = definition.color ?? [0.35, 0.35, 0.85]
    this.#colored = definition.color !== undefined
  }

  get colored(): boolean {
    return this.#colored
  }
}

/** A thing in the world: a goal, an obstacle, food. */
export class Landmark implements Entity {
  readonly kind = 'landmark'
  readonly id: string
  readonly index: number
  readonly collides: boolean
  readonly moves: boolean
  readonly position = new Vector()
  readonly velocity = new Vector()
  readonly force = new Vector()
  size = Number.NaN
  mass = Number.NaN
  maxSpeed = Number.POSITIVE_INFINITY
  color: Color
  /** Private: it is no part of the state that is saved. */
  readonly #colored: boolean
  present = true
  wraps = false
  period = Number.NaN

  constructor(definition: LandmarkDefinition, index: number) {
    this.id = definition.id
    this.index = index
    this.collides = definition.collides ?? false
    this.moves = definition.moves ?? false
    this.size = definition.size ?? 0.05
    this.mass = definition.mass ?? 1
    this.color = definition.color ?? [0.25, 0.25, 0.25]
    this.#colored = definition.color !== undefined
  }

  get colored(): boolean {
    return this.#colored
  }
}

/** Distance of two entities' centres, in world units; the short way round in a wrapped arena. */
export function distance(a: Entity, b: Entity): number {
  let x = a.position.x - b.position.x
  let y = a.position.y - b.position.y
  if (a.wraps) {
    x = shortWay(x, a.period)
    y = shortWay(y, a.period)
  }
  return Math.sqrt(x * x + y * y)
}

/** Whether two entities are in contact: closer than the sum of their radii. */
export function touching(a: Entity, b: Entity): boolean {
  return distance(a, b) < a.size + b.size
}

/** A difference of coordinates on a circle of length `period`, the short way round: -period / 2 ... period / 2. */
export function shortWay(difference: number, period: number): number {
  return difference - period * Math.round(difference / period)
}
