// TensorBoard's events as bytes. Field numbers are those of event.proto and summary.proto (github.com/tensorflow/tensorboard, compat/proto).
import { encodeMessage, type ProtobufField, type ProtobufMessage } from '../wire/protobuf.ts'

/** A number under a tag, and in words what it is. */
export interface Scalar {
  readonly tag: string
  readonly value: number
  readonly description: string
}

/** The first event of a file: which format it has. `wallSeconds` is the time of day, in seconds since 1970. */
export function versionEvent(wallSeconds: number): Uint8Array {
  return event(wallSeconds, 0, [3, 'brain.Event:2'])
}

/** Tells readers that what they have read of this step and later ones is no longer so: the training goes on from before it. */
export function restartEvent(wallSeconds: number, step: number): Uint8Array {
  return event(wallSeconds, step, [7, [[1, sessionStart]]])
}

/** Numbers of one step. `isNew` says which tags the file has not had yet: those are described. */
export function scalarsEvent(
  wallSeconds: number,
  step: number,
  scalars: readonly Scalar[],
  isNew: (tag: string) => boolean,
): Uint8Array {
  const values = scalars.map((scalar): ProtobufField => [1, summaryValue(scalar, isNew(scalar.tag))])
  return event(wallSeconds, step, [5, values])
}

/** The step of an event that this file's functions wrote; 0 where it has none. */
export function stepOf(event: Uint8Array): number {
  // Wall time comes first: one byte of tag, eight of a double.
  if (event[wallTimeBytes] !== 2 * 8) return 0
  let step = 0
  for (let i = wallTimeBytes + 1, factor = 1; i < event.length; i++, factor *= 128) {
    step += (event[i]! & 127) * factor
    if (event[i]! < 128) break
  }
  return step
}

const wallTimeBytes = 9
const sessionStart = 1
const scalarClass = 1

function event(wallSeconds: number, step: number, what: ProtobufField): Uint8Array {
  return encodeMessage([[1, Float64Array.of(wallSeconds)], [2, step], what])
}

function summaryValue({ tag, value, description }: Scalar, described: boolean): ProtobufMessage {
  const metadata: ProtobufMessage = [
    [1, [[1, 'scalars']]],
    [3, description],
    [4, scalarClass],
  ]
  return [[1, tag], [2, Float32Array.of(value)], ...(described ? [[9, metadata] as ProtobufField] : [])]
}
