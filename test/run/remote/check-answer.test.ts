// What is held against a trajectory from elsewhere: an honest one passes, and every way of being none is told.
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodeSaved, encodeSaved } from '../../../src/actors/saved-bytes.ts'
import type { Saved } from '../../../src/types.ts'
import { remotePlay, ticketOf } from '../../support/remote-play.ts'

type Play = Awaited<ReturnType<typeof remotePlay>>
let play: Play
/** Trajectories 0 to 3 of an actor, of which the last brings a state. */
let honest: Uint8Array[]
afterAll(() => play.dispose())
beforeAll(async () => {
  play = await remotePlay()
  const player = play.make()
  honest = Array.from({ length: play.keyEvery }, (_, number) => play.play(player, ticketOf(number)))
})
const last = () => ticketOf(play.keyEvery - 1)

/** A copy with other bytes somewhere. */
function changed(message: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(message)
  copy.set(bytes, at)
  return copy
}
const words = (...numbers: number[]) => new Uint8Array(Uint32Array.from(numbers).buffer)
const floats = (...numbers: number[]) => new Uint8Array(Float32Array.from(numbers).buffer)
const word = { magic: 0, format: 4, actor: 8, number: 12, version: 16, steps: 20, games: 24, stateBytes: 28 }

it('lets honest trajectories pass, and those that nobody reads', () => {
  const check = play.check()
  honest.forEach((message, number) => {
    const said = check(ticketOf(number), message)
    expect(said.version).toBe(Math.max(0, number - 1))
    expect(said.state === null).toBe(number < play.keyEvery - 1)
  })
  const unread = play.play(play.make(), ticketOf(0, { place: null }))
  expect(check(ticketOf(0, { place: null }), unread)).toEqual({ memory: null, version: 0, state: null })
})

it.each([
  ['nothing', () => new Uint8Array(0), /expected a message of format 1/],
  ['a header that is cut off', m => m.subarray(0, 63), /expected a message of format 1/],
  ['a header alone', m => m.subarray(0, 64), /expected a message of format 1/],
  ['a byte less', m => m.subarray(0, -1), /expected a message of format 1/],
  ['a byte more', m => Buffer.concat([m, Buffer.of(0)]), /expected a message of format 1/],
  ['another magic', m => changed(m, word.magic, words(1)), /expected a message of format 1/],
  ['another format', m => changed(m, word.format, words(2)), /expected a message of format 1/],
  ['other steps', m => changed(m, word.steps, words(65)), /expected a message of format 1/],
  ['other games', m => changed(m, word.games, words(2 ** 32 - 1)), /expected a message of format 1/],
  ['a state that is not there', m => changed(m, word.stateBytes, words(2 ** 32 - 1)), /expected a message of format 1/],
  ['another actor', m => changed(m, word.actor, words(1)), /expected trajectory 0 of actor 0, got 0 of 1/],
  ['another number', m => changed(m, word.number, words(7)), /expected trajectory 0 of actor 0, got 7 of 0/],
  ['another version', m => changed(m, word.version, words(9)), /expected weights of version 0 to 0, got 9/],
] as const satisfies readonly (readonly [string, (message: Uint8Array) => Uint8Array, RegExp])[])(
  'refuses %s',
  (_, mutate, reason) => {
    expect(() => play.check()(ticketOf(0), mutate(honest[0]!))).toThrow(reason)
    expect(() => play.check()(ticketOf(0), mutate(honest[0]!))).toThrow(TypeError)
  },
)

it('refuses numbers that are not finite and flags that are none, in every column', () => {
  for (const { name, type, offset } of play.layout.fields) {
    const wrong = type === 'float32' ? [floats(Number.NaN), floats(Number.POSITIVE_INFINITY)] : [Uint8Array.of(2)]
    for (const bytes of wrong)
      expect(() => play.check()(ticketOf(0), changed(honest[0]!, offset, bytes)), name).toThrow(`${name}: expected`)
  }
})

it('takes versions of a window where a ticket names none', () => {
  const by = (version: number) => changed(honest[2]!, word.version, words(version))
  const ticket = ticketOf(2, { version: null })
  for (const version of [1, 2]) expect(play.check()(ticket, by(version)).version).toBe(version)
  for (const version of [0, 3, 2 ** 32 - 1]) expect(() => play.check()(ticket, by(version))).toThrow('expected weights')
})

it('wants states where they are due and only there', () => {
  const key = honest.at(-1)!
  const { bytes } = play.layout
  const without = changed(key.subarray(0, bytes), word.stateBytes, words(0))
  expect(() => play.check()(last(), without)).toThrow('expected the state at the end of the trajectory')
  expect(play.check(false)(last(), without).state).toBeNull()
  const state = key.subarray(bytes)
  const early = Buffer.concat([changed(honest[0]!, word.stateBytes, words(state.length)), state])
  expect(() => play.check()(ticketOf(0), early)).toThrow('expected no state at the end of this trajectory')
})

/** The last trajectory with another state. */
const withState = (state: Uint8Array) =>
  Buffer.concat([changed(honest.at(-1)!.subarray(0, play.layout.bytes), word.stateBytes, words(state.length)), state])

it('refuses states that these games do not have', () => {
  const state = decodeSaved(honest.at(-1)!.subarray(play.layout.bytes)) as { [name: string]: Saved }
  const wrong: Saved[] = [
    ...[null, 1, 'x', [], {}, { ...state, more: 1 }, { vectorGame: state.vectorGame! }],
    ...[{ ...state, policies: [] }, { ...state, vectorGame: null }, JSON.parse('{ "__proto__": { "a": 1 } }')],
  ]
  const check = play.check()
  for (const each of wrong) expect(() => check(last(), withState(encodeSaved(each)))).toThrow(TypeError)
  expect(() => check(last(), withState(Uint8Array.of(5, 255, 255, 255, 255)))).toThrow(TypeError)
  // It is as good as new afterwards.
  expect(check(last(), honest.at(-1)!).state).not.toBeNull()
})

it('refuses states with numbers that are not finite', () => {
  const state = honest.at(-1)!.subarray(play.layout.bytes)
  const check = play.check()
  let tried = 0
  const visit = (value: Saved, path: readonly string[]): void => {
    if (value instanceof Float32Array || value instanceof Float64Array) {
      if (value.length === 0 || ++tried > 40) return
      const copy = decodeSaved(state)
      const at = path.reduce<Saved>((inner, name) => (inner as { [name: string]: Saved })[name]!, copy) as Float64Array
      at[at.length - 1] = Number.NaN
      expect(() => check(last(), withState(encodeSaved(copy))), path.join('/')).toThrow(/finite/)
    } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
      for (const [name, inner] of Object.entries(value)) visit(inner as Saved, [...path, name])
    }
  }
  visit(decodeSaved(state), [])
  expect(tried).toBeGreaterThan(3)
})

it('says TypeError of whatever else it is given', () => {
  const check = play.check()
  const tried = (message: Uint8Array) => {
    try {
      check(last(), message)
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), tried), { numRuns: 200 })
  const key = honest.at(-1)!
  const state = key.length - play.layout.bytes
  fc.assert(
    fc.property(fc.nat({ max: state - 1 }), fc.uint8Array({ minLength: 1, maxLength: 4 }), (at, bytes) => {
      const from = Math.min(play.layout.bytes + at, key.length - bytes.length)
      tried(changed(key, from, bytes))
    }),
    { numRuns: 300 },
  )
})
