// The bytes of an MCAP file (mcap.dev/spec) as they come: chunks with checksums and indexes, and at any moment the summary that would end it.
import { crc32, crc32Final, crc32Init, crc32Update } from '@foxglove/crc'
import { McapChunkBuilder, McapConstants, McapRecordBuilder, type McapTypes } from '@mcap/core'
import type { Compression } from './zstd.ts'

const { Opcode } = McapConstants

export interface ChannelDefinition {
  readonly topic: string
  /** `json`, `protobuf`, or a name of ours. */
  readonly encoding: string
  readonly schema: { readonly name: string; readonly encoding: string; readonly data: Uint8Array } | null
  /** What a reader should know. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface ChannelMessage {
  /** Index among the channels. */
  readonly channel: number
  /** Nanoseconds since 1970. */
  readonly logTime: bigint
  readonly publishTime: bigint
  readonly sequence: number
  readonly data: Uint8Array
}

export interface McapWriter {
  /** The first bytes of the file. */
  begin(metadata: ReadonlyMap<string, string>): Uint8Array
  /** The number by which messages name the channel. */
  addChannel(definition: ChannelDefinition): number
  /** Into the open chunk. */
  add(message: ChannelMessage): void
  /** Uncompressed, of the open chunk; 0: it is empty. */
  readonly openBytes: number
  /** Ends the open chunk: its bytes, which go to the file next. */
  endChunk(): Uint8Array
  /** What ends a file that holds all bytes given out so far. Nothing changes by asking: more may follow. */
  summary(): Uint8Array
}

/** `name` stands in the header, and names the metadata. */
export function createMcapWriter(name: string, { compress }: Compression): McapWriter {
  const known: KnownChannel[] = []
  const chunk = new McapChunkBuilder({ useMessageIndex: true })
  const records = new McapRecordBuilder({ padRecords: false })
  const chunks: McapTypes.ChunkIndex[] = []
  const metadataIndex: McapTypes.MetadataIndex[] = []
  const counts = new Map<number, bigint>()
  let times: { first: bigint; last: bigint } | null = null
  let position = 0n
  let crc = crc32Init()
  /** Channels that the file says something about. */
  let described = 0

  const take = () => {
    const bytes = records.buffer
    records.reset()
    position += BigInt(bytes.length)
    crc = crc32Update(crc, bytes)
    return bytes
  }
  const describe = () => {
    for (; described < known.length; described++) {
      const { schema, channel } = known[described]!
      if (schema !== null) chunk.addSchema(schema)
      chunk.addChannel(channel)
    }
  }

  return {
    begin(metadata) {
      records.writeMagic()
      records.writeHeader({ profile: '', library: name })
      const offset = BigInt(records.length)
      const length = records.writeMetadata({ name, metadata: new Map(metadata) })
      metadataIndex.push({ name, offset, length })
      return take()
    },
    addChannel(definition) {
      known.push(recordsOf(definition, known.length))
      return known.length - 1
    },
    add({ channel, ...message }) {
      describe()
      chunk.addMessage({ channelId: channel, ...message })
    },
    get openBytes() {
      return chunk.numMessages === 0 ? 0 : chunk.byteLength
    },
    endChunk() {
      const plain = chunk.buffer
      const { compression, compressed } = compress(plain)
      const span = { messageStartTime: chunk.messageStartTime, messageEndTime: chunk.messageEndTime }
      const uncompressedSize = BigInt(plain.length)
      const chunkStartOffset = position
      const chunkLength = records.writeChunk({
        ...span,
        uncompressedSize,
        uncompressedCrc: crc32(plain),
        compression,
        records: compressed,
      })
      const messageIndexOffsets = new Map<number, bigint>()
      for (const index of chunk.indices) {
        if (index.records.length === 0) continue
        messageIndexOffsets.set(index.channelId, chunkStartOffset + BigInt(records.length))
        counts.set(index.channelId, (counts.get(index.channelId) ?? 0n) + BigInt(index.records.length))
        records.writeMessageIndex(index)
      }
      chunks.push({
        ...span,
        chunkStartOffset,
        chunkLength,
        messageIndexOffsets,
        messageIndexLength: BigInt(records.length) - chunkLength,
        compression,
        compressedSize: BigInt(compressed.length),
        uncompressedSize,
      })
      times = { first: times?.first ?? span.messageStartTime, last: span.messageEndTime }
      chunk.reset()
      return take()
    },
    summary: () =>
      summaryOf({
        known: known.slice(0, described),
        chunks,
        metadataIndex,
        counts,
        times,
        position,
        dataSectionCrc: crc32Final(crc),
      }),
  }
}

interface KnownChannel {
  readonly channel: McapTypes.Channel
  readonly schema: McapTypes.Schema | null
}

/** Schemas are numbered from 1, channels from 0; 0 means: no schema. */
function recordsOf({ topic, encoding, schema, metadata }: ChannelDefinition, index: number): KnownChannel {
  const schemaId = schema === null ? 0 : index + 1
  return {
    channel: { id: index, schemaId, topic, messageEncoding: encoding, metadata: new Map(Object.entries(metadata)) },
    schema: schema && { id: schemaId, ...schema },
  }
}

interface Written {
  readonly known: readonly KnownChannel[]
  readonly chunks: readonly McapTypes.ChunkIndex[]
  readonly metadataIndex: readonly McapTypes.MetadataIndex[]
  readonly counts: ReadonlyMap<number, bigint>
  readonly times: { readonly first: bigint; readonly last: bigint } | null
  /** Bytes of the file up to here, and the checksum over them. */
  readonly position: bigint
  readonly dataSectionCrc: number
}

/** Data end, summary, footer: from here a reader finds every chunk without reading the file. */
function summaryOf({ known, chunks, metadataIndex, counts, times, position, dataSectionCrc }: Written): Uint8Array {
  const records = new McapRecordBuilder({ padRecords: false })
  records.writeDataEnd({ dataSectionCrc })
  const begin = records.length
  const groups: { opcode: number; start: bigint; length: bigint }[] = []
  const group = (opcode: McapConstants.Opcode, write: () => void) => {
    const start = records.length
    write()
    const length = BigInt(records.length - start)
    if (length > 0n) groups.push({ opcode, start: position + BigInt(start), length })
  }
  group(Opcode.SCHEMA, () => known.forEach(({ schema }) => void (schema && records.writeSchema(schema))))
  group(Opcode.CHANNEL, () => known.forEach(({ channel }) => void records.writeChannel(channel)))
  group(Opcode.STATISTICS, () => {
    records.writeStatistics({
      messageCount: [...counts.values()].reduce((sum, count) => sum + count, 0n),
      schemaCount: known.filter(({ schema }) => schema !== null).length,
      channelCount: known.length,
      attachmentCount: 0,
      metadataCount: metadataIndex.length,
      chunkCount: chunks.length,
      messageStartTime: times?.first ?? 0n,
      messageEndTime: times?.last ?? 0n,
      channelMessageCounts: new Map(counts),
    })
  })
  group(Opcode.METADATA_INDEX, () => metadataIndex.forEach(index => void records.writeMetadataIndex(index)))
  group(Opcode.CHUNK_INDEX, () => chunks.forEach(index => void records.writeChunkIndex(index)))
  const summaryOffsetStart = position + BigInt(records.length)
  for (const { opcode, start, length } of groups) {
    records.writeSummaryOffset({ groupOpcode: opcode, groupStart: start, groupLength: length })
  }
  const whole = records.buffer
  const footer = { summaryStart: position + BigInt(begin), summaryOffsetStart }
  records.reset()
  records.writeFooter({ ...footer, summaryCrc: 0 })
  // The checksum covers the summary, and the footer up to the checksum itself.
  const crc = crc32Update(crc32Update(crc32Init(), whole.subarray(begin)), records.buffer.subarray(0, -4))
  records.reset()
  records.writeFooter({ ...footer, summaryCrc: crc32Final(crc) })
  records.writeMagic()
  return Buffer.concat([whole, records.buffer])
}
