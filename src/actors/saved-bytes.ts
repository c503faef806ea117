// What `save` gives as bytes that any program can read and nobody can hide anything in: values, texts and arrays, each behind a byte of its kind.
//
// null, false, true: the byte alone. Number: 8 bytes, a float64. Text: its length in bytes, then UTF-8. List: its length, then its items.
// Record: its length, then name and value of each. Array: its length in numbers, then these. Lengths are uint32; all is little-endian.
import type { Saved, TypedArray } from '../types.ts'

const kinds = { null: 0, false: 1, true: 2, number: 3, text: 4, list: 5, record: 6 } as const
/** Kinds from 7 on. */
const arrays = [Float32Array, Float64Array, Uint8Array, Int32Array, Uint32Array] as const
const firstArray = 7
/** Lists and records within each other. */
const mostDeep = 64

/** @throws TypeError where something is neither value, list, record nor array */
export function encodeSaved(saved: Saved): Uint8Array<ArrayBuffer> {
  const writer = createWriter()
  writeValue(writer, saved)
  return writer.bytes()
}

/** Whether some bytes are those of a value, without making them. @throws TypeError as encodeSaved */
export function isEncoded(bytes: Uint8Array, saved: Saved): boolean {
  const matcher = createMatcher(bytes)
  writeValue(matcher, saved)
  return matcher.isWhole()
}

/**
 * @param finite whether numbers must be
 * @throws TypeError where the bytes are not one whole value, or a number is not finite that must be; nothing that they say is allocated
 * for before as many bytes are there.
 */
export function decodeSaved(bytes: Uint8Array, finite = false): Saved {
  const reader = createReader(bytes, finite)
  const value = readValue(reader, 0)
  if (reader.left() > 0) throw new TypeError(`saved bytes: expected their end, got ${reader.left()} more`)
  return value
}

/** Where a value goes, piece by piece. */
interface Sink {
  byte(value: number): void
  word(value: number): void
  double(value: number): void
  raw(bytes: Uint8Array): void
  /** One whose bytes are its characters: all below 128. */
  ascii(text: string): void
}

function createWriter() {
  let all = Buffer.allocUnsafe(1024)
  let end = 0
  /** Where so many further bytes go, into `all`, which may be another one from then on. */
  const room = (count: number): number => {
    if (end + count > all.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * all.length, end + count))
      all.copy(larger, 0, 0, end)
      all = larger
    }
    end += count
    return end - count
  }
  return {
    byte(value: number) {
      const at = room(1)
      all[at] = value
    },
    word(value: number) {
      const at = room(4)
      all.writeUInt32LE(value, at)
    },
    double(value: number) {
      const at = room(8)
      all.writeDoubleLE(value, at)
    },
    raw(bytes: Uint8Array) {
      const at = room(bytes.length)
      all.set(bytes, at)
    },
    ascii(text: string) {
      const at = room(text.length)
      for (let i = 0; i < text.length; i++) all[at + i] = text.charCodeAt(i)
    },
    bytes: () => new Uint8Array(all.subarray(0, end)),
  } satisfies Sink & { bytes(): Uint8Array }
}

const double = new Float64Array(1)
/** Little-endian, as all that this runs on. */
const halves = new Uint32Array(double.buffer)

/** Holds what comes against the bytes that are there. */
function createMatcher(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let isSame = true
  /** Whether there are so many more, and all was the same so far. */
  const goesOn = (count: number) => {
    isSame &&= at + count <= bytes.length
    return isSame
  }
  return {
    byte(value: number) {
      isSame = goesOn(1) && bytes[at] === value
      at += 1
    },
    word(value: number) {
      isSame = goesOn(4) && view.getUint32(at, true) === value
      at += 4
    },
    double(value: number) {
      double[0] = value
      isSame = goesOn(8) && view.getUint32(at, true) === halves[0] && view.getUint32(at + 4, true) === halves[1]
      at += 8
    },
    raw(other: Uint8Array) {
      isSame = goesOn(other.length) && Buffer.compare(bytes.subarray(at, at + other.length), other) === 0
      at += other.length
    },
    ascii(text: string) {
      if (goesOn(text.length)) for (let i = 0; i < text.length; i++) isSame &&= bytes[at + i] === text.charCodeAt(i)
      at += text.length
    },
    isWhole: () => isSame && at === bytes.length,
  } satisfies Sink & { isWhole(): boolean }
}

function writeValue(to: Sink, value: Saved): void {
  if (value === null) to.byte(kinds.null)
  else if (typeof value === 'boolean') to.byte(value ? kinds.true : kinds.false)
  else if (typeof value === 'number') {
    to.byte(kinds.number)
    to.double(value)
  } else if (typeof value === 'string') {
    to.byte(kinds.text)
    writeText(to, value)
  } else if (Array.isArray(value)) {
    to.byte(kinds.list)
    to.word(value.length)
    for (const item of value) writeValue(to, item)
  } else if (ArrayBuffer.isView(value)) writeArray(to, value as TypedArray)
  else writeRecord(to, value as Readonly<Record<string, Saved>>)
}

function writeArray(to: Sink, array: TypedArray): void {
  const kind = arrays.findIndex(one => array instanceof one)
  if (kind < 0) throw new TypeError(`saved bytes: expected what save gives, got a ${array.constructor.name}`)
  const { buffer, byteOffset, byteLength, length } = array
  to.byte(firstArray + kind)
  to.word(length)
  to.raw(new Uint8Array(buffer, byteOffset, byteLength))
}

function writeRecord(to: Sink, record: Readonly<Record<string, Saved>>): void {
  if (typeof record !== 'object') throw new TypeError(`saved bytes: expected what save gives, got a ${typeof record}`)
  const names = Object.keys(record)
  to.byte(kinds.record)
  to.word(names.length)
  for (const name of names) {
    writeText(to, name)
    writeValue(to, record[name]!)
  }
}

/** Most texts are short names. */
const shortText = 32

function writeText(to: Sink, text: string): void {
  if (text.length <= shortText && isAscii(text)) {
    to.word(text.length)
    to.ascii(text)
  } else {
    const bytes = Buffer.from(text)
    to.word(bytes.length)
    to.raw(bytes)
  }
}

function isAscii(text: string): boolean {
  let all = 0
  for (let i = 0; i < text.length; i++) all |= text.charCodeAt(i)
  return all < 128
}

type Reader = ReturnType<typeof createReader>

function createReader(bytes: Uint8Array, finite: boolean) {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (count: number) => {
    if (at + count > bytes.length) {
      throw new TypeError(`saved bytes: expected ${count} more at ${at}, got ${bytes.length - at}`)
    }
    at += count
    return at - count
  }
  return {
    finite,
    left: () => bytes.length - at,
    byte: () => bytes[take(1)]!,
    word: () => view.getUint32(take(4), true),
    double: () => view.getFloat64(take(8), true),
    text(count: number) {
      const from = take(count)
      return count <= shortText ? knownText(whole, from, count) : whole.toString('utf8', from, from + count)
    },
    /** A copy in memory of its own. */
    raw(count: number) {
      const from = take(count)
      return bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + from + count)
    },
  }
}

/** Short texts that were read lately, by what their characters come to: names come again and again. */
const known: string[] = new Array(1024).fill('')

/** The text of some bytes: the one that was read before, where it is the same. */
function knownText(bytes: Buffer, from: number, count: number): string {
  let sum = count
  for (let i = from; i < from + count; i++) sum = (Math.imul(sum, 31) + bytes[i]!) | 0
  const place = (sum ^ (sum >>> 10)) & 1023
  const text = known[place]!
  if (text.length === count && isTextOf(text, bytes, from)) return text
  const read = bytes.toString('utf8', from, from + count)
  if (read.length === count && isAscii(read)) known[place] = read
  return read
}

function isTextOf(text: string, bytes: Buffer, from: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}

function readValue(from: Reader, depth: number): Saved {
  if (depth > mostDeep)
    throw new TypeError(`saved bytes: expected at most ${mostDeep} lists and records within each other`)
  const kind = from.byte()
  switch (kind) {
    case kinds.null:
      return null
    case kinds.false:
      return false
    case kinds.true:
      return true
    case kinds.number: {
      const number = from.double()
      if (from.finite) refuseNotFinite(number)
      return number
    }
    case kinds.text:
      return from.text(from.word())
    case kinds.list: {
      const items: Saved[] = []
      for (let left = itemsIn(from, 1); left > 0; left--) items.push(readValue(from, depth + 1))
      return items
    }
    case kinds.record: {
      const record: Record<string, Saved> = {}
      for (let left = itemsIn(from, 5); left > 0; left--) {
        const name = from.text(from.word())
        const value = readValue(from, depth + 1)
        if (name === '__proto__') Object.defineProperty(record, name, { value, ...plainProperty })
        else record[name] = value
      }
      return record
    }
  }
  const array = arrays[kind - firstArray]
  if (array === undefined)
    throw new TypeError(`saved bytes: expected a kind from 0 to ${firstArray + arrays.length - 1}, got ${kind}`)
  const numbers = new array(from.raw(from.word() * array.BYTES_PER_ELEMENT) as ArrayBuffer)
  if (from.finite) for (let i = 0; i < numbers.length; i++) refuseNotFinite(numbers[i]!)
  return numbers
}

function refuseNotFinite(number: number): void {
  if (!Number.isFinite(number)) throw new TypeError(`expected finite numbers, got ${number}`)
}

/** A name like __proto__ is a name like any other. */
const plainProperty = { configurable: true, enumerable: true, writable: true } as const

/** `least`: bytes that an item has at least. */
function itemsIn(from: Reader, least: number): number {
  const count = from.word()
  if (count * least > from.left()) throw new TypeError(`saved bytes: expected ${count} items, got ${from.left()} bytes`)
  return count
}
