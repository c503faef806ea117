// The fixed order of experience: which weights play what, who may play how far ahead, and what is asked for again.
import { expect, it } from 'vitest'
import type { ActorPool, Arrival, PlayedTrajectory, Ticket } from '../../src/actors/experience-source.ts'
import { createInTurn, type InTurnOptions } from '../../src/actors/in-turn.ts'
import { encodeSaved } from '../../src/actors/saved-bytes.ts'
import type { TrajectoryMemory } from '../../src/actors/trajectory-message.ts'
import type { Saved } from '../../src/types.ts'

/** Whoever plays what it is told to, when it is told to: the state of an actor is how many trajectories it has played. */
function createPool() {
  const tickets: Ticket[] = []
  const versions = new Map<number, number>()
  let played: Arrival[] = []
  let lost: number[] = []
  const states = new Map<number, number>()
  const pool: ActorPool = {
    play: ticket => void tickets.push(ticket),
    publish: ([weight], version) => void versions.set(version, weight!),
    collect() {
      const found = { played, lost }
      played = []
      lost = []
      return found
    },
    dispose() {},
  }
  /** Plays the ticket of an actor that comes first. */
  const finish = (actor: number, keyEvery = 2) => {
    const at = tickets.findIndex(ticket => ticket.actor === actor)
    const [ticket] = tickets.splice(at, 1) as [Ticket]
    const { number, place, from } = ticket
    if (from !== undefined) states.set(actor, Number(from ?? 0))
    expect(states.get(actor)).toBe(number)
    states.set(actor, number + 1)
    const state = (number + 1) % keyEvery === 0 ? encodeSaved(number + 1) : null
    const version = ticket.version ?? Math.max(...versions.keys())
    played.push({ ticket, version, memory: place === null ? null : ({} as TrajectoryMemory), state })
  }
  const lose = (actor: number) => {
    for (let i = tickets.length - 1; i >= 0; i--) if (tickets[i]!.actor === actor) tickets.splice(i, 1)
    lost.push(actor)
  }
  return { pool, tickets, versions, finish, lose }
}

const described = ({ actor, number, version }: Pick<Ticket, 'actor' | 'number' | 'version'>) =>
  `${actor}:${number} by ${version}`

function begin(options: Partial<InTurnOptions> = {}) {
  const players = createPool()
  const source = createInTurn({
    ...{ pool: players.pool, actors: 2, lag: 1, keyEvery: 2, weights: 1 },
    ...options,
  })
  const came: PlayedTrajectory[] = []
  source.trajectories$.subscribe(trajectory => void came.push(trajectory))
  const learn = (version: number) => {
    source.publish(Float32Array.of(version / 10), version)
    source.request(2)
  }
  return { ...players, source, came, learn }
}

function start(options?: Partial<InTurnOptions>) {
  const all = begin(options)
  all.source.publish(Float32Array.of(0), 0)
  all.source.request(4)
  return all
}

it('asks for trajectory n with version n - lag, and for no more than was asked for', () => {
  const { source, tickets, finish, learn } = start()
  expect(tickets.map(described)).toEqual(['0:0 by 0', '1:0 by 0', '0:1 by 0', '1:1 by 0'])
  expect(tickets.map(({ from }) => from)).toEqual([null, null, undefined, undefined])
  for (const actor of [0, 1]) finish(actor)
  source.look(0)
  expect(tickets).toHaveLength(2)
  learn(1)
  expect(tickets.slice(2).map(described)).toEqual(['0:2 by 1', '1:2 by 1'])
})

it('hands over in turn whatever comes first', () => {
  const { source, came, finish } = start()
  for (const actor of [1, 1, 0]) finish(actor)
  source.look(0)
  expect(came.map(described)).toEqual(['0:0 by 0', '1:0 by 0'])
  finish(0)
  source.look(0)
  expect(came.slice(2).map(described)).toEqual(['0:1 by 0', '1:1 by 0'])
})

/** Three batches are learnt from; of the next one actor 0 has played, and all are played ahead but the last of actor 1. */
function atThree() {
  const all = start()
  for (const version of [1, 2, 3]) {
    for (const actor of [0, 1]) all.finish(actor)
    all.source.look(0)
    all.learn(version)
  }
  all.finish(0)
  all.source.look(0)
  return all
}

it('asks a lost actor again from its last state, and drops what is known already', () => {
  const { source, came, tickets, finish, lose } = atThree()
  const before = came.length
  lose(0)
  lose(1)
  source.look(0)
  expect(tickets.map(described)).toEqual([
    ...['0:2 by 1', '0:3 by 2', '0:4 by 3'],
    ...['1:2 by 1', '1:3 by 2', '1:4 by 3'],
  ])
  expect(tickets.map(({ from }) => from)).toEqual([2, undefined, undefined, 2, undefined, undefined])
  // Of actor 0 number 3 was handed over, and somebody reads its memory now.
  expect(tickets.map(({ place }) => place)).toEqual([null, null, 0, null, 1, 0])
  for (const actor of [0, 0, 0, 1, 1, 1]) finish(actor)
  source.look(0)
  expect(came.slice(before).map(described)).toEqual(['1:3 by 2', '0:4 by 3', '1:4 by 3'])
})

it('saves the last versions and states, and goes on from there with whoever plays', () => {
  const { source, tickets: old } = atThree()
  const saved = source.save() as { readonly [key: string]: Saved }
  expect(saved).toMatchObject({ version: 3, actors: [2, 2] })
  expect((saved.weights as Float32Array[]).map(([weight]) => weight)).toEqual(
    [1, 2, 3].map(version => Math.fround(version / 10)),
  )
  const other = begin()
  other.source.restore(saved)
  expect(other.source.save()).toEqual(saved)
  other.source.look(0)
  expect([...other.versions]).toEqual([1, 2, 3].map(version => [version, Math.fround(version / 10)]))
  expect(other.tickets.map(described)).toEqual([
    ...['0:2 by 1', '1:2 by 1', '0:3 by 2', '1:3 by 2'],
    ...['0:4 by 3', '1:4 by 3'],
  ])
  expect(other.tickets.slice(0, 4).map(({ from, place }) => [from, place])).toEqual([
    ...[2, 2].map(from => [from, null]),
    ...[undefined, undefined].map(from => [from, 1]),
  ])
  expect(other.tickets[0]!.generation).toBeGreaterThan(old[0]!.generation)
  for (const actor of [0, 1, 0, 1]) other.finish(actor)
  other.source.look(0)
  expect(other.came.map(described)).toEqual(['0:3 by 2', '1:3 by 2'])
})

it('drops what was asked for before a restore', () => {
  const { source, came, tickets, finish } = atThree()
  const saved = source.save()
  const before = came.length
  source.restore(saved)
  expect(tickets.filter(({ generation }) => generation === 1)).toHaveLength(0)
  source.look(0)
  expect(tickets.filter(({ generation }) => generation === 1)).toHaveLength(6)
  // What both were asked for before, and of actor 0 what is asked for now.
  for (const actor of [1, 0, 0, 0]) finish(actor)
  source.look(0)
  expect(came.slice(before).map(described)).toEqual(['0:3 by 2'])
})
