// Replies of Redis, whole or in pieces of any size: the same entries, in their order.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createReplyParser } from '../../src/remote/reply-parser.ts'

type Stream = readonly [key: string, entries: readonly (readonly [id: string, fields: readonly Uint8Array[]])[]]

const text = (bytes: Uint8Array | string) =>
  Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), Buffer.from(bytes as never), Buffer.from('\r\n')])
const list = (items: readonly Buffer[]) => Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items])
const reply = (streams: readonly Stream[]) =>
  list(
    streams.map(([key, entries]) =>
      list([text(key), list(entries.map(([id, fields]) => list([text(id), list(fields.map(text))])))]),
    ),
  )

/** What is taken of some bytes that come in pieces, and how many of them are left over. */
function read(bytes: Buffer, ends: readonly number[]) {
  const taken: [string, string, string[]][] = []
  const parser = createReplyParser(
    (key, id, fields) => void taken.push([key, id, fields.map(field => field.toString('hex'))]),
  )
  let start = 0
  for (const end of [...ends.map(at => at % bytes.length).sort((a, b) => a - b), bytes.length]) {
    if (end === start) continue
    // Where they lie changes from piece to piece.
    const moved = Buffer.concat([Buffer.alloc(7), bytes.subarray(start, end)])
    const { bytes: count, isDone, error } = parser.push(moved, 7, moved.length)
    start += count
    if (isDone) return { taken, error, left: bytes.length - start }
  }
  throw new Error('expected the end of the reply')
}

it('give their entries, however they are cut', () => {
  const field = fc.uint8Array({ maxLength: 40 })
  const entries = fc.array(fc.tuple(fc.stringMatching(/^\d{1,9}-\d$/), fc.array(field, { maxLength: 6 })), {
    maxLength: 4,
  })
  const streams = fc.array(fc.tuple(fc.stringMatching(/^[a-z:]{1,9}$/), entries), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(streams, fc.array(fc.nat(), { maxLength: 30 }), fc.nat({ max: 20 }), (streams, ends, more) => {
      const { taken, error, left } = read(Buffer.concat([reply(streams), Buffer.alloc(more)]), ends)
      expect([error, left]).toEqual([undefined, more])
      const hex = (fields: readonly Uint8Array[]) => fields.map(field => Buffer.from(field).toString('hex'))
      expect(taken).toEqual(streams.flatMap(([key, all]) => all.map(([id, fields]) => [key, id, hex(fields)])))
    }),
  )
})

it('may say that there is nothing, that all is well, or what is wrong', () => {
  expect(read(Buffer.from('*-1\r\n'), [2])).toEqual({ taken: [], error: undefined, left: 0 })
  expect(read(Buffer.from('+OK\r\n'), [1])).toEqual({ taken: [], error: undefined, left: 0 })
  expect(read(Buffer.from('-NOPERM no\r\n'), [3])).toEqual({ taken: [], error: 'NOPERM no', left: 0 })
})

it('are refused where they are none', () => {
  for (const wrong of ['$1\r\na\r\n', '*x\r\n', '*1\r\n+OK\r\n', '*1\r\n*2\r\n:1\r\n*0\r\n', `*${'1'.repeat(5000)}`]) {
    expect(() => read(Buffer.from(wrong), []), wrong.slice(0, 20)).toThrow('Redis: expected')
  }
})
