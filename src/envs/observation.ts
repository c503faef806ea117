// How an observation is written: piece by piece, each with a name, without allocating.
import type { Agent, Entity, Vector } from './entity.ts'

/** What `observe` writes with. Neighbouring writes of one name are one part of the observation. */
export interface See {
  /** One number. */
  number(name: string, value: number): void
  /** Several numbers. */
  numbers(name: string, values: ArrayLike<number>): void
  /** x and y; (0, 0) for null. */
  vector(name: string, vector: Vector | null): void
  /** Where an entity is, seen from the agent: x and y; (0, 0) for null. */
  relative(name: string, entity: Entity | null): void
  /** What an agent said last, all channels; zeros for null. */
  utterance(name: string, agent: Agent | null): void
}

/** A named piece of an observation. */
export interface ObservationPart {
  readonly name: string
  size: number
}

/** Writes the observations of one agent after another into rows of doubles. */
export class ObservationWriter implements See {
  readonly #channels: number
  #row: Float64Array = new Float64Array(0)
  #at = 0
  #self!: Vector
  #parts: ObservationPart[] | null = null

  constructor(channels: number) {
    this.#channels = channels
  }

  /** Writes of `agent` go into `row` from its start. */
  begin(agent: Agent, row: Float64Array): void {
    this.#row = row
    this.#at = 0
    this.#self = agent.position
  }

  /** Numbers written since `begin`. */
  get written(): number {
    return this.#at
  }

  /** Notes names and sizes of what `write` writes; what does not fit into the row is only counted. */
  record(agent: Agent, write: () => void): ObservationPart[] {
    const parts: ObservationPart[] = []
    this.#parts = parts
    this.begin(agent, new Float64Array(0))
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
    if (entity === null) this.#pair(name, 0, 0)
    else this.#pair(name, entity.position.x - this.#self.x, entity.position.y - this.#self.y)
  }

  utterance(name: string, agent: Agent | null): void {
    if (this.#parts !== null) this.#note(name, this.#channels)
    for (let channel = 0; channel < this.#channels; channel++) {
      this.#row[this.#at++] = agent === null ? 0 : agent.utterance[channel]!
    }
  }

  #pair(name: string, x: number, y: number): void {
    if (this.#parts !== null) this.#note(name, 2)
    this.#row[this.#at++] = x
    this.#row[this.#at++] = y
  }

  #note(name: string, size: number): void {
    const last = this.#parts!.at(-1)
    if (last?.name === name) last.size += size
    else if (size > 0) this.#parts!.push({ name, size })
  }
}
