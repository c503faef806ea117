// What a recording holds, topic by topic: docs/recordings.md says the same to those who read it in other languages.
import type { FrameSchema } from '../envs/frame.ts'
import type { Opening } from '../experiment/show.ts'
import type { Saved } from '../types.ts'
import type { ChannelDefinition } from './mcap-writer.ts'
import { savedFromJson, savedToJson } from './saved-json.ts'

/** Rises whenever an older reader would misread a recording. */
export const recordingFormat = 1
/** In the header of the file, and the name of its metadata. */
export const recordingName = 'marlstrom'

/** What is known when a recording begins. */
export interface About {
  readonly marlstrom: string
  readonly scenario: string
  /** Who plays, in words. */
  readonly players: string
  readonly seed: number
  /** Settings of the run, or of what is watched. */
  readonly config: Readonly<Record<string, unknown>>
  /** The run folder; null: none. */
  readonly run: string | null
}

/** The game from a frame on: how it is drawn, and the code that it runs where that is a user's. */
export interface RecordedGame {
  readonly schema: FrameSchema
  /** A scenario file, bundled; null: the scenario ships with marlstrom. */
  readonly source: { readonly file: string; readonly code: string } | null
}

/** Numbers of our channels: they are the first of every recording, in this order. */
export const channel = { game: 0, opening: 1, step: 2, frame: 3 } as const

const json = (name: string, topic: string): ChannelDefinition => ({
  topic,
  encoding: 'json',
  schema: { name, encoding: 'jsonschema', data: Buffer.from('{"type":"object"}') },
  metadata: {},
})
const binary = (topic: string, encoding: string): ChannelDefinition => ({ topic, encoding, schema: null, metadata: {} })

export const channels: readonly ChannelDefinition[] = [
  json('marlstrom.Game', '/marlstrom/game'),
  json('marlstrom.Opening', '/marlstrom/opening'),
  binary('/marlstrom/step', 'marlstrom.step.1'),
  binary('/marlstrom/frame', 'marlstrom.frame.2'),
]

export function encodeAbout(about: About, began: number): Map<string, string> {
  return new Map([
    ['format', String(recordingFormat)],
    ['marlstrom', about.marlstrom],
    ['began', new Date(began).toISOString()],
    ['scenario', about.scenario],
    ['players', about.players],
    ['seed', String(about.seed)],
    ['config', JSON.stringify(about.config)],
    ['run', about.run ?? ''],
    ['frameNanoseconds', String(frameNanoseconds)],
  ])
}

/**
 * Between two frames on the recording's clock: a tenth of a second, the pace of the live page, however fast the game was played and
 * however long it was paused. So a frame's number says where it is.
 */
export const frameNanoseconds = 100_000_000n

export function encodeGame({ schema, source }: RecordedGame): Uint8Array {
  return Buffer.from(JSON.stringify({ schema, source }))
}

export function decodeGame(data: Uint8Array): RecordedGame {
  return JSON.parse(textOf(data)) as RecordedGame
}

export function encodeOpening(opening: Opening): Uint8Array {
  return Buffer.from(JSON.stringify({ ...opening, game: savedToJson(opening.game) }))
}

export function decodeOpening(data: Uint8Array): Opening {
  const opening = JSON.parse(textOf(data)) as Opening
  return { ...opening, game: savedFromJson(opening.game) as Saved }
}

/** What moved the game to a frame. */
export interface RecordedStep {
  readonly number: number
  /** Of the game's state after it; null: not known. */
  readonly fingerprint: bigint | null
  /** All agents' action rows side by side: the game moved by exactly these numbers. */
  readonly actions: Float32Array
}

// Little-endian:  0 u8 1 (version)   1 u8 flags (1: the fingerprint is known)   2 u16 zero   4 u32 numbers of the joint action
//                 8 f64 number of the frame   16 u64 fingerprint   24 float32 joint action
const stepHeaderBytes = 24

export function encodeStep({ number, fingerprint, actions }: RecordedStep): Uint8Array {
  const bytes = Buffer.alloc(stepHeaderBytes + 4 * actions.length)
  bytes[0] = 1
  bytes[1] = fingerprint === null ? 0 : 1
  bytes.writeUInt32LE(actions.length, 4)
  bytes.writeDoubleLE(number, 8)
  bytes.writeBigUInt64LE(fingerprint ?? 0n, 16)
  actions.forEach((value, i) => void bytes.writeFloatLE(value, stepHeaderBytes + 4 * i))
  return bytes
}

/** @throws RangeError when these are the bytes of no step */
export function decodeStep(data: Uint8Array): RecordedStep {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  if (bytes.length < stepHeaderBytes || bytes[0] !== 1) throw new RangeError('step: expected version 1')
  const length = bytes.readUInt32LE(4)
  if (bytes.length !== stepHeaderBytes + 4 * length) {
    throw new RangeError(
      `step: expected ${length} numbers of a joint action, got ${bytes.length - stepHeaderBytes} bytes`,
    )
  }
  return {
    number: bytes.readDoubleLE(8),
    fingerprint: bytes[1] === 0 ? null : bytes.readBigUInt64LE(16),
    actions: Float32Array.from({ length }, (_, i) => bytes.readFloatLE(stepHeaderBytes + 4 * i)),
  }
}

function textOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString('utf8')
}
