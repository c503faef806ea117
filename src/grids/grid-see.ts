// How an observation, or the state of the world, is written in a grid game: piece by piece, each with a name.
import type { ObservationPart } from '../types.ts'
import type { GridAgent, Placed } from './grid-entities.ts'
import { type Direction, directions } from './grid-map.ts'

/** A number for a cell; yes and no are 1 and 0. Asked of cells outside of the grid too. */
export type Layer = (row: number, column: number) => number | boolean

/** What `observe` and `state` write with. Neighbouring writes of one name are one part. */
export interface GridSee {
  /** One number; yes and no are 1 and 0. */
  number(name: string, value: number | boolean): void
  /** Several numbers; `names`: what they are called, for people. */
  numbers(name: string, values: ArrayLike<number>, names?: readonly string[]): void
  /** One of `size` alternatives: a 1 among zeros; null: zeros alone. */
  choice(name: string, chosen: number | null, size: number, names?: readonly string[]): void
  /** Where something looks: north, south, west, east as a 1 among zeros; null: zeros alone. */
  facing(name: string, facing: Direction | null): void
  /** Rows to the south and columns to the east from the agent; (0, 0) for null and what is nowhere. */
  relative(name: string, entity: Placed | null): void
  /** Row and column, as 0 ... 1 from the first to the last; (-1, -1) for what is nowhere. */
  place(name: string, entity: Placed): void
}

/** What `observe` writes with. */
export interface GridSight extends GridSee {
  /**
   * The cells around the agent, `reach` to each side, as a picture: a part with the shape [2 reach + 1, 2 reach + 1, layers], north at the
   * top, or `ahead`: what the agent faces. A name may be written once.
   */
  view(name: string, reach: number, layers: Readonly<Record<string, Layer>>, up?: 'north' | 'ahead'): void
}

type Part = { -readonly [K in keyof ObservationPart]: ObservationPart[K] }

/** Writes one observation after another into rows of doubles. */
export class GridWriter implements GridSight {
  readonly #rows: number
  readonly #columns: number
  #row: Float64Array = new Float64Array(0)
  #at = 0
  #agent: GridAgent | null = null
  #parts: Part[] | null = null

  constructor(rows: number, columns: number) {
    this.#rows = rows
    this.#columns = columns
  }

  /** Writes go into `row` from its start, as `agent` sees the world; null: nobody does. */
  begin(agent: GridAgent | null, row: Float64Array): void {
    this.#agent = agent
    this.#row = row
    this.#at = 0
  }

  /** Numbers written since `begin`. */
  get written(): number {
    return this.#at
  }

  /** The parts of what `write` writes. */
  record(agent: GridAgent | null, write: () => void): readonly ObservationPart[] {
    const parts: Part[] = []
    this.#parts = parts
    // What does not fit into a typed array is dropped: this dry run only counts.
    this.begin(agent, new Float64Array(0))
    write()
    this.#parts = null
    return parts
  }

  number(name: string, value: number | boolean): void {
    if (this.#parts !== null) this.#note({ name, size: 1 })
    this.#row[this.#at++] = Number(value)
  }

  numbers(name: string, values: ArrayLike<number>, names?: readonly string[]): void {
    if (this.#parts !== null) this.#note({ name, size: values.length, ...(names && { names }) })
    for (let i = 0; i < values.length; i++) this.#row[this.#at++] = values[i]!
  }

  choice(name: string, chosen: number | null, size: number, names?: readonly string[]): void {
    if (this.#parts !== null) this.#note({ name, size, ...(names && { names }) })
    for (let i = 0; i < size; i++) this.#row[this.#at++] = i === chosen ? 1 : 0
  }

  facing(name: string, facing: Direction | null): void {
    this.choice(name, facing === null ? null : directions.indexOf(facing), directions.length, directions)
  }

  relative(name: string, entity: Placed | null): void {
    if (this.#parts !== null) this.#note({ name, size: 2, names: ['south', 'east'] })
    const self = this.#agent
    const somewhere = entity !== null && entity.row >= 0 && self !== null && self.row >= 0
    this.#row[this.#at++] = somewhere ? entity.row - self.row : 0
    this.#row[this.#at++] = somewhere ? entity.column - self.column : 0
  }

  place(name: string, { row, column }: Placed): void {
    if (this.#parts !== null) this.#note({ name, size: 2, names: ['row', 'column'] })
    this.#row[this.#at++] = row < 0 ? -1 : row / Math.max(1, this.#rows - 1)
    this.#row[this.#at++] = column < 0 ? -1 : column / Math.max(1, this.#columns - 1)
  }

  view(name: string, reach: number, layers: Readonly<Record<string, Layer>>, up: 'north' | 'ahead' = 'north'): void {
    const side = 2 * reach + 1
    const channels = Object.keys(layers)
    if (this.#parts !== null) {
      if (this.#parts.at(-1)?.name === name) throw new TypeError(`see.view writes '${name}' twice; name each view`)
      this.#parts.push({ name, size: side * side * channels.length, shape: [side, side, channels.length], channels })
    }
    const { row, column, facing } = this.#agent!
    const turns = up === 'north' || facing === null ? 0 : quarters[facing]
    for (let down = -reach; down <= reach; down++) {
      for (let right = -reach; right <= reach; right++) {
        // From the picture's rows and columns to the grid's: the picture is turned so that `facing` is up.
        const south = turns === 0 ? down : turns === 1 ? right : turns === 2 ? -down : -right
        const east = turns === 0 ? right : turns === 1 ? -down : turns === 2 ? -right : down
        for (const channel of channels) this.#row[this.#at++] = Number(layers[channel]!(row + south, column + east))
      }
    }
  }

  #note(part: Part): void {
    const last = this.#parts!.at(-1)
    if (last?.name !== part.name || last.shape !== undefined) {
      if (part.size > 0) this.#parts!.push(part)
      return
    }
    // Numbers that have names keep them as long as all of them do.
    const names = last.names && part.names ? [...last.names, ...part.names] : undefined
    last.size += part.size
    if (names === undefined) delete last.names
    else last.names = names
  }
}

/** Quarters clockwise from north. */
const quarters: Readonly<Record<Direction, number>> = { north: 0, east: 1, south: 2, west: 3 }
