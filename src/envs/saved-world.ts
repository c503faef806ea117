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
  const encodeFields = (path: string, object: object, without: ReadonlySet<string> = nothing): Saved => {
    const codes: Record<string, Saved> = {}
    for (const key of Object.keys(object)) {
      if (without.has(key)) continue
      const value = (object as Fields)[key]
      // Most are numbers and flags, of which there are many in every state of a run.
      codes[key] = isOwnCode(value) ? value : encode(`${path}.${key}`, value)
    }
    return codes
  }
  return {
    entities: world.entities.map(entity => encodeFields(entity.id, entity, transient)),
    state: encodeFields('world.state', world.state as object),
  }
}

/** Puts a saved world into a world of the same scenario and options. */
export function restoreWorld(world: WorldFields, saved: Saved): void {
  const decode = (code: Saved, present: unknown): unknown => {
    if (code === null || typeof code !== 'object') return code
    // A code has one field, which says what it is of.
    for (const kind in code) {
      const of = (code as Fields)[kind]
      if (kind === 'vector') {
        const [x, y] = of as Saved[]
        const target = present instanceof Vector ? present : new Vector()
        target.set(decodeNumber(x!), decodeNumber(y!))
        return target
      }
      if (kind === 'doubles') return into(present, Float64Array.from((of as Saved[]).map(decodeNumber)))
      if (kind === 'number') return Number(of)
      if (kind === 'array') return into(present, (of as TypedArray).slice())
      if (kind === 'entity') return world.entities[of as number]
      if (kind === 'list')
        return (of as Saved[]).map((item, i) => decode(item, Array.isArray(present) ? present[i] : undefined))
      if (kind === 'fields') return decodeFields(of as Fields, isPlain(present) ? present : {})
    }
    throw new TypeError('saved world: expected what saving gives')
  }
  const decodeFields = (codes: Fields, target: Fields): Fields => {
    for (const key of Object.keys(codes)) {
      const present = target[key]
      const value = decode(codes[key] as Saved, present)
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

const nothing: ReadonlySet<string> = new Set()

/** Whether a value is saved as it is. */
function isOwnCode(value: unknown): value is Saved {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return typeof value === 'boolean' || typeof value === 'string' || value === null
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
