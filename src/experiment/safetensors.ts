// Reads safetensors: a JSON header with names, types, shapes and offsets, then the numbers, little-endian, without gaps.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { FileError } from '../errors.ts'
import type { SavedTensor, TypedArray } from '../types.ts'
import { digestOf, isIntact } from './seal.ts'

export { writeSafetensors } from './write-safetensors.ts'

/**
 * Reads the tensors that `wanted` accepts, and the metadata. Where the file has checksums, they are held against what is read.
 * @throws FileError when the file is missing, cut off, changed, or no safetensors file; nothing is returned then.
 */
export function readSafetensors(
  file: string,
  wanted: (name: string) => boolean = () => true,
): { tensors: Map<string, SavedTensor>; metadata: Record<string, string> } {
  const handle = openForReading(file)
  try {
    const found = fstatSync(handle)
    if (!found.isFile()) throw new FileError(file, 'cannot be read: no file')
    const bytes = found.size
    const header = readHeader(file, handle, bytes)
    const { __metadata__: metadata = {}, ...entries } = header.json
    checkMetadata(file, metadata)
    const digests = checkSeal(file, header.bytes, metadata)
    const checked = Object.entries(entries)
      .map(([name, entry]) => checkEntry(file, name, entry as HeaderEntry))
      .sort((a, b) => a.from - b.from || a.to - b.to)
    const tensors = new Map<string, SavedTensor>()
    let end = 0
    for (const { name, shape, create, length, from, to } of checked) {
      if (from !== end) throw new FileError(file, `damaged: tensor '${name}' begins at ${from}, expected ${end}`)
      end = to
      if (header.end + to > bytes)
        throw new FileError(
          file,
          `cut off: tensor '${name}' ends at byte ${header.end + to}, the file has ${bytes}; use an earlier file`,
        )
      if (!wanted(name)) continue
      const data = create(length)
      const read = new Uint8Array(data.buffer)
      readFully(file, handle, read, header.end + from)
      if (digests !== null && digests[name] !== digestOf([read]))
        throw new FileError(file, `damaged: tensor '${name}' is not what was written, by its checksum`)
      tensors.set(name, { shape, data })
    }
    if (header.end + end !== bytes)
      throw new FileError(file, `expected ${header.end + end} bytes, got ${bytes}; the file is damaged`)
    return { tensors, metadata }
  } finally {
    closeSync(handle)
  }
}

interface HeaderEntry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const types: Readonly<Record<string, { bytes: number; create: (length: number) => TypedArray }>> = {
  F64: { bytes: 8, create: length => new Float64Array(length) },
  F32: { bytes: 4, create: length => new Float32Array(length) },
  U32: { bytes: 4, create: length => new Uint32Array(length) },
  I32: { bytes: 4, create: length => new Int32Array(length) },
  U8: { bytes: 1, create: length => new Uint8Array(length) },
}

/** Larger headers are refused before anything is allocated for them. */
const headerLimit = 100_000_000

function openForReading(file: string): number {
  try {
    // Without waiting: a pipe in the file's place would else hold the process until somebody writes to it.
    return openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw new FileError(file, `cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

interface Header {
  readonly json: Record<string, unknown>
  readonly bytes: Buffer
  /** Where the first tensor begins. */
  readonly end: number
}

function readHeader(file: string, handle: number, bytes: number): Header {
  if (bytes < 8) throw new FileError(file, `cut off: ${bytes} bytes are too few for a safetensors file`)
  const prefix = Buffer.alloc(8)
  readFully(file, handle, prefix, 0)
  const length = Number(prefix.readBigUInt64LE())
  if (length > headerLimit || length < 2) throw new FileError(file, `no safetensors file: a header of ${length} bytes`)
  if (8 + length > bytes)
    throw new FileError(file, `cut off: the header needs ${8 + length} bytes, the file has ${bytes}`)
  const header = Buffer.alloc(8 + length)
  readFully(file, handle, header, 0)
  const text = header.subarray(8)
  try {
    // The format wants { as the first byte: no mark, no space. Broken UTF-8 would make two names one.
    if (text[0] !== 0x7b) throw new TypeError('no object')
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return { json: json as Record<string, unknown>, bytes: header, end: 8 + length }
  } catch {
    // Falls through to the same sentence.
  }
  throw new FileError(file, 'no safetensors file: the header is not a JSON object')
}

function checkMetadata(file: string, metadata: unknown): asserts metadata is Record<string, string> {
  const isText = (value: unknown) => typeof value === 'string'
  if (typeof metadata === 'object' && metadata !== null && Object.values(metadata).every(isText)) return
  throw new FileError(file, 'no safetensors file: the metadata must be texts by name')
}

/** The checksums of the tensors; null: the file has none. @throws FileError when the header is not what was written. */
function checkSeal(
  file: string,
  header: Buffer,
  { seal, sha256 }: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> | null {
  if (seal === undefined) return null
  if (isIntact(header, seal)) return JSON.parse(sha256 ?? '{}')
  throw new FileError(file, 'damaged: the header is not what was written, by its checksum')
}

/** One tensor of the header, its shape and place checked against each other. */
function checkEntry(file: string, name: string, entry: HeaderEntry) {
  const type = types[entry?.dtype]
  const offsets = entry?.data_offsets
  const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  if (
    type === undefined ||
    !Array.isArray(entry.shape) ||
    !entry.shape.every(whole) ||
    !Array.isArray(offsets) ||
    !offsets.every(whole)
  )
    throw new FileError(
      file,
      `tensor '${name}': expected one of ${Object.keys(types).join(', ')} with shape and offsets`,
    )
  const length = entry.shape.reduce((product, size) => product * size, 1)
  if (offsets.length !== 2 || offsets[1]! - offsets[0]! !== length * type.bytes)
    throw new FileError(file, `tensor '${name}': shape [${entry.shape}] does not fit offsets [${offsets}]`)
  return { name, shape: entry.shape, create: type.create, length, from: offsets[0]!, to: offsets[1]! }
}

function readFully(file: string, handle: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length; ) {
    const got = readSync(handle, into, at, into.length - at, position + at)
    if (got === 0) throw new FileError(file, `cut off at byte ${position + at}`)
    at += got
  }
}
