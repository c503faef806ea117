// What somebody played who is not believed any more: what waits of it is not handed over, and is asked for again.
import { expect, it } from 'vitest'
import type { ActorPool, Arrival, Ticket } from '../../src/actors/experience-source.ts'
import { createInTurn } from '../../src/actors/in-turn.ts'
import type { TrajectoryMemory } from '../../src/actors/trajectory-message.ts'

it('is dropped as far as nobody has it yet', () => {
  const tickets: Ticket[] = []
  let next: ReturnType<ActorPool['collect']> = { played: [], lost: [] }
  const pool: ActorPool = {
    play: ticket => void tickets.push(ticket),
    publish() {},
    collect() {
      const found = next
      next = { played: [], lost: [] }
      return found
    },
    dispose() {},
  }
  const source = createInTurn({ pool, actors: 2, lag: 1, keyEvery: 4, weights: 1 })
  const came: string[] = []
  source.trajectories$.subscribe(
    ({ actor, number, memory }) => void came.push(`${actor}:${number} ${memory.buffer.byteLength}`),
  )
  /** Played by somebody, whose mark its memory is. */
  const played = (actor: number, number: number, mark: number): Arrival => {
    const ticket = tickets.findLast(ticket => ticket.actor === actor && ticket.number === number)!
    const memory = { buffer: new ArrayBuffer(mark) } as TrajectoryMemory
    return { ticket, version: 0, memory: ticket.place === null ? null : memory, state: null }
  }
  source.publish(Float32Array.of(0), 0)
  source.request(4)
  // Actor 0 has both, of which one is handed over; the other waits for actor 1.
  next = { played: [played(0, 0, 1), played(0, 1, 1)], lost: [] }
  source.look(0)
  expect(came).toEqual(['0:0 1'])
  tickets.length = 0
  next = { played: [], lost: [0], distrusted: [0] }
  source.look(0)
  expect(tickets.map(({ actor, number, place }) => [actor, number, place])).toEqual([
    [0, 0, null],
    [0, 1, 1],
  ])
  // Without distrust what came stays.
  const again = [played(0, 0, 2), played(0, 1, 2)]
  next = { played: again, lost: [0] }
  tickets.length = 0
  source.look(0)
  expect(tickets.map(({ place }) => place)).toEqual([null, null])
})
