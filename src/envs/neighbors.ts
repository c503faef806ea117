// Who is near whom: the nearest few, all within a radius, contacts; by a grid where there are many.
import { gridFrom, type Search } from './contacts.ts'
import { distance, type Entity, touching } from './entity.ts'
import { NearestList } from './nearest-list.ts'
import { SpatialGrid } from './spatial-grid.ts'

type List = readonly Entity[]
/** A grid over a list, as old as the positions that it was filled with. */
interface Index {
  readonly grid: SpatialGrid
  age: number
  /** Questions about the list since the positions last changed. */
  asked: number
  filled: boolean
}

// A list that is asked about only once or twice between two moves is faster looked through than sorted.
const askedBeforeGrid = 2
const keptAnswers = 8

/** The arrays of earlier answers, per asker and kind of question, each with the list that was asked about. */
export type Answers = Answer[][]

interface Answer {
  readonly list: List
  readonly answer: (Entity | null)[]
  /** Where in the list they were; meaningless where the answer has null. */
  readonly indices: Int32Array
}

/**
 * Answers a world's spatial questions. The grids are as old as the last `moved`; small lists are looked through entity
 * by entity. Both ways give the same answer; agents that have left are in none.
 */
export class Neighbors {
  readonly #list = new NearestList()
  readonly #indices = new WeakMap<List, Index>()
  /** Those of the game whose turn it is: its hooks may hold them until they ask again. */
  answers: Answers = []
  readonly #from: number
  #age = 0
  #settled = true

  constructor(search: Search) {
    this.#from = search === 'auto' ? gridFrom : search === 'grid' ? 0 : Number.POSITIVE_INFINITY
  }

  /** Positions have changed. Until they are `settled` everything is answered without grids. */
  moved(settled: boolean): void {
    this.#age++
    this.#settled = settled
  }

  /**
   * Up to `count` of `entities` but `skip`, at most `radius` away, nearest first, filled up with null. The array is
   * written anew when the same asker (`slot`) asks for as many of the same list (`identity`).
   */
  nearest(
    asker: Entity,
    entities: List,
    skip: Entity | null,
    count: number,
    radius: number,
    slot: number,
    identity: List,
  ): (Entity | null)[] {
    const earlier = this.#answer(slot, identity, count)
    const { answer, indices } = earlier
    const list = this.#list
    const grid = entities.length < this.#from ? null : this.#gridOf(entities)
    // As many as were near before are not farther than the farthest of them is now.
    list.begin(count, grid === null ? boundOf(earlier, asker, entities, skip, radius) : radius)
    if (grid !== null) grid.offerNearest(asker, skip, list)
    else list.offerAll(asker, entities, skip)
    for (let i = 0; i < count; i++) {
      const found = i < list.size
      answer[i] = found ? entities[list.indices[i]!]! : null
      if (found) indices[i] = list.indices[i]!
    }
    return answer
  }

  /** Distance to the nearest of `entities` but the asker; infinite when there is none. */
  nearestDistance(asker: Entity, entities: List): number {
    const grid = entities.length < this.#from ? null : this.#gridOf(entities)
    if (grid === null) return shortestOf(asker, entities)
    this.#list.begin(1, Number.POSITIVE_INFINITY)
    grid.offerNearest(asker, asker, this.#list)
    return this.#list.limit
  }

  /** How many of `entities` touch the asker, itself not counted. */
  contacts(asker: Entity, entities: List): number {
    if (!asker.present) return 0
    const grid = entities.length < this.#from ? null : this.#gridOf(entities)
    if (grid === null) return contactsAmong(asker, entities)
    let count = 0
    const found = grid.gather(asker.position, asker.size + grid.largest)
    for (let i = 0; i < found; i++) {
      const entity = entities[grid.found[i]!]!
      if (entity !== asker && touching(asker, entity)) count++
    }
    return count
  }

  /** Calls `visit` for every present entity but the asker whose edge is within `reach` of it. */
  around(asker: Entity, entities: List, reach: number, visit: (entity: Entity) => void): void {
    const grid = entities.length < this.#from ? null : this.#gridOf(entities)
    if (grid === null) {
      for (const entity of entities) {
        if (entity !== asker && entity.present && distance(asker, entity) - entity.size <= reach) visit(entity)
      }
      return
    }
    const found = grid.gather(asker.position, reach + grid.largest)
    for (let i = 0; i < found; i++) {
      const entity = entities[grid.found[i]!]!
      if (entity !== asker && distance(asker, entity) - entity.size <= reach) visit(entity)
    }
  }

  /** The grid of a long list, when it is worth one. */
  #gridOf(entities: List): SpatialGrid | null {
    if (!this.#settled) return null
    let index = this.#indices.get(entities)
    if (index === undefined) {
      index = { grid: new SpatialGrid(), age: -1, asked: 0, filled: false }
      this.#indices.set(entities, index)
    }
    if (index.age !== this.#age) {
      index.age = this.#age
      index.asked = 0
      index.filled = false
    }
    if (index.asked++ < askedBeforeGrid) return null
    if (!index.filled) {
      index.grid.fill(entities)
      index.filled = true
    }
    return index.grid
  }

  /** The array of an earlier answer of the same kind, or a new one. */
  #answer(slot: number, list: List, count: number): Answer {
    let answers = this.answers[slot]
    if (answers === undefined) {
      answers = []
      while (this.answers.length < slot) this.answers.push([])
      this.answers[slot] = answers
    }
    for (const kept of answers) {
      if (kept.list === list && kept.answer.length === count) return kept
    }
    const answer = { list, answer: new Array<Entity | null>(count).fill(null), indices: new Int32Array(count) }
    answers.push(answer)
    if (answers.length > keptAnswers) answers.shift()
    return answer
  }
}

/** The distance of the farthest of an earlier answer, `radius` at most; `radius` where it is no answer to the question any more. */
function boundOf(
  { answer, indices }: Answer,
  asker: Entity,
  entities: List,
  skip: Entity | null,
  radius: number,
): number {
  let farthest = 0
  for (let i = 0; i < answer.length; i++) {
    const entity = answer[i]!
    if (entity === null || entity === skip || !entity.present || entities[indices[i]!] !== entity) return radius
    const apart = distance(asker, entity)
    if (!(apart <= radius)) return radius
    if (apart > farthest) farthest = apart
  }
  return farthest
}

function shortestOf(asker: Entity, entities: List): number {
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i]!
    if (entity === asker || !entity.present) continue
    const apart = distance(entity, asker)
    if (apart < nearest) nearest = apart
  }
  return nearest
}

function contactsAmong(asker: Entity, entities: List): number {
  let count = 0
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i]!
    if (entity !== asker && entity.present && touching(asker, entity)) count++
  }
  return count
}
