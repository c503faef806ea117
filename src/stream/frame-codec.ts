// One frame as bytes, for the websocket and the page. Both ends hold the schema, so the bytes carry numbers only.
//
// Little-endian:  0 'M'   1 version   2 flags (1: restarted)   3 zero   4 u32 episode   8 u32 step   12 u32 agents   16 u32 row
// then float32:  20 rewards [agents], returns [agents], row [schema.size]
import type { Frame, FrameSchema } from '../envs/frame.ts'

const MAGIC = 0x4d
const VERSION = 1
const RESTARTED = 1
const HEADER_BYTES = 20
const MAX_U32 = 0xffff_ffff

/** Number of agents that a frame of this schema has rewards for: scripted ones have none. */
export function agentCount(schema: FrameSchema): number {
  return schema.entities.filter(entity => entity.agent !== null).length
}

/** Bytes of every frame of this schema. */
export function frameBytes(schema: FrameSchema): number {
  return HEADER_BYTES + 4 * (2 * agentCount(schema) + schema.size)
}

/** A new array of `frameBytes(schema)` bytes. Throws a RangeError when the frame does not fit the schema. */
export function encodeFrame(frame: Frame, schema: FrameSchema): Uint8Array<ArrayBuffer> {
  const agents = agentCount(schema)
  expect('rewards', frame.rewards.length, agents)
  expect('returns', frame.returns.length, agents)
  expect('row', frame.row.length, schema.size)
  const bytes = new Uint8Array(frameBytes(schema))
  const view = new DataView(bytes.buffer)
  view.setUint8(0, MAGIC)
  view.setUint8(1, VERSION)
  view.setUint8(2, frame.restarted ? RESTARTED : 0)
  view.setUint32(4, counter('episode', frame.episode), true)
  view.setUint32(8, counter('step', frame.step), true)
  view.setUint32(12, agents, true)
  view.setUint32(16, schema.size, true)
  let offset = HEADER_BYTES
  for (const part of [frame.rewards, frame.returns, frame.row]) {
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
  if ((flags & ~RESTARTED) !== 0 || view.getUint8(3) !== 0) throw new RangeError(`frame: unknown flags ${flags}`)
  const agents = agentCount(schema)
  expect('agents', view.getUint32(12, true), agents)
  expect('row', view.getUint32(16, true), schema.size)
  return {
    episode: view.getUint32(4, true),
    step: view.getUint32(8, true),
    restarted: flags === RESTARTED,
    rewards: floats(view, HEADER_BYTES, agents),
    returns: floats(view, HEADER_BYTES + 4 * agents, agents),
    row: floats(view, HEADER_BYTES + 8 * agents, schema.size),
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
