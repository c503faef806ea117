// docs/protocol.md as a test: its examples are read by the code, and its tables say where the code puts things.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BINARY_VERSION } from '../../src/stream/binary.ts'
import { decodeFrame, encodeFrame, frameFlag } from '../../src/stream/frame-codec.ts'
import { HISTORY_BYTES } from '../../src/stream/history.ts'
import { encodeInspection } from '../../src/stream/inspection-codec.ts'
import type { FrameSchema, ServerMessage } from '../../src/stream/protocol.ts'
import { MOST_HISTORY, PROTOCOL, RATE } from '../../src/stream/protocol.ts'
import { parseServerMessage } from '../../src/stream/read-message.ts'
import { parseRequest, requestTypes } from '../../src/stream/read-request.ts'
import { REQUESTS_PER_SECOND } from '../../src/stream/request-limit.ts'
import { BEAT_MS, CUT_ABOVE_BYTES, SKIP_ABOVE_BYTES, STALE_MS } from '../../src/stream/viewer-connection.ts'
import { circlingFrame, http, streamed, tinySchema, tinyServer } from './tiny-stream.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/protocol.md'), 'utf8')
const blocks = (kind: string) =>
  [...text.matchAll(/```(\w+ \w+)\n([\s\S]*?)```/g)].filter(([, name]) => name === kind).map(([, , body]) => body!)

describe('the document', () => {
  const said = blocks('json server')
  const welcome = parseServerMessage(said[0]!) as Extract<ServerMessage, { type: 'welcome' }>

  it('has an example of all that a server says, and each is understood', () => {
    expect(said.map(example => parseServerMessage(example))).toEqual(said.map(example => JSON.parse(example)))
    expect(new Set(said.map(example => JSON.parse(example).type))).toEqual(
      new Set(['welcome', 'patches', 'done', 'refused', 'bye']),
    )
  })

  it('has an example of all that a viewer may ask, and each is understood', () => {
    const asked = blocks('json viewer').flatMap(block => block.trim().split('\n'))
    expect(asked.map(example => parseRequest(example))).toEqual(asked.map(example => JSON.parse(example)))
    expect([...new Set(asked.map(example => JSON.parse(example).type as string))].sort()).toEqual(
      [...requestTypes].sort(),
    )
  })

  it('shows a state and a summary as servers send them', async () => {
    const { server, session } = await tinyServer()
    expect(Object.keys(welcome.state)).toEqual(Object.keys(session.state))
    const listed = JSON.parse((await http(server.url, 'GET', {}, '/sessions')).body)
    expect(Object.keys(JSON.parse(blocks('json sessions')[0]!)[0])).toEqual(Object.keys(listed[0]))
  })

  it('shows a frame as it stands on the wire', () => {
    const bytes = Uint8Array.from(blocks('hex frame')[0]!.trim().split(/\s+/), byte => Number.parseInt(byte, 16))
    const frame = {
      number: 91,
      at: 1.79e12,
      episode: 1,
      step: 1,
      restarted: false,
      placed: false,
      rewards: Float32Array.of(-1),
      returns: Float32Array.of(-1),
      actions: Float32Array.of(0, 0, 1, 0, 0),
      row: Float32Array.of(0.5, -0.25, 0, 0, 0.75, 0, 0),
    }
    expect(decodeFrame(bytes, welcome.schema)).toEqual(streamed(frame))
    expect(encodeFrame(frame, welcome.schema)).toEqual(bytes)
  })

  it('says where a frame has what', () => {
    const schema: FrameSchema = tinySchema()
    const frame = { ...circlingFrame(schema, 33), restarted: true }
    const bytes = encodeFrame(frame, schema)
    const known = {
      ...frame,
      magic: 0x4d,
      version: BINARY_VERSION,
      kind: 1,
      flags: 1,
      agents: 3,
      actions: 15,
      row: schema.size,
      rewards: frame.rewards[0],
    }
    expect(tableOf('frame at', bytes)).toEqual(
      pick(known, [
        'magic',
        'version',
        'kind',
        'flags',
        'episode',
        'number',
        'at',
        'step',
        'agents',
        'actions',
        'row',
        'rewards',
      ]),
    )
    const flags = [...section('| flag |').matchAll(/^\| (\d+) \|/gm)].map(([, flag]) => Number(flag))
    expect(flags).toEqual(Object.values(frameFlag))
  })

  it('says where an inspection has what', () => {
    const inspection = {
      agent: 2,
      observation: Float32Array.of(0.25, 3),
      action: Float32Array.of(1),
      probabilities: Float32Array.of(1),
      value: -2.5,
      rewardParts: { a: 1, b: 2, c: 3 },
      sees: Uint8Array.of(1, 0, 1, 0),
    }
    const known = {
      magic: 0x4d,
      version: BINARY_VERSION,
      kind: 2,
      flags: 1,
      agent: 2,
      number: 7,
      value: -2.5,
      observation: 2,
      action: 1,
      parts: 3,
      entities: 4,
      its: 0.25,
    }
    expect(tableOf('inspection at', encodeInspection(inspection, 7))).toEqual(known)
  })

  it('names the limits that are kept', () => {
    for (const sentence of [
      `version **${PROTOCOL}**`,
      `at most ${REQUESTS_PER_SECOND} a second`,
      `at most ${RATE.usual} times a second`,
      `Above ${SKIP_ABOVE_BYTES / 1024} KiB of waiting bytes`,
      `Above ${CUT_ABOVE_BYTES / 1024 ** 2} MiB, or after ${STALE_MS / 1000} s`,
      `keeps ${HISTORY_BYTES / 1024 ** 2} MiB of frames`,
    ]) {
      expect(text).toContain(sentence)
    }
    expect(BEAT_MS).toBe(2000)
    expect(MOST_HISTORY).toBe(20_000)
  })
})

/** The text from a table's head to the next empty line. */
function section(head: string): string {
  const from = text.indexOf(head)
  expect(from).toBeGreaterThan(0)
  return text.slice(from, text.indexOf('\n\n', from))
}

/** What stands in these bytes where the table says, by the first word of its last column. */
function tableOf(head: string, bytes: Uint8Array): Record<string, number> {
  const view = new DataView(bytes.buffer)
  const read = {
    u8: (at: number) => view.getUint8(at),
    u32: (at: number) => view.getUint32(at, true),
    f32: (at: number) => view.getFloat32(at, true),
    f64: (at: number) => view.getFloat64(at, true),
  }
  const rows = section(`| ${head} |`).matchAll(/^\| (\d+) \| (\w+)(?: \[\w+\])? \| (\w+)/gm)
  return Object.fromEntries([...rows].map(([, at, type, name]) => [name!, read[type as keyof typeof read](Number(at))]))
}

function pick(record: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map(key => [key, record[key]]))
}
