// Tickets and answers as they travel: as they were, and of random bytes nothing but a TypeError.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRunKey, unsealing } from '../../src/remote/run-key.ts'
import {
  type Answer,
  answerFields,
  openTicket,
  type RemoteTicket,
  readAnswer,
  sealTicket,
} from '../../src/remote/ticket-message.ts'

const key = createRunKey()
const opening = unsealing(key.publicKey)
const ticket: RemoteTicket = {
  ...{ id: 5, session: 'now', instance: 'me', actor: 1, number: 70_000, version: 69_999, wanted: true, generation: 2 },
  from: { games: [Float32Array.of(1, -0)], steps: 3 },
}
const buffers = (fields: readonly (string | Buffer)[]) => fields.map(field => Buffer.from(field as string))

it('a ticket comes back as it was, and only for its session', () => {
  expect(openTicket(opening, 'now', sealTicket(key, ticket))).toEqual(ticket)
  const anew = { ...ticket, from: null, version: null }
  expect(openTicket(opening, 'now', sealTicket(key, anew))).toEqual(anew)
  expect(() => openTicket(opening, 'then', sealTicket(key, ticket))).toThrow("not signed by the run's key")
  expect(() => openTicket(opening, 'now', sealTicket(createRunKey(), ticket))).toThrow("not signed by the run's key")
  const sealed = sealTicket(key, ticket)
  fc.assert(
    fc.property(fc.nat({ max: sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(sealed)
      changed[at]! ^= change
      expect(() => openTicket(opening, 'now', changed)).toThrow(TypeError)
    }),
    { numRuns: 50 },
  )
})

it('an answer comes back as it was, whatever order its fields have', () => {
  const answer: Answer = { ticket: 5, session: 'now', message: Buffer.of(1, 2), thrown: null }
  const fields = buffers(answerFields(answer))
  expect(readAnswer(fields)).toEqual(answer)
  expect(readAnswer([...fields.slice(2), ...fields.slice(0, 2)])).toEqual(answer)
  const failed: Answer = { ticket: 6, session: 'now', message: null, thrown: '{"x":1}' }
  expect(readAnswer(buffers(answerFields(failed)))).toEqual(failed)
})

it('of anything else an answer is a TypeError', () => {
  const tried = (fields: readonly Buffer[]) => {
    try {
      readAnswer(fields)
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
    }
  }
  const bytes = fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes))
  const name = fc.oneof(fc.constantFrom('ticket', 'session', 'message', 'thrown').map(Buffer.from), bytes)
  fc.assert(fc.property(fc.array(fc.oneof(name, bytes), { maxLength: 12 }), tried))
  const whole = buffers(answerFields({ ticket: 1, session: 'now', message: Buffer.of(1), thrown: null }))
  for (const left of [0, 2, 4])
    expect(() => readAnswer(whole.filter((_, i) => i !== left && i !== left + 1))).toThrow(TypeError)
  for (const id of ['', ' ', 'x', '1.5', '-1', '0x10', '1e3', '9007199254740993', '99999999999999999999']) {
    expect(() => readAnswer([whole[0]!, Buffer.from(id), ...whole.slice(2)]), id).toThrow(TypeError)
  }
})

it('texts longer than any that is meant are not read at all', () => {
  // Longer than a string can be: reading it would be another error.
  const long = Buffer.alloc(2 ** 29 + 10)
  const whole = buffers(answerFields({ ticket: 1, session: 'now', message: null, thrown: 'x' }))
  expect(readAnswer(whole.with(3, long)).session).not.toBe('now')
  for (const at of [0, 1, 2, 4]) expect(() => readAnswer(whole.with(at, long))).toThrow(TypeError)
  expect(readAnswer(whole.with(5, long)).thrown!.length).toBeLessThan(2000)
})
