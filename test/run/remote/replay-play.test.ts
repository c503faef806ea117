// Playing again what others say they played: an honest trajectory differs in nothing, a lie in any byte is told.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodeSaved } from '../../../src/actors/saved-bytes.ts'
import { createRandom } from '../../../src/random.ts'
import type { ReplayedPlay } from '../../../src/run/remote/replay-play.ts'
import { remotePlay, ticketOf } from '../../support/remote-play.ts'

type Play = Awaited<ReturnType<typeof remotePlay>>
let play: Play
/** Two stretches of trajectories of an actor. */
let honest: Uint8Array[]
afterAll(() => play.dispose())
beforeAll(async () => {
  play = await remotePlay()
  const player = play.make()
  honest = Array.from({ length: 2 * play.keyEvery }, (_, number) => play.play(player, ticketOf(number)))
})

/** Goes on as if trajectories had been accepted, each looked at or not. */
function accept(replayed: ReplayedPlay, to: number, looks: (number: number) => boolean): void {
  replayed.begin(0, 0, null)
  const check = play.check()
  for (let number = 0; number < to; number++) {
    const ticket = ticketOf(number)
    const said = check(ticket, honest[number]!)
    if (looks(number)) expect(replayed.differs(ticket, said), `trajectory ${number}`).toBeNull()
    replayed.accepted(ticket, said)
    if (said.state !== null) replayed.begin(0, number + 1, decodeSaved(said.state))
  }
}

it.each([
  ['all of them', () => true],
  ['every third', (number: number) => number % 3 === 2],
  ['a stretch', (number: number) => number >= 4],
  ['the last alone', (number: number) => number === 7],
] as const)('finds nothing in honest trajectories, looking at %s', (_, looks) => {
  accept(play.replayed(), honest.length, looks)
})

it('finds a lie in any column and in the state, and goes on as before', () => {
  const number = play.keyEvery - 1
  const replayed = play.replayed()
  accept(replayed, number, number => number === 1)
  const ticket = ticketOf(number)
  const random = createRandom(1, 'lies')
  const { fields, bytes } = play.layout
  const said = (at: number) => {
    const message = new Uint8Array(honest[number]!)
    message[at]! ^= 1 << Math.floor(random.uniform() * 8)
    const { memory, state } = play.layout.decode(message)
    return { memory, state, version: number - 1 }
  }
  for (const { name, type, offset, shape } of fields) {
    const length = shape.reduce((a, b) => a * b, 1) * (type === 'float32' ? 4 : 1)
    if (length === 0) continue
    for (const at of [0, Math.floor(random.uniform() * length), length - 1])
      expect(replayed.differs(ticket, said(offset + at)), name).toBe(`${name} are others`)
  }
  const state = honest[number]!.length - bytes
  for (const at of [state - 1, Math.floor(random.uniform() * state)])
    expect(replayed.differs(ticket, said(bytes + at))).toBe('the state at its end is another')
  expect(replayed.differs(ticket, play.check()(ticket, honest[number]!))).toBeNull()
})

it('finds a state where none was to come, and weights of another version', () => {
  const replayed = play.replayed()
  accept(replayed, 2, () => false)
  const { memory } = play.layout.decode(honest[2]!)
  const state = honest[play.keyEvery - 1]!.subarray(play.layout.bytes)
  expect(replayed.differs(ticketOf(2), { memory, state, version: 1 })).toBe('the state at its end is another')
  expect(replayed.differs(ticketOf(2, { version: null }), { memory, state: null, version: 0 })).toMatch(/are others$/)
  expect(replayed.differs(ticketOf(2, { version: null }), { memory, state: null, version: 1 })).toBeNull()
})
