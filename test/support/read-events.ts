// Reads TensorBoard event files without any code of marlstrom's: protobufjs on the published messages, and a checksum of its own.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'

/** The parts of event.proto and summary.proto (github.com/tensorflow/tensorboard, tensorboard/compat/proto) that scalars need. */
const proto = `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
  }
  message SessionLog {
    enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; STOP = 2; CHECKPOINT = 3; }
    SessionStatus status = 1;
  }
  enum DataClass { DATA_CLASS_UNKNOWN = 0; DATA_CLASS_SCALAR = 1; }
  message SummaryMetadata {
    message PluginData { string plugin_name = 1; bytes content = 2; }
    PluginData plugin_data = 1;
    string display_name = 2;
    string summary_description = 3;
    DataClass data_class = 4;
  }
  message Summary {
    message Value { string tag = 1; float simple_value = 2; SummaryMetadata metadata = 9; }
    repeated Value value = 1;
  }`

const eventType = protobuf.parse(proto, { keepCase: true }).root.lookupType('Event')

export interface ReadEvent {
  readonly wall_time: number
  readonly step: number
  readonly file_version?: string
  readonly session_log?: { readonly status: string }
  readonly summary?: {
    readonly value: readonly {
      readonly tag: string
      readonly simple_value: number
      readonly metadata?: {
        readonly plugin_data: { readonly plugin_name: string }
        readonly summary_description: string
        readonly data_class: string
      }
    }[]
  }
}

/** The events of a file up to its end or a torn record, as TensorBoard reads them. @throws Error where a checksum is wrong. */
export function readEvents(file: string): ReadEvent[] {
  const bytes = readFileSync(file)
  const events: ReadEvent[] = []
  for (let at = 0; at + 12 <= bytes.length; ) {
    check(bytes.subarray(at, at + 8), bytes.readUInt32LE(at + 8))
    const end = at + 12 + Number(bytes.readBigUInt64LE(at)) + 4
    if (end > bytes.length) break
    const message = bytes.subarray(at + 12, end - 4)
    check(message, bytes.readUInt32LE(end - 4))
    events.push(eventType.toObject(eventType.decode(message), { longs: Number, enums: String }) as ReadEvent)
    at = end
  }
  return events
}

/** Names of a folder's event files in the order in which TensorBoard reads them. */
export function eventFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => name.includes('tfevents'))
    .sort()
}

/** By tag, [step, value] of all files of a folder in order, restarts heeded as TensorBoard does. */
export function scalarsIn(folder: string): Map<string, [step: number, value: number][]> {
  const scalars = new Map<string, [number, number][]>()
  for (const name of eventFilesIn(folder)) {
    for (const { step, session_log, summary } of readEvents(join(folder, name))) {
      if (session_log?.status === 'START') {
        for (const [tag, points] of scalars) {
          scalars.set(
            tag,
            points.filter(([at]) => at < step),
          )
        }
      }
      for (const { tag, simple_value } of summary?.value ?? []) {
        scalars.set(tag, [...(scalars.get(tag) ?? []), [step, simple_value]])
      }
    }
  }
  return scalars
}

function check(bytes: Uint8Array, stored: number): void {
  const crc = plainCrc32c(bytes)
  const masked = (BigInt((crc >>> 15) | (crc << 17)) + 0xa282ead8n) & 0xffffffffn
  if (masked !== BigInt(stored)) throw new Error(`a checksum is ${stored}, expected ${masked}`)
}

/** CRC-32C as long division, bit by bit and most significant bit first, by the polynomial 0x1EDC6F41. */
export function plainCrc32c(bytes: Uint8Array): number {
  let rest = 0xffffffff
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const carry = (rest >>> 31) ^ ((byte >>> bit) & 1)
      rest = (rest << 1) ^ (carry === 1 ? 0x1edc6f41 : 0)
    }
  }
  let turned = 0
  for (let bit = 0; bit < 32; bit++) turned |= ((rest >>> bit) & 1) << (31 - bit)
  return ~turned >>> 0
}
