// An inspection of one agent as bytes; sent with a frame to viewers that asked for it.
//
// Little-endian:  0 'M'   1 version   2 kind (2: inspection)   3 flags (1: has a value, 2: a mask, 4: values of alternatives)   4 u32 agent   8 f64 number of the frame
//                 16 f32 value   20 u32 observation   24 u32 action   28 u32 parts   32 u32 entities
// then float32:   36 observation [observation], action [action], probabilities [action], reward parts [parts], values [action] where there are any
// then u8:        sees [entities], mask [action] where there is one
// then UTF-8:     the names of the reward parts, a JSON list
import type { Inspection } from '../experiment/show.ts'
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

const HEADER_BYTES = 36
const HAS_VALUE = 1
const HAS_MASK = 2
const HAS_ACTION_VALUES = 4

/** An inspection as a viewer gets it: of the frame with this number. */
export interface StreamedInspection extends Inspection {
  readonly number: number
}

export function encodeInspection(inspection: Inspection, number: number): Uint8Array<ArrayBuffer> {
  const { agent, observation, action, probabilities, mask, actionValues, value, rewardParts, sees } = inspection
  expectEqual('probabilities', probabilities.length, action.length)
  if (mask !== undefined) expectEqual('mask', mask.length, action.length)
  if (actionValues !== undefined) expectEqual('actionValues', actionValues.length, action.length)
  const names = new TextEncoder().encode(JSON.stringify(Object.keys(rewardParts)))
  const parts = Object.values(rewardParts)
  const values = actionValues ?? []
  const floats = observation.length + 2 * action.length + parts.length + values.length
  const marks = sees.length + (mask?.length ?? 0)
  const bytes = new Uint8Array(HEADER_BYTES + 4 * floats + marks + names.length)
  const view = viewOf(bytes)
  writeHeader(
    view,
    binaryKind.inspection,
    (value === null ? 0 : HAS_VALUE) |
      (mask === undefined ? 0 : HAS_MASK) |
      (actionValues === undefined ? 0 : HAS_ACTION_VALUES),
    number,
  )
  view.setUint32(4, counter('agent', agent), true)
  view.setFloat32(16, value ?? Number.NaN, true)
  view.setUint32(20, observation.length, true)
  view.setUint32(24, action.length, true)
  view.setUint32(28, parts.length, true)
  view.setUint32(32, sees.length, true)
  let end = HEADER_BYTES
  for (const part of [observation, action, probabilities, parts, values]) end = writeFloats(view, end, part)
  bytes.set(sees, end)
  if (mask !== undefined) bytes.set(mask, end + sees.length)
  bytes.set(names, end + marks)
  return bytes
}

/** The inspection in these bytes, copied. @throws RangeError when they are none. */
export function decodeInspection(bytes: ArrayBuffer | Uint8Array): StreamedInspection {
  const view = viewOf(bytes)
  if (view.byteLength < HEADER_BYTES) {
    throw new RangeError(`binary message: an inspection has at least ${HEADER_BYTES} bytes, got ${view.byteLength}`)
  }
  expectEqual('kind', kindOf(bytes), binaryKind.inspection)
  const flags = view.getUint8(FLAGS_BYTE)
  if ((flags & ~(HAS_VALUE | HAS_MASK | HAS_ACTION_VALUES)) !== 0)
    throw new RangeError(`binary message: unknown flags ${flags} of an inspection`)
  const [observation, action, parts, entities] = [20, 24, 28, 32].map(at => view.getUint32(at, true)) as Sizes
  const does = HEADER_BYTES + 4 * observation
  const might = does + 4 * action
  const pays = might + 4 * action
  const judges = pays + 4 * parts
  const sees = judges + ((flags & HAS_ACTION_VALUES) === 0 ? 0 : 4 * action)
  const allows = sees + entities
  const names = allows + ((flags & HAS_MASK) === 0 ? 0 : action)
  if (names > view.byteLength) {
    throw new RangeError(`binary message: expected at least ${names} bytes, got ${view.byteLength}`)
  }
  const values = readFloats(view, pays, parts)
  return {
    number: numberOf(bytes),
    agent: view.getUint32(4, true),
    observation: readFloats(view, HEADER_BYTES, observation),
    action: readFloats(view, does, action),
    probabilities: readFloats(view, might, action),
    ...((flags & HAS_MASK) === 0 ? {} : { mask: bytesOf(view, allows, names) }),
    ...(sees === judges ? {} : { actionValues: readFloats(view, judges, action) }),
    value: (flags & HAS_VALUE) !== 0 ? view.getFloat32(16, true) : null,
    rewardParts: Object.fromEntries(readNames(view, names, parts).map((name, i) => [name, values[i]!])),
    sees: bytesOf(view, sees, allows),
  }
}

function bytesOf({ buffer, byteOffset }: DataView, from: number, to: number): Uint8Array {
  return new Uint8Array(buffer.slice(byteOffset + from, byteOffset + to))
}

type Sizes = [observation: number, action: number, parts: number, entities: number]

function readNames(view: DataView, from: number, count: number): string[] {
  let names: unknown
  try {
    names = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(
        new Uint8Array(view.buffer, view.byteOffset + from, view.byteLength - from),
      ),
    )
  } catch {
    // Said below.
  }
  if (Array.isArray(names) && names.length === count && names.every(name => typeof name === 'string')) return names
  throw new RangeError(`binary message: expected a JSON list of ${count} names at byte ${from}`)
}
