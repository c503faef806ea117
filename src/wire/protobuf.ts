// The wire format of Protocol Buffers, as much as writing a message takes: fields of whole numbers, floats,
// texts, bytes and messages.

/**
 * A field of a message: its number and what it holds. Whole numbers are written as varints; a Float32Array of one number is a
 * field of 32 bits, a Float64Array of one number a field of 64.
 */
export type Field = readonly [
  number: number,
  value: number | string | Uint8Array | Float32Array | Float64Array | Message,
]
export type Message = readonly Field[]

/** The bytes of a message, fields in their order. */
export function encodeMessage(message: Message): Uint8Array {
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

// What is being written stands here: a message is written in one go, and nobody else's code runs meanwhile.
let bytes = new Uint8Array(4096)
let view = new DataView(bytes.buffer)
let length = 0
const text = new TextEncoder()

function writeMessage(message: Message): void {
  for (const [number, value] of message) writeField(number, value)
}

function writeField(number: number, value: Field[1]): void {
  if (typeof value === 'number') {
    writeVarint(number * 8)
    writeVarint(value)
  } else if (value instanceof Float32Array) {
    writeVarint(number * 8 + 5)
    reserve(4)
    view.setFloat32(length, value[0]!, true)
    length += 4
  } else if (value instanceof Float64Array) {
    writeVarint(number * 8 + 1)
    reserve(8)
    view.setFloat64(length, value[0]!, true)
    length += 8
  } else {
    writeVarint(number * 8 + 2)
    writeWithLength(value)
  }
}

/** The length stands before what it counts: one byte is left for it, and more are made where that was too little. */
function writeWithLength(value: string | Uint8Array | Message): void {
  const from = length + 1
  reserve(1)
  length = from
  if (typeof value === 'string') {
    reserve(3 * value.length)
    length += text.encodeInto(value, bytes.subarray(length)).written
  } else if (value instanceof Uint8Array) {
    reserve(value.length)
    bytes.set(value, length)
    length += value.length
  } else writeMessage(value)
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
