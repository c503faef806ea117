// Which entities an observation shows: takes the place of the writer in an agent's `observe` and notes what is written.
import type { Agent, Entity, Vector } from './entity.ts'
import type { See } from './observation.ts'

/** Notes every entity whose place, velocity, heading or utterance is written; plain numbers and rays tell of nobody. */
export class Sight implements See {
  readonly seen = new Set<Entity>()
  readonly #owners = new Map<Vector, Entity>()

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

  #note(entity: Entity | null | undefined): void {
    if (entity?.present) this.seen.add(entity)
  }
}
