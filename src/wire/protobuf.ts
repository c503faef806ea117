// The wire format of Protocol Buffers, as much as writing a message takes: fields of whole numbers, floats,
// texts, bytes and messages.

/**
 * A field of a message: its number and what it holds. Whole numbers are written as varints; a Float32Array of one number is a
 * field of 32 bits, a Float64Array of one number a field of 64.
 */
export type ProtobufField = readonly [
  number: number,
  value: number | string | Uint8Array | Float32Array | Float64Array | ProtobufMessage,
]
export type ProtobufMessage = readonly ProtobufField[]

/** The bytes of a message, fields in their order. */
export function encodeMessage(message: ProtobufMessage): Uint8Array {
  length = 0
  writeMessage(message)
  return bytes.slice(0, length)
}

/** Whole numbers side by side without tags ("packed"), for repeated fields. */
export function packedVarints(numbers: readonly number[]): Uint8Array {
  length = 0
  numbers.forEach(writeVarint)
  return bytes.slice(0, length)
}

/** Writes a message piece by piece, without a picture of it in between: for those that are written many times a second. */
export const protobufWriter = {
  begin(): void {
    length = 0
  },
  /** What was written since `begin`. */
  end: (): Uint8Array => bytes.slice(0, length),
  whole(number: number, value: number): void {
    writeVarint(number * 8)
    writeVarint(value)
  },
  double(number: number, value: number): void {
    writeVarint(number * 8 + 1)
    reserve(8)
    view.setFloat64(length, value, true)
    length += 8
  },
  chunk(number: number, value: string | Uint8Array): void {
    const from = openField(number)
    writeChunk(value)
    closeField(from)
  },
  /** Begins a message within the message; `close` takes what this gives. */
  open: openField,
  close: closeField,
} as const

// What is being written stands here: a message is written in one go, and nobody else's code runs meanwhile.
let bytes = new Uint8Array(4096)
let view = new DataView(bytes.buffer)
let length = 0
const utf8 = new TextEncoder()

function writeMessage(message: ProtobufMessage): void {
  for (const [number, value] of message) writeField(number, value)
}

function writeField(number: number, value: ProtobufField[1]): void {
  if (typeof value === 'number') protobufWriter.whole(number, value)
  else if (value instanceof Float64Array) protobufWriter.double(number, value[0]!)
  else if (value instanceof Float32Array) {
    writeVarint(number * 8 + 5)
    reserve(4)
    view.setFloat32(length, value[0]!, true)
    length += 4
  } else if (typeof value === 'string' || value instanceof Uint8Array) protobufWriter.chunk(number, value)
  else {
    const from = openField(number)
    writeMessage(value)
    closeField(from)
  }
}

/** The length stands before what it counts: one byte is left for it, and more are made where that was too little. */
function openField(number: number): number {
  writeVarint(number * 8 + 2)
  reserve(1)
  return ++length
}

function closeField(from: number): void {
  const count = length - from
  let more = 0
  for (let rest = count; rest > 127; rest = Math.floor(rest / 128)) more++
  if (more > 0) {
    reserve(more)
    bytes.copyWithin(from + more, from, length)
  }
  length = from - 1
  writeVarint(count)
  length += count
}

function writeChunk(value: string | Uint8Array): void {
  if (typeof value === 'string') {
    reserve(3 * value.length)
    const { length: count } = value
    for (let i = 0; i < count; i++) {
      const code = value.charCodeAt(i)
      if (code > 127) {
        length += utf8.encodeInto(value.slice(i), bytes.subarray(length)).written
        return
      }
      bytes[length++] = code
    }
  } else {
    reserve(value.length)
    bytes.set(value, length)
    length += value.length
  }
}

/** Seven bits a byte, the lowest first; negative numbers as 64-bit two's complement, ten bytes. */
function writeVarint(number: number): void {
  if (!Number.isSafeInteger(number)) throw new RangeError(`protobuf: expected a whole number, got ${number}`)
  reserve(10)
  if (number < 0) {
    let rest = BigInt.asUintN(64, BigInt(number))
    for (; rest > 127n; rest >>= 7n) bytes[length++] = Number(rest & 127n) | 128
    bytes[length++] = Number(rest)
    return
  }
  let rest = number
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes[length++] = (rest % 128) | 128
  bytes[length++] = rest
}

/** Room for so many bytes more. */
function reserve(more: number): void {
  if (length + more <= bytes.length) return
  const larger = new Uint8Array(Math.max(2 * bytes.length, length + more))
  larger.set(bytes.subarray(0, length))
  bytes = larger
  view = new DataView(bytes.buffer)
}
