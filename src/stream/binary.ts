// What all binary messages have in common: how they begin, and numbers in them. Little-endian throughout.
//
// 0 'M'   1 version   2 kind   3 flags   4 u32 (its meaning is the kind's)   8 f64 number of the frame

/** Second byte of every binary message. */
export const BINARY_VERSION = 2

/** The third byte says what a binary message is. */
export const binaryKind = { frame: 1, inspection: 2 } as const

/** Where the flags of a message stand. */
export const FLAGS_BYTE = 3

const MAGIC = 0x4d
const MAX_U32 = 0xffff_ffff

/** What a binary message is: one of `binaryKind`, unless it comes from a later version. @throws RangeError when it is none of ours. */
export function kindOf(bytes: ArrayBuffer | Uint8Array): number {
  const view = viewOf(bytes)
  if (view.byteLength < 16) throw new RangeError(`binary message: expected at least 16 bytes, got ${view.byteLength}`)
  expectEqual('magic byte', view.getUint8(0), MAGIC)
  expectEqual('version', view.getUint8(1), BINARY_VERSION)
  return view.getUint8(2)
}

/** The first sixteen bytes but for those at 4 ... 8. */
export function writeHeader(view: DataView, kind: number, flags: number, number: number): void {
  view.setUint8(0, MAGIC)
  view.setUint8(1, BINARY_VERSION)
  view.setUint8(2, kind)
  view.setUint8(FLAGS_BYTE, flags)
  view.setFloat64(8, number, true)
}

/** The number of the frame that a message is of. */
export function numberOf(bytes: ArrayBuffer | Uint8Array): number {
  return viewOf(bytes).getFloat64(8, true)
}

export function viewOf(bytes: ArrayBuffer | Uint8Array): DataView {
  return bytes instanceof ArrayBuffer
    ? new DataView(bytes)
    : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Writes float32 numbers from `offset` on; gives where they end. */
export function writeFloats(view: DataView, offset: number, values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) view.setFloat32(offset + 4 * i, values[i]!, true)
  return offset + 4 * values.length
}

/** A copy of float32 numbers. */
export function readFloats(view: DataView, offset: number, length: number): Float32Array {
  const values = new Float32Array(length)
  for (let i = 0; i < length; i++) values[i] = view.getFloat32(offset + 4 * i, true)
  return values
}

/** @throws RangeError when `value` does not fit an unsigned 32-bit number. */
export function counter(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_U32) return value
  throw new RangeError(`binary message: ${name} must be a whole number in 0 ... ${MAX_U32}, got ${value}`)
}

/** @throws RangeError when two numbers that must agree do not. */
export function expectEqual(name: string, got: number, expected: number): void {
  if (got !== expected) throw new RangeError(`binary message: ${name} must be ${expected}, got ${got}`)
}
