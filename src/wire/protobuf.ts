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
  return Buffer.concat(message.map(encodeField))
}

/** Whole numbers side by side without tags ("packed"), for repeated fields. */
export function packedVarints(numbers: readonly number[]): Uint8Array {
  return Buffer.concat(numbers.map(varint))
}

function encodeField([number, value]: Field): Uint8Array {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)])
  if (value instanceof Float32Array) {
    const bits = Buffer.alloc(4)
    bits.writeFloatLE(value[0]!)
    return Buffer.concat([varint(number * 8 + 5), bits])
  }
  if (value instanceof Float64Array) {
    const bits = Buffer.alloc(8)
    bits.writeDoubleLE(value[0]!)
    return Buffer.concat([varint(number * 8 + 1), bits])
  }
  const bytes =
    typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : encodeMessage(value)
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

/** Seven bits a byte, the lowest first; negative numbers as 64-bit two's complement, ten bytes. */
function varint(number: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(number))
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 128)
  } while (rest > 0n)
  return Buffer.from(bytes)
}
