// What is on a grid: agents, which act, and things, which are there. Where they stand is for the world to change.
import type { Cell, Direction } from './grid-map.ts'

/** Red, green and blue, 0 ... 1. */
export type Color = readonly [number, number, number]

/** What an author says about an agent. Any further field (`carries: null`) becomes a field of the agent. */
export interface GridAgentDefinition {
  /** The literature's name, `agent_0`. */
  readonly id: string
  /** Agents of one team share an interest; absent: the id without its number. */
  readonly team?: string
  /** A number that stands on it in pictures; absent: it has none. */
  readonly level?: number
  /** Where it looks at first; absent: it looks nowhere, and cannot turn. */
  readonly facing?: Direction
  /** What it is drawn in; absent: the colour of its team. */
  readonly color?: Color
}

/** What an author says about a thing. Any further field becomes a field of the thing. */
export interface ThingDefinition {
  /** A number that stands on it in pictures; absent: it has none. */
  readonly level?: number
  /** Whether nobody can enter its cell; absent: false. */
  readonly blocks?: boolean
  /** Whether it stands out in pictures, as a shelf that is asked for; absent: never does. */
  readonly marked?: boolean
  /** What it is drawn in; absent: grey. */
  readonly color?: Color
  /** How it is drawn; absent: a diamond. */
  readonly form?: 'diamond' | 'square'
}

/** Things by their kind: `{ food: [...], door: [...] }`. */
export type ThingsDefinition = Readonly<Record<string, readonly ThingDefinition[]>>

/** What agents and things have in common. Nowhere: row and column are -1. */
export interface Placed extends Cell {
  readonly id: string
}

/** An agent on a grid: where it is, where it looks, what it did. */
export interface GridAgent<N extends string = string> extends Placed {
  readonly team: string
  /** Among the agents. */
  readonly index: number
  level: number | null
  /** Where it looks; null: nowhere. */
  facing: Direction | null
  /** What it did in this step; null: it was not asked, or the episode begins. */
  readonly action: N | null
  /** Whether it wanted to go elsewhere in this step and could not. */
  readonly blocked: boolean
  /** Whether it acts in the next step. False: it waits; true again: it is back, or begins another life (docs/games.md). */
  present: boolean
}

/** What lies or stands on a grid and does not act: food, shelves, doors. */
export interface Thing extends Placed {
  readonly kind: string
  /** Among those of its kind. */
  readonly index: number
  level: number | null
  marked: boolean
  readonly blocks: boolean
}

/** An agent with the fields that its definition adds. */
export type GridAgentOf<A extends GridAgentDefinition, N extends string> = GridAgent<N> & {
  -readonly [K in Exclude<keyof A, keyof GridAgentDefinition>]: A[K]
}
/** A thing with the fields that its definition adds. */
export type ThingOf<D extends ThingDefinition> = Thing & {
  -readonly [K in Exclude<keyof D, keyof ThingDefinition>]: D[K]
}
export type ThingsOf<T extends ThingsDefinition> = { readonly [K in keyof T]: readonly ThingOf<T[K][number]>[] }

/** What the game itself writes of an agent and authors only read. */
export type WritableAgent = { -readonly [K in keyof GridAgent]: GridAgent[K] }
export type WritablePlaced = { -readonly [K in keyof Placed]: Placed[K] }

/** `presence`: what is behind the field `present`. */
export function createAgent(
  definition: GridAgentDefinition,
  index: number,
  presence: { get(): boolean; set(present: boolean): void },
): GridAgent {
  const { id, team = id.replace(/_\d+$/, ''), level = null, facing = null } = definition
  const agent = {
    id,
    team,
    index,
    row: -1,
    column: -1,
    level,
    facing,
    action: null,
    blocked: false,
    ...ownFields(definition, agentFields),
  }
  // Not enumerable: who is present is saved by the game.
  return Object.defineProperty(agent, 'present', { ...presence, enumerable: false }) as typeof agent & GridAgent
}

export function createThing(definition: ThingDefinition, kind: string, index: number): Thing {
  const { level = null, marked = false, blocks = false } = definition
  const id = `${kind}_${index}`
  return { id, kind, index, row: -1, column: -1, level, marked, blocks, ...ownFields(definition, thingFields) }
}

const agentFields = { id: 1, team: 1, level: 1, facing: 1, color: 1 } satisfies Record<keyof GridAgentDefinition, 1>
const thingFields = { level: 1, blocks: 1, marked: 1, color: 1, form: 1 } satisfies Record<keyof ThingDefinition, 1>

/** The fields of a definition that are the author's own. */
function ownFields(definition: object, known: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(definition).filter(([field]) => !Object.hasOwn(known, field)))
}
