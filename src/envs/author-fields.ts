// The fields that authors give to agents, landmarks and worlds, of many games: kept in columns and put back when a game has its turn.
import { newFields } from './new-fields.ts'

type Fields = Record<string, unknown>

/** Objects with the same fields, and where their values begin in a game's row: object by object, field by field. */
interface Group {
  readonly objects: readonly number[]
  readonly fields: readonly string[]
  readonly from: number
  readonly copy: Copy
}

/** What a value of a row is. */
const isNumber = 0
const isOther = 1
const isAbsent = 2

/** Rows of values: numbers in doubles, whatever else by reference. */
class Values {
  readonly numbers: Float64Array
  readonly others: unknown[]
  readonly kinds: Uint8Array

  constructor(size: number) {
    this.numbers = new Float64Array(size)
    this.others = new Array(size).fill(undefined)
    this.kinds = new Uint8Array(size).fill(isAbsent)
  }

  /** Of a value that is no number. */
  keep(at: number, object: Fields, field: string): void {
    const value = object[field]
    this.others[at] = value
    this.kinds[at] = value === undefined && !Object.hasOwn(object, field) ? isAbsent : isOther
  }

  put(at: number, object: Fields, field: string): void {
    if (this.kinds[at] === isAbsent) delete object[field]
    else object[field] = this.others[at]
  }
}

/** Copies the fields of some objects from or into rows. */
interface Copy {
  read(objects: readonly Fields[], values: Values, at: number): void
  write(objects: readonly Fields[], values: Values, at: number): void
}

export class AuthorFields {
  readonly #games: number
  /** Fields that all objects of a kind have; those beyond are the author's. */
  readonly #known: readonly ReadonlySet<string>[]
  readonly #objects: readonly Fields[]
  #members: readonly (readonly Fields[])[] = []
  #groups: readonly Group[] = []
  /** Values per game. */
  #size = 0
  #values = new Values(0)
  #seen = -1

  /** `objects`: those that all games share; `known`: of each, the fields that are not the author's. */
  constructor(objects: readonly object[], known: readonly ReadonlySet<string>[], games: number) {
    this.#objects = objects as readonly Fields[]
    this.#known = known
    this.#games = games
    this.#layOut()
  }

  /** Keeps the fields of the shared objects as those of a game. */
  keep(game: number): void {
    if (this.#seen !== newFields.count) this.#layOut()
    for (let i = 0; i < this.#groups.length; i++) {
      const { copy, from } = this.#groups[i]!
      copy.read(this.#members[i]!, this.#values, game * this.#size + from)
    }
  }

  /** Gives the shared objects the fields of a game. */
  put(game: number): void {
    for (let i = 0; i < this.#groups.length; i++) {
      const { copy, from } = this.#groups[i]!
      copy.write(this.#members[i]!, this.#values, game * this.#size + from)
    }
  }

  /** As `keep`, of a game that has such objects of its own. Gives whether they have the same fields as the shared ones. */
  keepThoseOf(game: number, objects: readonly object[]): void {
    for (const { copy, from, objects: indices } of this.#groups) {
      const own = indices.map(index => objects[index] as Fields)
      copy.read(own, this.#values, game * this.#size + from)
    }
  }

  #layOut(): void {
    this.#seen = newFields.count
    const fields = this.#objects.map((object, i) => Object.keys(object).filter(field => !this.#known[i]!.has(field)))
    const before = { groups: this.#groups, values: this.#values, size: this.#size }
    const placeBefore = placesOf(before.groups)
    // A field that another game gave the objects stays in the layout for good.
    const all = fields.map((names, i) => [...new Set([...(placeBefore[i]?.keys() ?? []), ...names])])
    if (before.groups.length > 0 && all.every((names, i) => names.length === (placeBefore[i]?.size ?? 0))) return
    const groups = groupsOf(all)
    this.#groups = groups
    this.#members = groups.map(({ objects }) => objects.map(index => this.#objects[index]!))
    this.#size = groups.reduce((sum, { objects, fields }) => sum + objects.length * fields.length, 0)
    this.#values = new Values(this.#games * this.#size)
    placesOf(groups).forEach((places, i) => {
      for (const [field, to] of places) {
        const from = placeBefore[i]?.get(field)
        if (from === undefined) continue
        for (let game = 0; game < this.#games; game++) {
          const [at, source] = [game * this.#size + to, game * before.size + from]
          this.#values.numbers[at] = before.values.numbers[source]!
          this.#values.others[at] = before.values.others[source]
          this.#values.kinds[at] = before.values.kinds[source]!
        }
      }
    })
  }
}

/** Objects of the same fields together; those without any are in no group. */
function groupsOf(fields: readonly (readonly string[])[]): Group[] {
  const byFields = new Map<string, number[]>()
  fields.forEach((names, index) => {
    if (names.length === 0) return
    const key = JSON.stringify(names)
    byFields.set(key, [...(byFields.get(key) ?? []), index])
  })
  let from = 0
  return [...byFields].map(([key, objects]) => {
    const names = JSON.parse(key) as string[]
    const group = { objects, fields: names, from, copy: createCopy(names) }
    from += objects.length * names.length
    return group
  })
}

/** Per object, where each of its fields lies in a row. */
function placesOf(groups: readonly Group[]): Map<string, number>[] {
  const places: Map<string, number>[] = []
  for (const { objects, fields, from } of groups) {
    objects.forEach((index, i) => {
      places[index] = new Map(fields.map((field, k) => [field, from + i * fields.length + k]))
    })
  }
  return places
}

/**
 * A function of its own for each list of fields: one that took the names as values would look each of them up anew at every step, at
 * ten times the cost. Where the engine may make no functions from text, it is that one.
 */
function createCopy(fields: readonly string[]): Copy {
  const names = fields.map(field => JSON.stringify(field))
  const read = names.map(
    name => `value = object[${name}]
      if (typeof value === 'number') {
        numbers[at] = value
        kinds[at] = ${isNumber}
      } else if (value === undefined || kinds[at] !== ${isOther} || others[at] !== value) values.keep(at, object, ${name})
      at++`,
  )
  const write = names.map(
    name => `if (kinds[at] === ${isNumber}) object[${name}] = numbers[at]
      else if (others[at] === undefined || object[${name}] !== others[at]) values.put(at, object, ${name})
      at++`,
  )
  const loop = (body: readonly string[]) => `'use strict'
    const { numbers, others, kinds } = values
    let value
    for (let i = 0; i < objects.length; i++) {
      const object = objects[i]
      ${body.join('\n')}
    }`
  try {
    return {
      read: new Function('objects', 'values', 'at', loop(read)) as Copy['read'],
      write: new Function('objects', 'values', 'at', loop(write)) as Copy['write'],
    }
  } catch {
    return plainCopy(fields)
  }
}

/** The same without functions made from text. */
function plainCopy(fields: readonly string[]): Copy {
  return {
    read(objects, values, at) {
      for (const object of objects) {
        for (const field of fields) {
          const value = object[field]
          if (typeof value === 'number') {
            values.numbers[at] = value
            values.kinds[at] = isNumber
          } else values.keep(at, object, field)
          at++
        }
      }
    },
    write(objects, values, at) {
      for (const object of objects) {
        for (const field of fields) {
          if (values.kinds[at] === isNumber) object[field] = values.numbers[at]
          else values.put(at, object, field)
          at++
        }
      }
    },
  }
}
