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

/** @throws TypeError where the bytes are not one whole value; nothing that they say is allocated for before as many bytes are there. */
export function decodeSaved(bytes: Uint8Array): Saved {
  const reader = createReader(bytes)
  const value = readValue(reader, 0)
  if (reader.left() > 0) throw new TypeError(`saved bytes: expected their end, got ${reader.left()} more`)
  return value
}

type Writer = ReturnType<typeof createWriter>

function createWriter() {
  let all = Buffer.allocUnsafe(1024)
  let end = 0
  /** Where so many further bytes go, and what they go into: it may be another one from then on. */
  const room = (count: number): readonly [Buffer, number] => {
    if (end + count > all.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * all.length, end + count))
      all.copy(larger, 0, 0, end)
      all = larger
    }
    end += count
    return [all, end - count]
  }
  return {
    byte(value: number) {
      const [into, at] = room(1)
      into[at] = value
    },
    word(value: number) {
      const [into, at] = room(4)
      into.writeUInt32LE(value, at)
    },
    double(value: number) {
      const [into, at] = room(8)
      into.writeDoubleLE(value, at)
    },
    raw(bytes: Uint8Array) {
      const [into, at] = room(bytes.length)
      into.set(bytes, at)
    },
    bytes: () => new Uint8Array(all.subarray(0, end)),
  }
}

function writeValue(to: Writer, value: Saved): void {
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

function writeArray(to: Writer, array: TypedArray): void {
  const kind = arrays.findIndex(one => array instanceof one)
  if (kind < 0) throw new TypeError(`saved bytes: expected what save gives, got a ${array.constructor.name}`)
  const { buffer, byteOffset, byteLength, length } = array
  to.byte(firstArray + kind)
  to.word(length)
  to.raw(new Uint8Array(buffer, byteOffset, byteLength))
}

function writeRecord(to: Writer, record: Readonly<Record<string, Saved>>): void {
  if (typeof record !== 'object') throw new TypeError(`saved bytes: expected what save gives, got a ${typeof record}`)
  const entries = Object.entries(record)
  to.byte(kinds.record)
  to.word(entries.length)
  for (const [name, item] of entries) {
    writeText(to, name)
    writeValue(to, item)
  }
}

function writeText(to: Writer, text: string): void {
  const bytes = Buffer.from(text)
  to.word(bytes.length)
  to.raw(bytes)
}

type Reader = ReturnType<typeof createReader>

function createReader(bytes: Uint8Array) {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (count: number) => {
    if (at + count > view.length) {
      throw new TypeError(`saved bytes: expected ${count} more at ${at}, got ${view.length - at}`)
    }
    at += count
    return at - count
  }
  return {
    left: () => view.length - at,
    byte: () => view.readUInt8(take(1)),
    word: () => view.readUInt32LE(take(4)),
    double: () => view.readDoubleLE(take(8)),
    text(count: number) {
      const from = take(count)
      return view.toString('utf8', from, from + count)
    },
    /** A copy, aligned to whatever it is read as. */
    raw(count: number) {
      const from = take(count)
      return new Uint8Array(view.subarray(from, from + count))
    },
  }
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
    case kinds.number:
      return from.double()
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
  const { buffer } = from.raw(from.word() * array.BYTES_PER_ELEMENT)
  return new array(buffer)
}

/** A name like __proto__ is a name like any other. */
const plainProperty = { configurable: true, enumerable: true, writable: true } as const

/** `least`: bytes that an item has at least. */
function itemsIn(from: Reader, least: number): number {
  const count = from.word()
  if (count * least > from.left()) throw new TypeError(`saved bytes: expected ${count} items, got ${from.left()} bytes`)
  return count
}
