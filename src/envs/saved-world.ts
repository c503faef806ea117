// A world as plain data and back: every field of its entities and its state, bit for bit.
import type { Saved, TypedArray } from '../types.ts'
import { Vector } from './entity.ts'

interface WorldFields {
  readonly entities: readonly { readonly id: string }[]
  readonly state: unknown
}
type Fields = Record<string, unknown>

/**
 * Everything about a world that can change, but for the fields of its entities that are `transient`. @throws TypeError for a value that
 * cannot be saved.
 */
export function saveWorld(world: WorldFields, transient: ReadonlySet<string> = computed): Saved {
  const encode = (path: string, value: unknown): Saved => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (typeof value === 'number') return encodeNumber(value)
    if (value instanceof Vector) return { vector: [encodeNumber(value.x), encodeNumber(value.y)] }
    // Utterances are many and short: as lists they do not clutter a checkpoint with tiny tensors.
    if (value instanceof Float64Array) return { doubles: Array.from(value, encodeNumber) }
    if (isTypedArray(value)) return { array: value }
    const entity = world.entities.indexOf(value as (typeof world.entities)[number])
    if (entity !== -1) return { entity }
    if (Array.isArray(value)) return { list: value.map((item, i) => encode(`${path}[${i}]`, item)) }
    if (isPlain(value)) return { fields: encodeFields(path, value) }
    throw new TypeError(`${path}: expected plain data, typed arrays or entities of this world, got ${typeof value}`)
  }
  const encodeFields = (path: string, object: object): Saved =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, encode(`${path}.${key}`, value)]))
  return {
    entities: world.entities.map(entity => encodeFields(entity.id, without(transient, entity))),
    state: encodeFields('world.state', world.state as object),
  }
}

/** Puts a saved world into a world of the same scenario and options. */
export function restoreWorld(world: WorldFields, saved: Saved): void {
  const decode = (code: Saved, present: unknown): unknown => {
    if (code === null || typeof code !== 'object') return code
    const { number, vector, doubles, array, entity, list, fields } = code as Fields
    if (number !== undefined) return Number(number)
    if (vector) {
      const [x, y] = (vector as Saved[]).map(decodeNumber)
      const target = present instanceof Vector ? present : new Vector()
      target.set(x!, y!)
      return target
    }
    if (doubles) return into(present, Float64Array.from((doubles as Saved[]).map(decodeNumber)))
    if (isTypedArray(array)) return into(present, array.slice())
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

/** What a step computes from actions before it is used, and what the world's arena says. */
const computed: ReadonlySet<string> = new Set(['force', 'thrust', 'speech', 'wraps', 'period'])

function without(fields: ReadonlySet<string>, entity: object): object {
  return Object.fromEntries(Object.entries(entity).filter(([field]) => !fields.has(field)))
}

/** JSON knows no -0, no infinity and no NaN: they go as words. */
function encodeNumber(value: number): Saved {
  if (Object.is(value, -0)) return { number: '-0' }
  return Number.isFinite(value) ? value : { number: String(value) }
}

function decodeNumber(code: Saved): number {
  return typeof code === 'number' ? code : Number((code as { number: string }).number)
}

/** Fills the array that is there, so that whoever holds it sees the change; else the new one takes its place. */
function into(present: unknown, array: TypedArray): TypedArray {
  if (!isTypedArray(present) || present.constructor !== array.constructor || present.length !== array.length)
    return array
  present.set(array)
  return present
}

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

function isPlain(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
