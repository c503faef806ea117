// Where the chunks of an MCAP file lie, and what is in one: found by the file's index, or where it has none, by going from record to record.
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from '@foxglove/crc'
import { McapConstants, McapIndexedReader } from '@mcap/core'
import type { Compression } from './zstd.ts'

const { Opcode, MCAP_MAGIC } = McapConstants

export interface ChunkPlace {
  /** Of the record in the file. */
  readonly offset: number
  /** Bytes of the record. */
  readonly length: number
  /** Of its first and last message, nanoseconds. */
  readonly first: bigint
  readonly last: bigint
  /** Channels that it may have messages of. */
  readonly channels: Pick<ReadonlySet<number>, 'has'>
}

export interface ChunkMap {
  readonly chunks: readonly ChunkPlace[]
  readonly metadata: ReadonlyMap<string, string>
  /** The file ends as it should: nothing is missing. */
  readonly whole: boolean
}

export interface ChunkMessage {
  readonly channel: number
  readonly sequence: number
  readonly logTime: bigint
  /** A view of the chunk. */
  readonly data: Uint8Array
}

/**
 * Finds all whole chunks, without reading what is in them.
 * @throws Error with a sentence when this is no MCAP file
 */
export async function findChunks(file: FileHandle): Promise<ChunkMap> {
  const { size } = await file.stat()
  const magic = await read(file, 0, MCAP_MAGIC.length)
  if (!magic.equals(Buffer.from(MCAP_MAGIC))) throw new Error('is no MCAP file: it does not begin like one')
  return (await byIndex(file, size)) ?? (await byWalking(file, size))
}

/**
 * Reads one chunk.
 * @throws Error with a sentence when its bytes are not what was written
 */
export async function readChunk(
  file: FileHandle,
  place: ChunkPlace,
  compression: Compression,
): Promise<ChunkMessage[]> {
  const record = await read(file, place.offset, place.length)
  const { uncompressedSize, crc, name, records } = chunkFields(record)
  const decompress = compression.decompress[name]
  if (name !== '' && decompress === undefined) throw new Error(`its chunks are compressed by ${name}; expected zstd`)
  const plain = name === '' ? records : decompress!(records, uncompressedSize)
  if (BigInt(plain.length) !== uncompressedSize || (crc !== 0 && crc32(plain) !== crc)) {
    throw new Error('the checksum is another one')
  }
  return messagesIn(plain)
}

async function byIndex(file: FileHandle, size: number): Promise<ChunkMap | null> {
  const readable = {
    size: async () => BigInt(size),
    read: (offset: bigint, length: bigint) => read(file, Number(offset), Number(length)),
  }
  try {
    const { chunkIndexes, metadataIndexes } = await McapIndexedReader.Initialize({ readable })
    const chunks = chunkIndexes.map(index => ({
      offset: Number(index.chunkStartOffset),
      length: Number(index.chunkLength),
      first: index.messageStartTime,
      last: index.messageEndTime,
      channels: new Set(index.messageIndexOffsets.keys()),
    }))
    const [about] = metadataIndexes
    const metadata = about ? metadataIn(await read(file, Number(about.offset), Number(about.length))) : new Map()
    return { chunks, metadata, whole: true }
  } catch {
    // Cut off, still growing, or damaged at its end: the records say the same.
    return null
  }
}

/** Up to the first record that is not all there, or that cannot be one. */
async function byWalking(file: FileHandle, size: number): Promise<ChunkMap> {
  const chunks: ChunkPlace[] = []
  let channels = new Set<number>()
  let metadata: ReadonlyMap<string, string> = new Map()
  for (let offset = MCAP_MAGIC.length; offset + headBytes <= size; ) {
    const head = await read(file, offset, Math.min(headBytes + 16, size - offset))
    const content = head.readBigUInt64LE(1)
    const length = headBytes + Number(content)
    if (offset + length > size) break
    const opcode = head[0]
    if (opcode === Opcode.CHUNK) {
      const [first, last] = [head.readBigUInt64LE(headBytes), head.readBigUInt64LE(headBytes + 8)]
      channels = new Set()
      chunks.push({ offset, length, first, last, channels })
    } else if (opcode === Opcode.MESSAGE_INDEX) channels.add(head.readUInt16LE(headBytes))
    else if (opcode === Opcode.METADATA) metadata = metadataIn(await read(file, offset, length))
    else if (opcode !== Opcode.HEADER) break
    offset += length
  }
  // What the last chunk holds may not be written down yet.
  const newest = chunks.pop()
  if (newest !== undefined) chunks.push({ ...newest, channels: { has: () => true } })
  return { chunks, metadata, whole: false }
}

/** Before the content of each record: what it is, and how long. */
const headBytes = 9

/** Lengths come from the file itself: Node ends the process where it is asked for 2 GiB and more. */
async function read(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { size } = await file.stat()
  if (!(offset + length <= size)) throw new Error(`ends at byte ${size}, in the middle of something`)
  const bytes = Buffer.alloc(length)
  let at = 0
  while (at < length) {
    const { bytesRead } = await file.read(bytes, at, length - at, offset + at)
    if (bytesRead === 0) throw new Error(`ends at byte ${offset + at}, in the middle of something`)
    at += bytesRead
  }
  return bytes
}

function chunkFields(record: Buffer): { uncompressedSize: bigint; crc: number; name: string; records: Buffer } {
  const at = headBytes + 16
  const nameLength = record.readUInt32LE(at + 12)
  const name = record.toString('utf8', at + 16, at + 16 + nameLength)
  const recordsAt = at + 16 + nameLength + 8
  const length = Number(record.readBigUInt64LE(recordsAt - 8))
  if (recordsAt + length !== record.length) throw new Error('its lengths do not agree')
  return {
    uncompressedSize: record.readBigUInt64LE(at),
    crc: record.readUInt32LE(at + 8),
    name,
    records: record.subarray(recordsAt),
  }
}

function messagesIn(plain: Uint8Array): ChunkMessage[] {
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.length)
  const messages: ChunkMessage[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + headBytes + Number(bytes.readBigUInt64LE(at + 1))
    if (bytes[at] === Opcode.MESSAGE) {
      const content = at + headBytes
      messages.push({
        channel: bytes.readUInt16LE(content),
        sequence: bytes.readUInt32LE(content + 2),
        logTime: bytes.readBigUInt64LE(content + 6),
        data: bytes.subarray(content + 22, end),
      })
    }
    at = end
  }
  return messages
}

/** A record of names and values: its name, then pairs of texts, each with its length before it. */
function metadataIn(record: Buffer): Map<string, string> {
  let at = headBytes
  const text = () => {
    const length = record.readUInt32LE(at)
    at += 4 + length
    return record.toString('utf8', at - length, at)
  }
  text()
  const end = at + 4 + record.readUInt32LE(at)
  at += 4
  const metadata = new Map<string, string>()
  while (at < end) metadata.set(text(), text())
  return metadata
}
