// One frame as bytes, for the websocket, the page and recordings. Both ends hold the schema, so the bytes carry numbers only.
//
// Little-endian:  0 'M'   1 version   2 kind (1: frame)   3 flags   4 u32 episode   8 f64 number   16 f64 at   24 u32 step
//                 28 u32 agents   32 u32 actions   36 u32 row
// then float32:   40 rewards [agents], returns [agents], actions [actions], row [row]
import type { Frame, FrameSchema } from '../envs/frame.ts'
import {
  binaryKind,
  counter,
  expectEqual,
  FLAGS_BYTE,
  kindOf,
  numberOf,
  readFloats,
  viewOf,
  writeFloats,
  writeHeader,
} from './binary.ts'

/** Of frames that were left out, `restarted` and `placed` are carried over to the next one that is sent. */
export const frameFlag = {
  /** An episode has begun since the frame sent before. */
  restarted: 1,
  /** Somebody has put an entity elsewhere since the frame sent before. */
  placed: 2,
  /** Nothing leads here from the frame sent before: the viewer has just come, or it was slow and frames were left out. */
  key: 4,
  /** A frame of the past: not what happens now. */
  past: 8,
} as const

/** A frame as a viewer gets it. */
export interface StreamedFrame extends Frame {
  readonly key: boolean
  readonly past: boolean
}

const HEADER_BYTES = 40
const ALL_FLAGS = 15

/** Bytes of every frame of this schema. */
export function frameBytes(schema: FrameSchema): number {
  return HEADER_BYTES + 4 * (2 * schema.agents.length + actionCount(schema) + schema.size)
}

/** Numbers of a joint action: all agents' action rows side by side. */
export function actionCount(schema: FrameSchema): number {
  let count = 0
  for (const { actionSpace } of schema.agents) for (const { size } of actionSpace) count += size
  return count
}

/** The flags that a frame has by itself. */
export function flagsOf(frame: Frame): number {
  return (frame.restarted ? frameFlag.restarted : 0) | (frame.placed ? frameFlag.placed : 0)
}

/** Gives an encoded frame other flags. */
export function setFlags(bytes: Uint8Array, flags: number): void {
  bytes[FLAGS_BYTE] = flags
}

/** A new array of `frameBytes(schema)` bytes. @throws RangeError when the frame does not fit the schema. */
export function encodeFrame(frame: Frame, schema: FrameSchema): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frameBytes(schema))
  writeFrame(frame, schema, bytes)
  return bytes
}

/** Writes a frame into an array of `frameBytes(schema)` bytes. @throws RangeError when the frame does not fit the schema. */
export function writeFrame(frame: Frame, schema: FrameSchema, bytes: Uint8Array): void {
  const agents = schema.agents.length
  const actions = actionCount(schema)
  expectEqual('bytes', bytes.length, frameBytes(schema))
  expectEqual('rewards', frame.rewards.length, agents)
  expectEqual('returns', frame.returns.length, agents)
  expectEqual('actions', frame.actions.length, actions)
  expectEqual('row', frame.row.length, schema.size)
  const view = viewOf(bytes)
  writeHeader(view, binaryKind.frame, flagsOf(frame), frame.number)
  view.setUint32(4, counter('episode', frame.episode), true)
  view.setFloat64(16, frame.at, true)
  view.setUint32(24, counter('step', frame.step), true)
  view.setUint32(28, agents, true)
  view.setUint32(32, actions, true)
  view.setUint32(36, schema.size, true)
  let end = HEADER_BYTES
  for (const part of [frame.rewards, frame.returns, frame.actions, frame.row]) end = writeFloats(view, end, part)
}

/** The frame in these bytes, copied. @throws RangeError when they are no frame of this schema. */
export function decodeFrame(bytes: ArrayBuffer | Uint8Array, schema: FrameSchema): StreamedFrame {
  const view = viewOf(bytes)
  const agents = schema.agents.length
  const actions = actionCount(schema)
  expectEqual('bytes', view.byteLength, frameBytes(schema))
  expectEqual('kind', kindOf(bytes), binaryKind.frame)
  const flags = view.getUint8(FLAGS_BYTE)
  if ((flags & ~ALL_FLAGS) !== 0) throw new RangeError(`binary message: unknown flags ${flags} of a frame`)
  expectEqual('agents', view.getUint32(28, true), agents)
  expectEqual('actions', view.getUint32(32, true), actions)
  expectEqual('row', view.getUint32(36, true), schema.size)
  const returns = HEADER_BYTES + 4 * agents
  const joint = returns + 4 * agents
  return {
    number: numberOf(bytes),
    at: view.getFloat64(16, true),
    episode: view.getUint32(4, true),
    step: view.getUint32(24, true),
    restarted: (flags & frameFlag.restarted) !== 0,
    placed: (flags & frameFlag.placed) !== 0,
    key: (flags & frameFlag.key) !== 0,
    past: (flags & frameFlag.past) !== 0,
    rewards: readFloats(view, HEADER_BYTES, agents),
    returns: readFloats(view, returns, agents),
    actions: readFloats(view, joint, actions),
    row: readFloats(view, joint + 4 * actions, schema.size),
  }
}
