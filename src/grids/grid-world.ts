// The world of a grid game: cells, walls, who stands where, and what can be asked of them.
import type { Random } from '../random.ts'
import {
  createAgent,
  createThing,
  type GridAgent,
  type GridAgentDefinition,
  type GridAgentOf,
  type Placed,
  type Thing,
  type ThingOf,
  type ThingsDefinition,
  type ThingsOf,
  type WritablePlaced,
} from './grid-entities.ts'
import { type Cell, GridMap, steps } from './grid-map.ts'
import type { GridPresence } from './grid-presence.ts'

/** What an author says about a world: a map or a size, who is there, and what else belongs to it. */
export interface GridWorldDefinition<A extends GridAgentDefinition, T extends ThingsDefinition, S> {
  /** Rows of cells: `#` a wall, `.` floor, other letters floor that `world.cells` finds. */
  readonly map?: string
  /** Floor alone, in place of a map. */
  readonly size?: readonly [rows: number, columns: number]
  readonly agents: readonly A[]
  /** By kind: `{ food: many(3, () => ({ level: 1, blocks: true })) }`; at most one of a kind stands in a cell. */
  readonly things?: T
  /** What hooks share: plain data, typed arrays, agents and things. Saved with the world. */
  readonly state?: S
}

/** The world that the hooks of a grid game see and change: cells, agents, things, and the state of the game. */
export class GridWorld<
  A extends GridAgentDefinition = GridAgentDefinition,
  T extends ThingsDefinition = ThingsDefinition,
  S = unknown,
  N extends string = string,
> {
  readonly map: GridMap
  readonly rows: number
  readonly columns: number
  readonly agents: readonly GridAgentOf<A, N>[]
  readonly things: ThingsOf<T>
  /** Agents, then things, kind by kind. */
  readonly entities: readonly (GridAgent | Thing)[]
  readonly state: S
  readonly #presence: GridPresence
  /** Per kind, [rows * columns] index of the thing in a cell; -1: none. */
  readonly #at: ReadonlyMap<string, Int32Array>
  readonly #blocking: readonly Thing[]
  readonly #others: (readonly GridAgentOf<A, N>[])[]

  /** @throws TypeError for a map that is none */
  constructor(definition: GridWorldDefinition<A, T, S>, presence: GridPresence) {
    const { map, size, agents, things } = definition
    if ((map === undefined) === (size === undefined)) {
      throw new TypeError(`a grid has a \`map\` or a \`size\`, got ${map === undefined ? 'neither' : 'both'}`)
    }
    this.map = new GridMap(map ?? size!)
    this.rows = this.map.rows
    this.columns = this.map.columns
    this.#presence = presence
    this.agents = agents.map((agent, index) =>
      createAgent(agent, index, {
        get: () => presence.present[index] === 1,
        set: present => presence.set(index, present),
      }),
    ) as unknown as readonly GridAgentOf<A, N>[]
    const byKind = Object.entries(things ?? {}).map(
      ([kind, list]) => [kind, list.map((thing, index) => createThing(thing, kind, index))] as const,
    )
    this.things = Object.fromEntries(byKind) as unknown as ThingsOf<T>
    this.entities = [...this.agents, ...byKind.flatMap(([, list]) => list)]
    this.state = (definition.state ?? {}) as S
    this.#at = new Map(byKind.map(([kind]) => [kind, new Int32Array(this.rows * this.columns).fill(-1)]))
    this.#blocking = byKind.flatMap(([, list]) => list.filter(({ blocks }) => blocks))
    this.#others = this.agents.map(agent => this.agents.filter(other => other !== agent))
  }

  /** All agents but this one, in agent order, also those that wait or have left. */
  others(agent: GridAgent): readonly GridAgentOf<A, N>[] {
    return this.#others[agent.index]!
  }

  inside(row: number, column: number): boolean {
    return this.map.inside(row, column)
  }

  /** A wall, or outside of the grid. */
  isWall(row: number, column: number): boolean {
    return this.map.isWall(row, column)
  }

  /** The cells of the map with a letter, row by row. */
  cells(letter: string): readonly Cell[] {
    return this.map.cells(letter)
  }

  /** The letter of a cell; `.`: none. Outside of the grid `#`. */
  letterAt(row: number, column: number): string {
    return this.map.letterAt(row, column)
  }

  /** The first agent that stands in a cell. */
  agentAt(row: number, column: number): GridAgentOf<A, N> | null {
    for (const agent of this.agents) if (agent.row === row && agent.column === column) return agent
    return null
  }

  /** The thing of a kind that lies in a cell. */
  thingAt<K extends keyof T & string>(kind: K, row: number, column: number): ThingOf<T[K][number]> | null {
    if (!this.map.inside(row, column)) return null
    const index = this.#at.get(kind)![row * this.columns + column]!
    return index === -1 ? null : this.things[kind][index]!
  }

  /** Whether nothing but agents can be in the way there: no wall, no edge, no thing that blocks. */
  isOpen(row: number, column: number): boolean {
    if (this.map.isWall(row, column)) return false
    for (const { kind, index } of this.#blocking) {
      if (this.#at.get(kind)![row * this.columns + column] === index) return false
    }
    return true
  }

  /** Open, and nobody stands there. */
  isFree(row: number, column: number): boolean {
    return this.isOpen(row, column) && this.agentAt(row, column) === null
  }

  /** A free cell, each as likely as the others. @throws RangeError where there is none */
  randomFree(random: Random): Cell {
    return this.#drawn(random, (row, column) => this.isFree(row, column))
  }

  /** Puts an agent or a thing into a floor cell in which nothing is, each as likely as the others. @throws RangeError where there is none */
  scatter(entity: Placed, random: Random): void {
    this.remove(entity)
    const taken = new Set(this.entities.map(({ row, column }) => row * this.columns + column))
    const { row, column } = this.#drawn(
      random,
      (row, column) => !this.map.isWall(row, column) && !taken.has(row * this.columns + column),
    )
    this.put(entity, row, column)
  }

  /** The things of a kind that lie somewhere. */
  placed<K extends keyof T & string>(kind: K): ThingOf<T[K][number]>[] {
    return this.things[kind].filter(({ row }) => row >= 0)
  }

  /** Puts an agent or a thing into a cell, wherever it was. @throws RangeError for a wall, or where another of its kind lies */
  put(entity: Placed, row: number, column: number): void {
    if (this.map.isWall(row, column)) {
      throw new RangeError(`${entity.id} cannot be put at row ${row}, column ${column}: a wall, or outside of the grid`)
    }
    const writable = entity as WritablePlaced & Partial<Pick<Thing, 'kind' | 'index'>>
    if (writable.kind !== undefined) {
      const at = this.#at.get(writable.kind)!
      const there = at[row * this.columns + column]!
      if (there !== -1 && there !== writable.index) {
        throw new RangeError(
          `${entity.id} cannot be put at row ${row}, column ${column}: ${writable.kind}_${there} is there`,
        )
      }
      if (entity.row >= 0) at[entity.row * this.columns + entity.column] = -1
      at[row * this.columns + column] = writable.index!
    }
    writable.row = row
    writable.column = column
  }

  /** Takes an agent or a thing off the grid: it is nowhere until it is put somewhere. */
  remove(entity: Placed): void {
    const writable = entity as WritablePlaced & Partial<Pick<Thing, 'kind' | 'index'>>
    if (writable.kind !== undefined && entity.row >= 0) {
      this.#at.get(writable.kind)![entity.row * this.columns + entity.column] = -1
    }
    writable.row = -1
    writable.column = -1
  }

  /** Steps north, south, west and east from one to the other, walls or not. */
  distance(one: Cell, other: Cell): number {
    return Math.abs(one.row - other.row) + Math.abs(one.column - other.column)
  }

  /** The cell that an agent looks at; its own where it looks nowhere. */
  ahead({ row, column, facing }: GridAgent): Cell {
    if (facing === null) return { row, column }
    return { row: row + steps[facing].row, column: column + steps[facing].column }
  }

  /** Ends an agent's life by the rules. It stays where it stands, and in the way, until it is removed. */
  leave(agent: GridAgent): void {
    this.#presence.leave(agent.index)
  }

  /** Finds things anew by where they stand: after a saved world was put back. */
  restored(): void {
    for (const at of this.#at.values()) at.fill(-1)
    for (const entity of this.entities) {
      if ('kind' in entity && entity.row >= 0) {
        this.#at.get(entity.kind)![entity.row * this.columns + entity.column] = entity.index
      }
    }
  }
  #drawn(random: Random, fits: (row: number, column: number) => boolean): Cell {
    const cells: Cell[] = []
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) if (fits(row, column)) cells.push({ row, column })
    }
    if (cells.length === 0) throw new RangeError('no cell is free')
    return cells[random.integer(cells.length)]!
  }
}
