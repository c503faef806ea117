// What travels over the websocket, both ways, and the strict reading of it. Frames travel beside it as binary (frame-codec.ts).
import type { FrameEntity, FrameField, FrameSchema } from '../envs/frame.ts'
import { SPEED } from '../experiment/commands.ts'
import type { Command, SessionChange, SessionState } from '../experiment/session.ts'

export type { Frame, FrameAgent, FrameEntity, FrameField, FrameSchema, PictureSchema } from '../envs/frame.ts'
export { SPEED } from '../experiment/commands.ts'
export type { Command, SessionState } from '../experiment/session.ts'

/** Rises whenever a message or the layout of a frame changes. The page refuses a server of another version. */
export const PROTOCOL = 1

/** The websocket's address is this path beside the page. */
export const STREAM_PATH = '/stream'

/** immer's patches, as they are. */
export type Patches = SessionChange['patches']

/** Server to viewer, as JSON text. */
export type ServerMessage =
  /** Everything a viewer needs; first on each connection, and again after a viewer fell behind. */
  | {
      readonly type: 'welcome'
      readonly protocol: number
      readonly state: SessionState
      readonly schema: FrameSchema
    }
  | { readonly type: 'patches'; readonly patches: Patches }
  /** A command was not understood; `message` is a sentence. */
  | { readonly type: 'refused'; readonly message: string }
  /** The last word of a server that closes on purpose. A viewer does not come back after it. */
  | { readonly type: 'bye'; readonly message: string }

/** Reads what a viewer sent. Throws a TypeError or RangeError with a sentence. */
export function parseCommand(text: string): Command {
  const value = parseJson(text, 'a command')
  const type = record(value, 'a command').type
  switch (type) {
    case 'pause':
    case 'resume':
    case 'step':
    case 'pauseTraining':
    case 'resumeTraining':
      only(value, ['type'], `command '${type}'`)
      return { type }
    case 'speed': {
      only(value, ['type', 'speed'], "command 'speed'")
      const speed = number(record(value, 'a command').speed, "command 'speed': speed")
      if (speed < SPEED.least || speed > SPEED.most) {
        throw new RangeError(`command 'speed': speed must be in ${SPEED.least} ... ${SPEED.most}, got ${speed}`)
      }
      return { type, speed }
    }
    default:
      throw new TypeError(
        `a command's type must be pause, resume, step, speed, pauseTraining or resumeTraining, got ${show(type)}`,
      )
  }
}

/** Reads what the server sent. Throws a TypeError or RangeError with a sentence. */
export function parseServerMessage(text: string): ServerMessage {
  const message = record(parseJson(text, 'a message'), 'a message')
  switch (message.type) {
    case 'welcome': {
      if (message.protocol !== PROTOCOL) {
        throw new RangeError(
          `this page speaks version ${PROTOCOL} of the protocol, the server version ${show(message.protocol)}: reload the page`,
        )
      }
      return { type: 'welcome', protocol: PROTOCOL, state: state(message.state), schema: schema(message.schema) }
    }
    case 'patches':
      return { type: 'patches', patches: list(message.patches, 'patches').map(patch) }
    case 'refused':
    case 'bye':
      return { type: message.type, message: string(message.message, `${message.type}: message`) }
    default:
      throw new TypeError(`a message's type must be welcome, patches, refused or bye, got ${show(message.type)}`)
  }
}

// The page indexes frames by the schema, so every number of it is checked. The state is the server's own and only
// displayed: its outline is checked, its leaves are not.

function state(value: unknown): SessionState {
  const it = record(value, 'welcome: state')
  for (const key of ['run', 'progress', 'curve', 'exhibition']) record(it[key], `welcome: state.${key}`)
  list(it.roster, 'welcome: state.roster')
  string(it.status, 'welcome: state.status')
  return value as SessionState
}

function schema(value: unknown): FrameSchema {
  const it = record(value, 'welcome: schema')
  if (it.kind !== 'particles') throw new TypeError(`welcome: schema.kind must be particles, got ${show(it.kind)}`)
  const size = count(it.size, 'welcome: schema.size')
  const extent = number(it.extent, 'welcome: schema.extent')
  if (extent <= 0) throw new RangeError(`welcome: schema.extent must be above 0, got ${extent}`)
  list(it.entities, 'welcome: schema.entities').forEach((entity, i) => {
    entityOk(record(entity, `welcome: schema.entities[${i}]`), `welcome: schema.entities[${i}]`)
  })
  list(it.fields, 'welcome: schema.fields').forEach((field, i) => {
    fieldOk(record(field, `welcome: schema.fields[${i}]`), size, `welcome: schema.fields[${i}]`)
  })
  if (it.arena !== undefined) arenaOk(record(it.arena, 'welcome: schema.arena'))
  if (it.walls !== undefined) list(it.walls, 'welcome: schema.walls').forEach(wallOk)
  return value as FrameSchema
}

function arenaOk({ half, edge }: Readonly<Record<string, unknown>>): void {
  if (number(half, 'welcome: schema.arena.half') <= 0) {
    throw new RangeError(`welcome: schema.arena.half must be above 0, got ${half}`)
  }
  if (edge !== 'none' && edge !== 'wall' && edge !== 'wrap') {
    throw new TypeError(`welcome: schema.arena.edge must be none, wall or wrap, got ${show(edge)}`)
  }
}

function wallOk(value: unknown, i: number): void {
  const where = `welcome: schema.walls[${i}]`
  const it = record(value, where)
  for (const end of 'low' in it ? ['low', 'high'] : ['from', 'to']) {
    const point = list(it[end], `${where}.${end}`)
    if (point.length !== 2) throw new RangeError(`${where}.${end} must have 2 numbers, got ${point.length}`)
    for (const part of point) number(part, `${where}.${end}`)
  }
  if (it.thickness !== undefined) number(it.thickness, `${where}.thickness`)
}

function entityOk(it: Readonly<Record<string, unknown>>, where: string): asserts it is Known<FrameEntity> {
  string(it.id, `${where}.id`)
  if (it.kind !== 'agent' && it.kind !== 'landmark') {
    throw new TypeError(`${where}.kind must be agent or landmark, got ${show(it.kind)}`)
  }
  if (it.agent !== null) count(it.agent, `${where}.agent`)
  if (it.team !== null) string(it.team, `${where}.team`)
  number(it.size, `${where}.size`)
  const color = list(it.color, `${where}.color`)
  if (color.length !== 3) throw new RangeError(`${where}.color must have 3 numbers, got ${color.length}`)
  for (const part of color) number(part, `${where}.color`)
}

function fieldOk(it: Readonly<Record<string, unknown>>, row: number, where: string): asserts it is Known<FrameField> {
  string(it.name, `${where}.name`)
  const end = count(it.offset, `${where}.offset`) + count(it.size, `${where}.size`)
  if (end > row) throw new RangeError(`${where} must end within the row's ${row} numbers, ends at ${end}`)
}

function patch(value: unknown, i: number): Patches[number] {
  const it = record(value, `patches[${i}]`)
  if (it.op !== 'add' && it.op !== 'replace' && it.op !== 'remove') {
    throw new TypeError(`patches[${i}].op must be add, replace or remove, got ${show(it.op)}`)
  }
  for (const key of list(it.path, `patches[${i}].path`)) {
    if (typeof key !== 'string' && typeof key !== 'number') {
      throw new TypeError(`patches[${i}].path must hold names and indices, got ${show(key)}`)
    }
  }
  return value as Patches[number]
}

type Known<T> = T & Readonly<Record<string, unknown>>

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new TypeError(`${what} must be JSON, got ${show(text)}`)
  }
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new TypeError(`${where} must be an object, got ${show(value)}`)
}

function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new TypeError(`${where} must be a list, got ${show(value)}`)
}

function string(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw new TypeError(`${where} must be a text, got ${show(value)}`)
}

function number(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TypeError(`${where} must be a finite number, got ${show(value)}`)
}

function count(value: unknown, where: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new TypeError(`${where} must be a whole number from 0, got ${show(value)}`)
}

function only(value: unknown, keys: readonly string[], where: string): void {
  for (const key of Object.keys(record(value, where))) {
    if (!keys.includes(key)) throw new TypeError(`${where} has ${keys.join(' and ')} only, got also ${show(key)}`)
  }
}

/** A value as it came, short enough for a sentence. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
