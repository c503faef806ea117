// Which entities an observation shows: takes the place of the writer in an agent's `observe` and notes what is written.
import type { Agent, Entity, Vector } from './entity.ts'
import type { See, SeePiece } from './observation.ts'

/** Notes every entity whose place, velocity, heading or utterance is written; plain numbers and rays tell of nobody. */
export class Sight implements See {
  readonly seen = new Set<Entity>()
  readonly #owners = new Map<Vector, Entity>()
  readonly #piece: SeePiece = {
    number() {},
    numbers() {},
    vector: vector => this.vector('', vector),
    relative: entity => this.relative('', entity),
    heading: agent => this.heading('', agent),
    utterance: agent => this.utterance('', agent),
  }

  constructor(entities: readonly Entity[]) {
    for (const entity of entities) {
      this.#owners.set(entity.position, entity)
      this.#owners.set(entity.velocity, entity)
    }
  }

  number(): void {}
  numbers(): void {}
  rays(): void {}

  vector(_: string, vector: Vector | null): void {
    if (vector !== null) this.#note(this.#owners.get(vector))
  }

  relative(_: string, entity: Entity | null): void {
    this.#note(entity)
  }

  heading(_: string, agent: Agent | null): void {
    this.#note(agent)
  }

  utterance(_: string, agent: Agent | null): void {
    this.#note(agent)
  }

  set<E extends Entity>(_: string, entities: readonly (E | null)[], write: (piece: SeePiece, entity: E) => void): void {
    for (const entity of entities) if (entity?.present) write(this.#piece, entity)
  }

  #note(entity: Entity | null | undefined): void {
    if (entity?.present) this.seen.add(entity)
  }
}
