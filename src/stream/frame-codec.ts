// One frame as bytes, for the websocket and the page. Both ends hold the schema, so the bytes carry numbers only.
//
// Little-endian:  0 'M'   1 version   2 flags (1: restarted, 2: placed)   3 zero   4 u32 episode   8 u32 step   12 u32 agents
//                 16 u32 actions   20 u32 row   24 f64 number   32 f64 at (milliseconds since 1970)
// then float32:   40 rewards [agents], returns [agents], actions [all agents' side by side], row [schema.size]
import type { Frame, FrameSchema } from '../envs/frame.ts'
import { actionSize } from '../spaces.ts'

const MAGIC = 0x4d
const VERSION = 2
const RESTARTED = 1
const PLACED = 2
const HEADER_BYTES = 40
const MAX_U32 = 0xffff_ffff

/** Number of agents that a frame of this schema has rewards for: scripted ones have none. */
export function agentCount(schema: FrameSchema): number {
  return schema.agents.length
}

/** Numbers in the action rows of all agents together. */
export function actionCount(schema: FrameSchema): number {
  return schema.agents.reduce((size, { actionSpace }) => size + actionSize(actionSpace), 0)
}

/** Bytes of every frame of this schema. */
export function frameBytes(schema: FrameSchema): number {
  return HEADER_BYTES + 4 * (2 * agentCount(schema) + actionCount(schema) + schema.size)
}

/** A new array of `frameBytes(schema)` bytes. Throws a RangeError when the frame does not fit the schema. */
export function encodeFrame(frame: Frame, schema: FrameSchema): Uint8Array<ArrayBuffer> {
  const agents = agentCount(schema)
  const actions = actionCount(schema)
  expect('rewards', frame.rewards.length, agents)
  expect('returns', frame.returns.length, agents)
  expect('actions', frame.actions.length, actions)
  expect('row', frame.row.length, schema.size)
  const bytes = new Uint8Array(frameBytes(schema))
  const view = new DataView(bytes.buffer)
  view.setUint8(0, MAGIC)
  view.setUint8(1, VERSION)
  view.setUint8(2, (frame.restarted ? RESTARTED : 0) | (frame.placed ? PLACED : 0))
  view.setUint32(4, counter('episode', frame.episode), true)
  view.setUint32(8, counter('step', frame.step), true)
  view.setUint32(12, agents, true)
  view.setUint32(16, actions, true)
  view.setUint32(20, schema.size, true)
  view.setFloat64(24, frame.number, true)
  view.setFloat64(32, frame.at, true)
  let offset = HEADER_BYTES
  for (const part of [frame.rewards, frame.returns, frame.actions, frame.row]) {
    for (let i = 0; i < part.length; i++, offset += 4) view.setFloat32(offset, part[i]!, true)
  }
  return bytes
}

/** The frame in these bytes, copied. Throws a RangeError when they are no frame of this schema. */
export function decodeFrame(bytes: ArrayBuffer | Uint8Array, schema: FrameSchema): Frame {
  const view =
    bytes instanceof ArrayBuffer ? new DataView(bytes) : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  expect('bytes', view.byteLength, frameBytes(schema))
  expect('magic byte', view.getUint8(0), MAGIC)
  expect('version', view.getUint8(1), VERSION)
  const flags = view.getUint8(2)
  if ((flags & ~(RESTARTED | PLACED)) !== 0 || view.getUint8(3) !== 0)
    throw new RangeError(`frame: unknown flags ${flags}`)
  const agents = agentCount(schema)
  expect('agents', view.getUint32(12, true), agents)
  const actions = actionCount(schema)
  expect('actions', view.getUint32(16, true), actions)
  expect('row', view.getUint32(20, true), schema.size)
  const from = HEADER_BYTES + 8 * agents
  return {
    number: view.getFloat64(24, true),
    at: view.getFloat64(32, true),
    episode: view.getUint32(4, true),
    step: view.getUint32(8, true),
    restarted: (flags & RESTARTED) !== 0,
    placed: (flags & PLACED) !== 0,
    rewards: floats(view, HEADER_BYTES, agents),
    returns: floats(view, HEADER_BYTES + 4 * agents, agents),
    actions: floats(view, from, actions),
    row: floats(view, from + 4 * actions, schema.size),
  }
}

function floats(view: DataView, offset: number, length: number): Float32Array {
  const values = new Float32Array(length)
  for (let i = 0; i < length; i++) values[i] = view.getFloat32(offset + 4 * i, true)
  return values
}

function counter(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_U32) return value
  throw new RangeError(`frame: ${name} must be a whole number in 0 ... ${MAX_U32}, got ${value}`)
}

function expect(name: string, got: number, expected: number): void {
  if (got !== expected) throw new RangeError(`frame: ${name} must be ${expected}, got ${got}`)
}
