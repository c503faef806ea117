// The few nearest of many, kept sorted while entities are offered one by one.
import { distance, type Entity, shortWay } from './entity.ts'

/** What is farther than `limit` by its square is so by its root, however both are rounded. */
const surely = 1 + 1e-14
const tiny = 1e-300

/** Keeps the nearest entities that were offered, nearest first; of equally near ones the earlier in its list. */
export class NearestList {
  /** How many are kept at present. */
  size = 0
  /** What is farther than this cannot come in. */
  limit = Number.NaN
  /** [size] Indices of those kept. */
  readonly indices: number[] = []
  #distances = new Float64Array(8)
  #room = 0

  /** Empties the list, which from now on keeps the `room` nearest that are not farther than `radius`. */
  begin(room: number, radius: number): void {
    this.size = 0
    this.#room = room
    this.limit = room > 0 ? radius : Number.NEGATIVE_INFINITY
    if (this.#distances.length < room) this.#distances = new Float64Array(2 * room)
  }

  /** Offers all entities but `skip`, in their order. */
  offerAll(asker: Entity, entities: readonly Entity[], skip: Entity | null): void {
    const { x, y } = asker.position
    const { wraps, period } = asker
    let cutoff = this.limit * this.limit * surely + tiny
    for (let i = 0; i < entities.length; i++) {
      const entity = entities[i]!
      const { position } = entity
      let apartX = x - position.x
      let apartY = y - position.y
      if (wraps) {
        apartX = shortWay(apartX, period)
        apartY = shortWay(apartY, period)
      }
      const squared = apartX * apartX + apartY * apartY
      // Most are too far: they cost no root.
      if (squared > cutoff || entity === skip || !entity.present) continue
      const apart = Math.sqrt(squared)
      if (apart > this.limit) continue
      this.#insert(apart, i)
      cutoff = this.limit * this.limit * surely + tiny
    }
  }

  offer(asker: Entity, entity: Entity, index: number): void {
    const apart = distance(asker, entity)
    if (apart > this.limit || !entity.present) return
    this.#insert(apart, index)
  }

  #insert(apart: number, index: number): void {
    const { indices } = this
    const distances = this.#distances
    let at = this.size
    if (at === this.#room) {
      if (apart === distances[at - 1] && index > indices[at - 1]!) return
      at--
    } else this.size++
    while (at > 0 && (distances[at - 1]! > apart || (distances[at - 1] === apart && indices[at - 1]! > index))) {
      distances[at] = distances[at - 1]!
      indices[at] = indices[at - 1]!
      at--
    }
    distances[at] = apart
    indices[at] = index
    if (this.size === this.#room) this.limit = distances[this.size - 1]!
  }
}
