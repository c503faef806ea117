// A world as plain data and back: every field of its entities and its state, bit for bit.
import type { Saved } from '../types.ts'
import { type Entity, Vector } from './entity.ts'

interface WorldFields {
  readonly entities: readonly Entity[]
  readonly state: unknown
}
type Fields = Record<string, unknown>

/** Everything about a world that can change. @throws TypeError for a value that cannot be saved. */
export function saveWorld(world: WorldFields): Saved {
  const encode = (path: string, value: unknown): Saved => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    // Numbers as bits: JSON knows no -0 and no infinity.
    if (typeof value === 'number') return { number: Float64Array.of(value) }
    if (value instanceof Vector) return { vector: Float64Array.of(value.x, value.y) }
    if (isTypedArray(value)) return { array: value }
    const entity = world.entities.indexOf(value as Entity)
    if (entity !== -1) return { entity }
    if (Array.isArray(value)) return { list: value.map((item, i) => encode(`${path}[${i}]`, item)) }
    if (isPlain(value)) return { fields: encodeFields(path, value) }
    throw new TypeError(`${path}: expected plain data, typed arrays or entities of this world, got ${typeof value}`)
  }
  const encodeFields = (path: string, object: object): Saved =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, encode(`${path}.${key}`, value)]))
  return {
    entities: world.entities.map(entity => encodeFields(entity.id, entity)),
    state: encodeFields('world.state', world.state as object),
  }
}

/** Puts a saved world into a world of the same scenario and options. */
export function restoreWorld(world: WorldFields, saved: Saved): void {
  const decode = (code: Saved, present: unknown): unknown => {
    if (code === null || typeof code !== 'object') return code
    const { number, vector, array, entity, list, fields } = code as Fields
    if (number) return (number as Float64Array)[0]
    if (vector) {
      const [x, y] = vector as Float64Array
      const target = present instanceof Vector ? present : new Vector()
      target.set(x!, y!)
      return target
    }
    if (isTypedArray(array)) {
      if (!isTypedArray(present) || present.length !== array.length) return array.slice()
      present.set(array)
      return present
    }
    if (entity !== undefined) return world.entities[entity as number]
    if (list) return (list as Saved[]).map((item, i) => decode(item, Array.isArray(present) ? present[i] : undefined))
    return decodeFields(fields as Fields, isPlain(present) ? present : {})
  }
  const decodeFields = (codes: Fields, target: Fields): Fields => {
    for (const [key, code] of Object.entries(codes)) {
      const present = target[key]
      const value = decode(code as Saved, present)
      // Fields that are what they were are not written: positions keep their identity and names stay read-only.
      if (!Object.is(value, present)) target[key] = value
    }
    return target
  }
  const { entities, state } = saved as { entities: Fields[]; state: Fields }
  entities.forEach((codes, i) => {
    decodeFields(codes, world.entities[i] as unknown as Fields)
  })
  decodeFields(state, world.state as Fields)
}

function isTypedArray(value: unknown): value is Float64Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

function isPlain(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
