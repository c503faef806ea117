// Reads the row of a frame by the schema: positions, headings, goals and utterances.
import type { FrameField, PictureSchema } from '../envs/frame.ts'
import type { Point } from './camera.ts'

/** Everything is asked by the entity's index in the schema. Null: the row does not say, or the entity is not there. */
export interface Reading {
  place(row: Float32Array, entity: number): Point | null
  /** Whether it is an agent that waits: drawn faded. */
  waits(row: Float32Array, entity: number): boolean
  /** World units per second. */
  velocity(row: Float32Array, entity: number): Point | null
  /** Radians from +x, counterclockwise. */
  heading(row: Float32Array, entity: number): number | null
  /** Whether it stands out. */
  marked(row: Float32Array, entity: number): boolean
  /** What stands on it: its level, else its label. */
  label(row: Float32Array, entity: number): string | null
  /** The entity that is its goal. */
  goal(row: Float32Array, entity: number): number | null
  /** [channels] Null also for agents that say nothing. */
  utterance(row: Float32Array, entity: number): Float32Array | null
}

const readings = new WeakMap<PictureSchema, Reading>()

/** Made once per schema. */
export function readingOf(schema: PictureSchema): Reading {
  let reading = readings.get(schema)
  if (reading === undefined) readings.set(schema, (reading = createReading(schema)))
  return reading
}

function createReading(schema: PictureSchema): Reading {
  const { entities } = schema
  const fields = new Map<string, FrameField>(schema.fields.map(field => [field.name, field]))
  let count = 0
  const actors = entities.map(({ kind }) => (kind === 'agent' ? count++ : -1))
  const landmarks = entities.flatMap(({ kind }, i) => (kind === 'landmark' ? [i] : []))
  const channels = count === 0 ? 0 : Math.floor((fields.get('utterance')?.size ?? 0) / count)

  /** The i-th group of `width` numbers of a field. */
  const group = (name: FrameField['name'], row: Float32Array, i: number, width: number): Float32Array | null => {
    const field = fields.get(name)
    if (field === undefined || i < 0 || width * (i + 1) > field.size) return null
    return row.subarray(field.offset + width * i, field.offset + width * (i + 1))
  }
  const pair = (numbers: Float32Array | null): Point | null => {
    if (numbers === null || !Number.isFinite(numbers[0]) || !Number.isFinite(numbers[1])) return null
    return { x: numbers[0]!, y: numbers[1]! }
  }

  const position = fields.get('position') ?? { offset: 0, size: 0 }
  const present = fields.get('present') ?? null

  return {
    // Asked for every entity of every row of a trail: without a detour.
    place(row, entity) {
      if (2 * entity + 1 >= position.size || (present !== null && row[present.offset + entity] === 0)) return null
      const x = row[position.offset + 2 * entity]!
      const y = row[position.offset + 2 * entity + 1]!
      return Number.isFinite(x) && Number.isFinite(y) ? { x, y } : null
    },
    waits(row, entity) {
      const value = present === null ? 1 : (row[present.offset + entity] ?? 1)
      return value > 0 && value < 1
    },
    velocity: (row, entity) => pair(group('velocity', row, actors[entity]!, 2)),
    heading(row, entity) {
      const angle = group('heading', row, actors[entity]!, 1)?.[0]
      return angle !== undefined && Number.isFinite(angle) ? angle : null
    },
    marked: (row, entity) => group('marked', row, entity, 1)?.[0] === 1,
    label(row, entity) {
      const level = group('level', row, entity, 1)?.[0]
      if (level !== undefined && Number.isFinite(level)) return String(Math.round(100 * level) / 100)
      return entities[entity]!.label ?? null
    },
    goal(row, entity) {
      const goal = group('goal', row, entities[entity]!.agent ?? -1, 1)?.[0]
      return goal === undefined ? null : (landmarks[goal] ?? null)
    },
    utterance(row, entity) {
      const numbers = channels === 0 ? null : group('utterance', row, actors[entity]!, channels)
      return numbers?.some(number => number > 1e-6) ? numbers : null
    },
  }
}

/** The channel with the largest number. */
export function loudest(utterance: Float32Array): number {
  let best = 0
  utterance.forEach((number, channel) => {
    if (number > utterance[best]!) best = channel
  })
  return best
}

/** How far an agent that waits is seen through. */
export const waitingOpacity = 0.35
