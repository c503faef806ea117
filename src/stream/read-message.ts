// Strict parsing of the server's messages, for its clients.
import type { FrameAgent, FrameEntity, FrameField, FrameSchema } from '../envs/frame.ts'
import type { SessionState } from '../experiment/session.ts'
import { type FrameRange, type Patches, PROTOCOL, type ServerMessage } from './protocol.ts'
import { count, list, number, pair, parseJson, record, show, string } from './reading.ts'

/** @throws TypeError or RangeError with a sentence. */
export function parseServerMessage(text: string): ServerMessage {
  const message = record(parseJson(text, 'a message'), 'a message')
  switch (message.type) {
    case 'welcome':
      return welcome(message)
    case 'patches':
      return {
        type: 'patches',
        sequence: count(message.sequence, 'patches: sequence'),
        patches: list(message.patches, 'patches').map(patch),
      }
    case 'done':
      return { type: 'done', id: count(message.id, 'done: id') }
    case 'refused': {
      const refused = { type: 'refused', message: string(message.message, 'refused: message') } as const
      return message.id === undefined ? refused : { ...refused, id: count(message.id, 'refused: id') }
    }
    case 'bye':
      return { type: 'bye', message: string(message.message, 'bye: message') }
    default:
      throw new TypeError(`a message's type must be welcome, patches, done, refused or bye, got ${show(message.type)}`)
  }
}

type Fields = Readonly<Record<string, unknown>>
type Known<T> = T & Fields

function welcome(message: Fields): ServerMessage {
  if (message.protocol !== PROTOCOL) {
    throw new RangeError(
      `this client speaks version ${PROTOCOL} of the protocol, the server version ${show(message.protocol)}: reload the page, ` +
        "or install the server's version of marlstrom",
    )
  }
  const { id, title, began } = record(message.session, 'welcome: session')
  if (message.role !== 'operator' && message.role !== 'viewer') {
    throw new TypeError(`welcome: role must be operator or viewer, got ${show(message.role)}`)
  }
  if (typeof message.resumed !== 'boolean') {
    throw new TypeError(`welcome: resumed must be true or false, got ${show(message.resumed)}`)
  }
  return {
    type: 'welcome',
    protocol: PROTOCOL,
    session: {
      id: string(id, 'welcome: session.id'),
      title: string(title, 'welcome: session.title'),
      began: number(began, 'welcome: session.began'),
    },
    viewer: string(message.viewer, 'welcome: viewer'),
    role: message.role,
    sequence: count(message.sequence, 'welcome: sequence'),
    state: state(message.state),
    schema: schema(message.schema),
    history: message.history === null ? null : range(message.history),
    resumed: message.resumed,
  }
}

function range(value: unknown): FrameRange {
  const { first, last } = record(value, 'welcome: history')
  return { first: count(first, 'welcome: history.first'), last: count(last, 'welcome: history.last') }
}

// The page indexes frames by the schema, so every number of it is checked. The state is the server's own and only
// displayed: its outline is checked, its leaves are not.

function state(value: unknown): SessionState {
  const it = record(value, 'welcome: state')
  for (const key of ['run', 'progress', 'curve', 'metrics', 'exhibition', 'timeline']) {
    record(it[key], `welcome: state.${key}`)
  }
  for (const key of ['roster', 'evaluations']) list(it[key], `welcome: state.${key}`)
  string(it.status, 'welcome: state.status')
  return value as SessionState
}

function schema(value: unknown): FrameSchema {
  const it = record(value, 'welcome: schema')
  if (it.kind !== 'particles' && it.kind !== 'grid') {
    throw new TypeError(`welcome: schema.kind must be particles or grid, got ${show(it.kind)}`)
  }
  const size = count(it.size, 'welcome: schema.size')
  above0(it.extent, 'welcome: schema.extent')
  above0(it.secondsPerStep, 'welcome: schema.secondsPerStep')
  each(it.agents, 'welcome: schema.agents', agentOk)
  each(it.entities, 'welcome: schema.entities', entityOk)
  each(it.fields, 'welcome: schema.fields', (field, where) => fieldOk(field, size, where))
  if (it.arena !== undefined) arenaOk(record(it.arena, 'welcome: schema.arena'))
  if (it.walls !== undefined) each(it.walls, 'welcome: schema.walls', wallOk)
  if (it.kind === 'grid') gridOk(record(it.grid, 'welcome: schema.grid'))
  return value as FrameSchema
}

function each(value: unknown, where: string, check: (item: Fields, where: string) => void): void {
  list(value, where).forEach((item, i) => {
    check(record(item, `${where}[${i}]`), `${where}[${i}]`)
  })
}

function above0(value: unknown, where: string): void {
  if (number(value, where) <= 0) throw new RangeError(`${where} must be above 0, got ${value}`)
}

function agentOk(it: Fields, where: string): asserts it is Known<FrameAgent> {
  string(it.id, `${where}.id`)
  string(it.team, `${where}.team`)
  for (const parts of ['actionSpace', 'observationParts']) {
    each(it[parts], `${where}.${parts}`, (part, at) => {
      string(part.name, `${at}.name`)
      const size = count(part.size, `${at}.size`)
      namesOk(part.names, size, `${at}.names`)
      if (part.shape === undefined) return
      const shape = list(part.shape, `${at}.shape`).map(side => count(side, `${at}.shape`))
      const product = shape.reduce((numbers, side) => numbers * side, 1)
      if (product !== size) throw new RangeError(`${at}.shape must have ${size} numbers, has ${product}`)
      namesOk(part.channels, shape.at(-1) ?? 0, `${at}.channels`)
    })
  }
}

function namesOk(value: unknown, size: number, where: string): void {
  if (value === undefined) return
  const names = list(value, where)
  if (names.length !== size) throw new RangeError(`${where} must have ${size} names, got ${names.length}`)
  for (const name of names) string(name, where)
}

function gridOk(it: Fields): void {
  const cells = count(it.rows, 'welcome: schema.grid.rows') * count(it.columns, 'welcome: schema.grid.columns')
  const cellsOk = (value: unknown, where: string) => {
    for (const cell of list(value, where)) {
      if (count(cell, where) >= cells) throw new RangeError(`${where} must be below ${cells}, got ${cell}`)
    }
  }
  cellsOk(it.walls, 'welcome: schema.grid.walls')
  each(it.marks, 'welcome: schema.grid.marks', (mark, where) => {
    string(mark.name, `${where}.name`)
    cellsOk(mark.cells, `${where}.cells`)
    colorOk(mark.color, `${where}.color`)
  })
}

function arenaOk({ half, edge }: Fields): void {
  above0(half, 'welcome: schema.arena.half')
  if (edge !== 'none' && edge !== 'wall' && edge !== 'wrap') {
    throw new TypeError(`welcome: schema.arena.edge must be none, wall or wrap, got ${show(edge)}`)
  }
}

function wallOk(it: Fields, where: string): void {
  for (const end of 'low' in it ? ['low', 'high'] : ['from', 'to']) pair(it[end], `${where}.${end}`)
  if (it.thickness !== undefined) number(it.thickness, `${where}.thickness`)
}

function entityOk(it: Fields, where: string): asserts it is Known<FrameEntity> {
  string(it.id, `${where}.id`)
  if (it.kind !== 'agent' && it.kind !== 'landmark') {
    throw new TypeError(`${where}.kind must be agent or landmark, got ${show(it.kind)}`)
  }
  if (it.agent !== null) count(it.agent, `${where}.agent`)
  if (it.team !== null) string(it.team, `${where}.team`)
  number(it.size, `${where}.size`)
  if (it.label !== undefined) string(it.label, `${where}.label`)
  if (it.form !== undefined && it.form !== 'diamond' && it.form !== 'square') {
    throw new TypeError(`${where}.form must be diamond or square, got ${show(it.form)}`)
  }
  colorOk(it.color, `${where}.color`)
}

function colorOk(value: unknown, where: string): void {
  if (value === undefined) return
  const color = list(value, where)
  if (color.length !== 3) throw new RangeError(`${where} must have 3 numbers, got ${color.length}`)
  for (const part of color) number(part, where)
}

function fieldOk(it: Fields, row: number, where: string): asserts it is Known<FrameField> {
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
