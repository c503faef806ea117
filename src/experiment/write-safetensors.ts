// Writes safetensors, sealed with checksums or not; safetensors.ts reads them.
import type { TypedArray } from '../types.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { digestOf, sealHeader, unsealed } from './seal.ts'

/** A tensor on its way into a file: its numbers as one array, or as float32 numbers piece by piece. */
export interface WrittenTensor {
  readonly shape: readonly number[]
  readonly data: TypedArray | readonly Float32Array[]
}

/** Writes tensors by name, with metadata, as one atomic file. The arrays are written from where they lie, without a copy. */
export function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, WrittenTensor>,
  metadata: Readonly<Record<string, string>>,
): void {
  writeFileAtomic(file, encodeSafetensors(tensors, metadata))
}

/** The bytes of such a file, with checksums in `sha256` (a JSON object by tensor) and `seal`; and the checksum of each tensor. */
export function encodeSealed(
  tensors: ReadonlyMap<string, WrittenTensor>,
  metadata: Readonly<Record<string, string>>,
): { readonly pieces: Uint8Array[]; readonly digests: Readonly<Record<string, string>> } {
  const digests = Object.fromEntries([...tensors].map(([name, { data }]) => [name, digestOf(bytesOf(data))]))
  const sums = { sha256: JSON.stringify(digests), seal: unsealed }
  const [header, ...pieces] = encodeSafetensors(tensors, { ...metadata, ...sums })
  sealHeader(header as Buffer)
  return { pieces: [header!, ...pieces], digests }
}

/** The bytes of such a file without checksums, piece by piece. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, WrittenTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  // Wide types first: every tensor is then aligned to its own element size.
  const ordered = [...tensors].sort(([, a], [, b]) => typeOf(b.data).bytes - typeOf(a.data).bytes)
  let offset = 0
  const entries = ordered.map(([name, { shape, data }]) => {
    const from = offset
    for (const { length } of bytesOf(data)) offset += length
    return [name, { dtype: typeOf(data).name, shape, data_offsets: [from, offset] }] as const
  })
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) })
  const text = Buffer.from(json)
  const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ')
  header.writeBigUInt64LE(BigInt(header.length - 8))
  text.copy(header, 8)
  return [header, ...ordered.flatMap(([, { data }]) => bytesOf(data))]
}

function bytesOf(data: WrittenTensor['data']): Uint8Array[] {
  const pieces = ArrayBuffer.isView(data) ? [data] : data
  return pieces.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))
}

function typeOf(data: WrittenTensor['data']): { name: string; bytes: number } {
  if (!ArrayBuffer.isView(data) || data instanceof Float32Array) return { name: 'F32', bytes: 4 }
  if (data instanceof Float64Array) return { name: 'F64', bytes: 8 }
  if (data instanceof Uint32Array) return { name: 'U32', bytes: 4 }
  return data instanceof Int32Array ? { name: 'I32', bytes: 4 } : { name: 'U8', bytes: 1 }
}
