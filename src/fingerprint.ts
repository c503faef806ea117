// 64 bits that stand for what was saved: two states with the same are the same, but for a chance of one in 2^64.
import type { Saved, TypedArray } from './types.ts'

/** A function of every bit of every number, of all names, lengths and kinds, in order. */
export function fingerprint(saved: Saved): bigint {
  low = 0x9e3779b9
  high = 0x85ebca6b
  walk(saved)
  return (BigInt(finished(high)) << 32n) | BigInt(finished(low))
}

const kinds = { null: 1, boolean: 2, number: 3, string: 4, array: 5, list: 6, record: 7 } as const

function walk(saved: Saved): void {
  if (saved === null) take(kinds.null)
  else if (typeof saved === 'boolean') take(kinds.boolean, saved ? 1 : 0)
  else if (typeof saved === 'number') {
    double[0] = saved
    take(kinds.number, words[0], words[1])
  } else if (typeof saved === 'string') walkText(saved)
  else if (ArrayBuffer.isView(saved)) walkArray(saved as TypedArray)
  else if (Array.isArray(saved)) {
    take(kinds.list, saved.length)
    for (const item of saved) walk(item)
  } else walkRecord(saved as Readonly<Record<string, Saved>>)
}

function walkRecord(record: Readonly<Record<string, Saved>>): void {
  const names = Object.keys(record)
  take(kinds.record, names.length)
  for (const name of names) {
    walkText(name)
    walk(record[name]!)
  }
}

function walkText(text: string): void {
  take(kinds.string, text.length)
  for (let i = 0; i < text.length; i++) take(text.charCodeAt(i))
}

function walkArray(array: TypedArray): void {
  take(kinds.array, array.length, array.BYTES_PER_ELEMENT)
  for (let i = 0; i < array.length; i++) {
    double[0] = array[i]!
    take(words[0], words[1])
  }
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
let low = 0
let high = 0

/** Two lanes of MurmurHash3's round (Appleby 2011), with constants of their own. */
function take(...some: readonly (number | undefined)[]): void {
  for (const word of some) {
    low = rotated(low ^ Math.imul(word!, 0xcc9e2d51), 13)
    low = (Math.imul(low, 5) + 0xe6546b64) | 0
    high = rotated(high ^ Math.imul(word! ^ 0x5bd1e995, 0x1b873593), 15)
    high = (Math.imul(high, 5) + 0x38b34ae5) | 0
  }
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

function finished(word: number): number {
  let x = word >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
