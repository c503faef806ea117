// A uniform grid over entities: who is near a place, found without looking at everyone.

import { square } from '../elementary.ts'
import type { Entity, Vector } from './entity.ts'
import type { NearestList } from './nearest-list.ts'

const perCell = 2
const largestSide = 512
// World units added to every radius, far above rounding, so that what is exactly at a radius is looked at.
const slack = 1e-9

/**
 * Entities sorted into square cells by where they were when `fill` was called. The square covers two standard deviations
 * to each side of the middle; an entity outside belongs to the cell at the edge, so that one that flies off costs
 * nothing. In a wrapped arena the square is the arena and its edges meet.
 */
export class SpatialGrid {
  /** Radius of the largest entity. */
  largest = 0
  /** Indices that `gather` found. */
  found = new Int32Array(0)
  #entities: readonly Entity[] = []
  #cellOf = new Int32Array(0)
  #items = new Int32Array(0)
  /** [cells + 1] Where each cell begins in `#items`. */
  #starts = new Int32Array(2)
  #side = 1
  #cell = Number.NaN
  #left = Number.NaN
  #bottom = Number.NaN
  #wraps = false

  /** Sorts the entities that are present; allocates only when there are more than ever before. */
  fill(entities: readonly Entity[]): void {
    this.#entities = entities
    if (this.#items.length < entities.length) {
      this.#cellOf = new Int32Array(entities.length)
      this.#items = new Int32Array(entities.length)
      this.found = new Int32Array(entities.length)
    }
    this.#measure(entities)
    const cells = this.#side * this.#side
    if (this.#starts.length < cells + 1) this.#starts = new Int32Array(cells + 1)
    const starts = this.#starts
    starts.fill(0, 0, cells + 1)
    for (let i = 0; i < entities.length; i++) {
      const { position, present } = entities[i]!
      const cell = present ? this.#cellAt(position.x, position.y) : -1
      this.#cellOf[i] = cell
      if (cell >= 0) starts[cell + 1]!++
    }
    for (let cell = 0; cell < cells; cell++) starts[cell + 1]! += starts[cell]!
    // From the last to the first, so that every cell lists its entities in order and `starts` ends at the beginnings.
    for (let i = entities.length - 1; i >= 0; i--) {
      const cell = this.#cellOf[i]!
      if (cell >= 0) this.#items[--starts[cell + 1]!] = i
    }
    // Now `starts[cell + 1]` is where the cell begins: shift by one.
    for (let cell = 0; cell < cells; cell++) starts[cell] = starts[cell + 1]!
    starts[cells] = this.#present(entities)
  }

  /** Writes the indices of all entities whose centres may be within `radius` of a place into `found`; gives their number. */
  gather({ x, y }: Vector, radius: number): number {
    const reach = radius + slack
    let fromX = this.#axis(x - reach, this.#left)
    let toX = this.#axis(x + reach, this.#left)
    let fromY = this.#axis(y - reach, this.#bottom)
    let toY = this.#axis(y + reach, this.#bottom)
    // Not `>=`: a place that is not finite has to end here too.
    if (!(toX - fromX < this.#side)) {
      fromX = 0
      toX = this.#side - 1
    }
    if (!(toY - fromY < this.#side)) {
      fromY = 0
      toY = this.#side - 1
    }
    let count = 0
    for (let cy = fromY; cy <= toY; cy++) {
      for (let cx = fromX; cx <= toX; cx++) {
        const cell = this.#turn(cy) * this.#side + this.#turn(cx)
        for (let at = this.#starts[cell]!, end = this.#starts[cell + 1]!; at < end; at++) {
          this.found[count++] = this.#items[at]!
        }
      }
    }
    return count
  }

  /** Offers entities to `list`, ring by ring around `asker`, until no other can be nearer than those it keeps. */
  offerNearest(asker: Entity, skip: Entity | null, list: NearestList): void {
    const side = this.#side
    const cx = this.#turn(this.#axis(asker.position.x, this.#left))
    const cy = this.#turn(this.#axis(asker.position.y, this.#bottom))
    const half = this.#wraps ? side >> 1 : 0
    const left = this.#wraps ? half - side + 1 : -cx
    const right = this.#wraps ? half : side - 1 - cx
    const down = this.#wraps ? half - side + 1 : -cy
    const up = this.#wraps ? half : side - 1 - cy
    const last = Math.max(-left, right, -down, up)
    for (let ring = 0; ring <= last; ring++) {
      // An entity in this ring is at least ring - 1 whole cells away, wherever in its cell the asker is.
      if ((ring - 1) * this.#cell > list.limit + slack) return
      const above = Math.min(up, ring)
      for (let dy = Math.max(down, -ring); dy <= above; dy++) {
        const whole = dy === -ring || dy === ring
        if (whole) {
          const to = Math.min(right, ring)
          for (let dx = Math.max(left, -ring); dx <= to; dx++) this.#offerCell(cx + dx, cy + dy, asker, skip, list)
        } else {
          if (-ring >= left) this.#offerCell(cx - ring, cy + dy, asker, skip, list)
          if (ring <= right) this.#offerCell(cx + ring, cy + dy, asker, skip, list)
        }
      }
    }
  }

  #offerCell(cx: number, cy: number, asker: Entity, skip: Entity | null, list: NearestList): void {
    const cell = this.#turn(cy) * this.#side + this.#turn(cx)
    for (let at = this.#starts[cell]!, end = this.#starts[cell + 1]!; at < end; at++) {
      const index = this.#items[at]!
      const entity = this.#entities[index]!
      if (entity !== skip) list.offer(asker, entity, index)
    }
  }

  /** Where the square lies and how many cells it has: about two entities in each. */
  #measure(entities: readonly Entity[]): void {
    const side = Math.floor(Math.sqrt(entities.length / perCell))
    this.#side = Math.max(1, Math.min(largestSide, side))
    let sumX = 0
    let sumY = 0
    let largest = 0
    for (const { position, size } of entities) {
      sumX += position.x
      sumY += position.y
      if (size > largest) largest = size
    }
    this.largest = largest
    const period = entities.length > 0 ? entities[0]!.period : Number.NaN
    this.#wraps = period > 0
    if (this.#wraps) {
      this.#left = this.#bottom = -period / 2
      this.#cell = period / this.#side
      return
    }
    const middleX = sumX / entities.length
    const middleY = sumY / entities.length
    let squaresX = 0
    let squaresY = 0
    for (const { position } of entities) {
      squaresX += square(position.x - middleX)
      squaresY += square(position.y - middleY)
    }
    const spread = 2 * Math.sqrt(Math.max(squaresX, squaresY) / entities.length)
    const cell = (2 * spread) / this.#side
    this.#cell = cell > 0 && cell < Number.POSITIVE_INFINITY ? cell : 1
    this.#left = middleX - spread
    this.#bottom = middleY - spread
  }

  #cellAt(x: number, y: number): number {
    return this.#turn(this.#axis(y, this.#bottom)) * this.#side + this.#turn(this.#axis(x, this.#left))
  }

  /** The column or row of a coordinate: at most the edge's where space is open, uncut where it wraps. */
  #axis(coordinate: number, origin: number): number {
    const cell = Math.floor((coordinate - origin) / this.#cell)
    if (this.#wraps) return cell
    return cell > 0 ? (cell < this.#side ? cell : this.#side - 1) : 0
  }

  #turn(cell: number): number {
    if (!this.#wraps) return cell
    const turned = cell % this.#side
    return turned < 0 ? turned + this.#side : turned | 0
  }

  #present(entities: readonly Entity[]): number {
    let count = 0
    for (let i = 0; i < entities.length; i++) if (this.#cellOf[i]! >= 0) count++
    return count
  }
}
