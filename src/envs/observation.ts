// How an observation is written: piece by piece, each with a name, without allocating.

import { cos, sin } from '../elementary.ts'
import { type Agent, type Entity, shortWay, type Vector } from './entity.ts'
import type { RayOptions } from './rays.ts'

/** What `observe` writes with. Neighbouring writes of one name are one part of the observation. */
export interface See {
  /** One number. */
  number(name: string, value: number): void
  /** Several numbers. */
  numbers(name: string, values: ArrayLike<number>): void
  /** x and y; (0, 0) for null. */
  vector(name: string, vector: Vector | null): void
  /** Where an entity is, seen from the agent (the short way in a wrapped arena): x and y; (0, 0) for null and who has left. */
  relative(name: string, entity: Entity | null): void
  /** What an agent said last, all channels; zeros for null. */
  utterance(name: string, agent: Agent | null): void
  /** Where an agent is heading: cosine and sine, which have no jump as an angle has; (0, 0) for null and who has left. */
  heading(name: string, agent: Agent | null): void
  /** A distance sensor: `count` distances, 0 ... `reach`, to the nearest edge of an entity or wall. @throws RangeError */
  rays(name: string, options: RayOptions): void
  /**
   * A set: a piece for each entity, whose order says nothing to networks. `write` writes the numbers of one; the same many for each. Null and
   * who has left or waits are pieces of zeros. The same number of entities at every call; one of them must not be null when the game is
   * made, since what `write` writes of it tells the size of a piece.
   * @throws TypeError for pieces of different sizes, RangeError where a later call has another number of entities
   */
  set<E extends Entity>(
    name: string,
    entities: readonly (E | null)[],
    write: (piece: SeePiece, entity: E) => void,
  ): void
}

/** What the numbers of a piece of a set are written with: as `See`, without names. */
export interface SeePiece {
  number(value: number): void
  numbers(values: ArrayLike<number>): void
  vector(vector: Vector | null): void
  relative(entity: Entity | null): void
  utterance(agent: Agent | null): void
  heading(agent: Agent | null): void
}

/** A named piece of an observation. */
export interface WrittenPart {
  readonly name: string
  size: number
  /** Of a distance sensor: how far it reaches, in world units. */
  reach?: number
  /** Of a set: numbers per piece. */
  piece?: number
}

/** A set as an agent wrote it first. */
interface WrittenSet {
  readonly count: number
  readonly piece: number
}

/** Writes the observations of one agent after another into rows of doubles, or straight into single precision. */
export class ObservationWriter implements See {
  readonly #channels: number
  #row: Float64Array | Float32Array = new Float32Array(0)
  #from = 0
  #at = 0
  #agent!: Agent
  #self!: Vector
  #wraps = false
  #parts: WrittenPart[] | null = null
  readonly #rays: (agent: Agent, options: RayOptions) => ArrayLike<number>
  /** Per agent, its sets in the order in which it writes them. */
  readonly #sets: WrittenSet[][] = []
  #setsWritten = 0
  readonly #piece: SeePiece = {
    number: value => this.number('', value),
    numbers: values => this.numbers('', values),
    vector: vector => this.vector('', vector),
    relative: entity => this.relative('', entity),
    utterance: agent => this.utterance('', agent),
    heading: agent => this.heading('', agent),
  }

  /** `rays` casts the rays of an agent. */
  constructor(channels: number, rays: (agent: Agent, options: RayOptions) => ArrayLike<number>) {
    this.#channels = channels
    this.#rays = rays
  }

  /** Writes of `agent` go into `row` from `from` on. */
  begin(agent: Agent, row: Float64Array | Float32Array, from = 0): void {
    this.#row = row
    this.#from = from
    this.#at = from
    this.#setsWritten = 0
    this.#agent = agent
    this.#self = agent.position
    this.#wraps = agent.wraps
  }

  /** Numbers written since `begin`. */
  get written(): number {
    return this.#at - this.#from
  }

  /** Notes names and sizes of what `write` writes; what does not fit into the row is only counted. */
  record(agent: Agent, write: () => void): WrittenPart[] {
    const parts: WrittenPart[] = []
    this.#parts = parts
    this.#sets[agent.index] = []
    this.begin(agent, new Float32Array(0))
    write()
    this.#parts = null
    return parts
  }

  number(name: string, value: number): void {
    if (this.#parts !== null) this.#note(name, 1)
    this.#row[this.#at++] = value
  }

  numbers(name: string, values: ArrayLike<number>): void {
    if (this.#parts !== null) this.#note(name, values.length)
    for (let i = 0; i < values.length; i++) this.#row[this.#at++] = values[i]!
  }

  vector(name: string, vector: Vector | null): void {
    if (vector === null) this.#pair(name, 0, 0)
    else this.#pair(name, vector.x, vector.y)
  }

  relative(name: string, entity: Entity | null): void {
    if (entity === null || !entity.present) {
      this.#pair(name, 0, 0)
      return
    }
    const { position } = entity
    const x = position.x - this.#self.x
    const y = position.y - this.#self.y
    if (this.#wraps) this.#pair(name, shortWay(x, entity.period), shortWay(y, entity.period))
    else this.#pair(name, x, y)
  }

  heading(name: string, agent: Agent | null): void {
    if (agent?.present) this.#pair(name, cos(agent.heading), sin(agent.heading))
    else this.#pair(name, 0, 0)
  }

  rays(name: string, options: RayOptions): void {
    const distances = this.#rays(this.#agent, options)
    this.numbers(name, distances)
    const part = this.#parts?.at(-1)
    // Two sensors of one name are one part, and no fan of rays.
    if (part?.name === name && part.size === distances.length) part.reach = options.reach
    else if (part?.name === name) delete part.reach
  }

  set<E extends Entity>(
    name: string,
    entities: readonly (E | null)[],
    write: (piece: SeePiece, entity: E) => void,
  ): void {
    if (this.#parts !== null) {
      this.#noteSet(name, entities, write)
      return
    }
    const set = this.#sets[this.#agent.index]![this.#setsWritten++]
    if (set === undefined || set.count !== entities.length) this.#countChanged(name, entities.length, set?.count ?? 0)
    for (let i = 0; i < entities.length; i++) {
      const entity = entities[i]!
      const end = this.#at + set!.piece
      if (entity?.present) {
        this.#row[this.#at++] = 1
        write(this.#piece, entity)
        if (this.#at !== end) this.#sizeChanged(name, this.#at - end + set!.piece - 1, set!.piece - 1)
      } else while (this.#at < end) this.#row[this.#at++] = 0
    }
  }

  utterance(name: string, agent: Agent | null): void {
    if (this.#parts !== null) this.#note(name, this.#channels)
    const row = this.#row
    const channels = this.#channels
    const at = this.#at
    const said = agent?.utterance
    for (let c = 0; c < channels; c++) row[at + c] = said === undefined ? 0 : said[c]!
    this.#at = at + channels
  }

  #pair(name: string, x: number, y: number): void {
    if (this.#parts !== null) this.#note(name, 2)
    const row = this.#row
    const at = this.#at
    row[at] = x
    row[at + 1] = y
    this.#at = at + 2
  }

  #note(name: string, size: number): void {
    const last = this.#parts!.at(-1)
    if (last?.name !== name) {
      if (size > 0) this.#parts!.push({ name, size })
    } else if (last.piece === undefined) last.size += size
    else throw new TypeError(`set '${name}' of ${this.#agent.id}: other numbers have its name; choose another for them`)
  }

  #noteSet<E extends Entity>(
    name: string,
    entities: readonly (E | null)[],
    write: (piece: SeePiece, entity: E) => void,
  ): void {
    const parts = this.#parts!
    this.#parts = null
    let piece = 0
    for (const entity of entities) {
      if (entity === null) continue
      const before = this.#at++
      write(this.#piece, entity)
      if (piece > 0 && this.#at - before !== piece) this.#sizeChanged(name, this.#at - before - 1, piece - 1)
      piece = this.#at - before
    }
    this.#parts = parts
    this.#sets[this.#agent.index]!.push({ count: entities.length, piece })
    // Nobody to see: there is no such part.
    if (entities.length === 0) return
    if (piece < 2) {
      const what = piece === 0 ? 'every entity is null' : 'its pieces have no numbers'
      throw new TypeError(`set '${name}' of ${this.#agent.id}: ${what} when the game is made; write something for one`)
    }
    if (parts.at(-1)?.name === name) {
      throw new TypeError(`set '${name}' of ${this.#agent.id}: what was written before has its name; choose another`)
    }
    parts.push({ name, size: entities.length * piece, piece })
  }

  #countChanged(name: string, got: number, expected: number): never {
    throw new RangeError(
      `set '${name}' of ${this.#agent.id} must have ${expected} entities at every call, got ${got}; give null for those that are not there`,
    )
  }

  #sizeChanged(name: string, got: number, expected: number): never {
    throw new TypeError(`set '${name}' of ${this.#agent.id}: every piece must have ${expected} numbers, got ${got}`)
  }
}
