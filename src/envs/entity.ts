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
  readonly color?: Color
  /** Absent: 1. */
  readonly mass?: number
  /** Whether it bumps into other entities that collide; absent: true. */
  readonly collides?: boolean
  /** Whether it can move by itself or be moved; absent: true. */
  readonly moves?: boolean
  /** Whether its action has a part `say`, heard by all as its utterance; absent: false. */
  readonly speaks?: boolean
  /** Force of a full action; absent: 5, as published. */
  readonly acceleration?: number
  /** World units per second; absent: no limit. */
  readonly maxSpeed?: number
}

/** What an author says about a landmark. Any further field (`food: true`) becomes a field of the landmark. */
export interface LandmarkDefinition {
  readonly id: string
  /** Radius in world units; absent: 0.05. */
  readonly size?: number
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
  color: Color

  constructor(definition: AgentDefinition, index: number, channels: number) {
    this.id = definition.id
    this.team = definition.team ?? definition.id.replace(/_\d+$/, '')
    this.index = index
    this.collides = definition.collides ?? true
    this.moves = definition.moves ?? true
    this.speaks = definition.speaks ?? false
    this.speech = new Float64Array(channels)
    this.utterance = new Float64Array(channels)
    this.size = definition.size ?? 0.05
    this.mass = definition.mass ?? 1
    this.acceleration = definition.acceleration ?? 5
    this.maxSpeed = definition.maxSpeed ?? Number.POSITIVE_INFINITY
    this.color = definition.color ?? [0.35, 0.35, 0.85]
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

  constructor(definition: LandmarkDefinition, index: number) {
    this.id = definition.id
    this.index = index
    this.collides = definition.collides ?? false
    this.moves = definition.moves ?? false
    this.size = definition.size ?? 0.05
    this.mass = definition.mass ?? 1
    this.color = definition.color ?? [0.25, 0.25, 0.25]
  }
}

/** Distance of two entities' centres, in world units. */
export function distance(a: Entity, b: Entity): number {
  const x = a.position.x - b.position.x
  const y = a.position.y - b.position.y
  return Math.sqrt(x * x + y * y)
}

/** Whether two entities are in contact: closer than the sum of their radii. */
export function touching(a: Entity, b: Entity): boolean {
  return distance(a, b) < a.size + b.size
}
