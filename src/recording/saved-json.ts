// What `save` gives as JSON and back, bit for bit: arrays in base64, and the numbers that JSON does not know as words.
import type { Saved, TypedArray } from '../types.ts'

export function savedToJson(saved: Saved): unknown {
  if (typeof saved === 'number') {
    return Number.isFinite(saved) && !Object.is(saved, -0)
      ? saved
      : { $number: Object.is(saved, -0) ? '-0' : String(saved) }
  }
  if (saved === null || typeof saved !== 'object') return saved
  if (ArrayBuffer.isView(saved)) {
    const { buffer, byteOffset, byteLength } = saved as TypedArray
    const base64 = Buffer.from(buffer, byteOffset, byteLength).toString('base64')
    return { $array: saved.constructor.name, base64 }
  }
  if (Array.isArray(saved)) return saved.map(savedToJson)
  return Object.fromEntries(Object.entries(saved).map(([name, value]) => [name, savedToJson(value as Saved)]))
}

/** @throws TypeError where the JSON says an array of a kind that there is not */
export function savedFromJson(json: unknown): Saved {
  if (typeof json !== 'object' || json === null) return json as Saved
  if (Array.isArray(json)) return json.map(savedFromJson)
  const record = json as Readonly<Record<string, unknown>>
  if (typeof record.$number === 'string') return Number(record.$number)
  if (typeof record.$array === 'string') return arrayOf(record.$array, String(record.base64))
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, savedFromJson(value)]))
}

const arrays = { Float64Array, Float32Array, Uint32Array, Int32Array, Uint8Array }

function arrayOf(kind: string, base64: string): TypedArray {
  if (!Object.hasOwn(arrays, kind))
    throw new TypeError(`expected one of ${Object.keys(arrays).join(', ')}, got ${kind}`)
  // A copy of its own: what Buffer gives lies anywhere within a pool.
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new arrays[kind as keyof typeof arrays](bytes.buffer)
}
