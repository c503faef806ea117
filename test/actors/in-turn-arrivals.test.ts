// Whatever the way of trajectories is like: late, in another order, twice, lost with their players, cut by restores: each is handed over once, in turn, as a slow reference plays it.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ActorPool, Arrival, PlayedTrajectory, Ticket } from '../../src/actors/experience-source.ts'
import { createInTurn } from '../../src/actors/in-turn.ts'
import { encodeSaved } from '../../src/actors/saved-bytes.ts'
import type { TrajectoryMemory } from '../../src/actors/trajectory-message.ts'
import type { Saved } from '../../src/types.ts'

/** A memory is what was written into it last. */
interface Written {
  content: string
}

/** The state of an actor is what it has played so far, which is also what it writes: number and version of each trajectory. */
const playedOn = (state: string, number: number, weights: number) => `${state}${number}@${weights} `

/** What trajectory n of an actor is in a fixed order, played from the beginning by one player that nobody disturbs. */
function reference(number: number, lag: number): string {
  let state = ''
  for (let n = 0; n <= number; n++) state = playedOn(state, n, Math.max(0, n - lag))
  return state
}

function unreliablePool(keyEvery: number) {
  let tickets: Ticket[] = []
  let under: Arrival[] = []
  let came: Arrival[] = []
  let lost: number[] = []
  const states = new Map<number, string>()
  const weights = new Map<number, number>()
  const memories = new Map<string, Written>()
  const pool: ActorPool = {
    play(ticket) {
      // One that says where its actor begins takes the place of all that it was asked for before.
      if (ticket.from !== undefined) tickets = tickets.filter(({ actor }) => actor !== ticket.actor)
      tickets.push(ticket)
    },
    publish: ([weight], version) => void weights.set(version, weight!),
    collect() {
      const found = { played: came, lost }
      came = []
      lost = []
      return found
    },
    dispose() {},
  }
  return {
    pool,
    /** The first ticket of an actor is played. */
    play(actor: number) {
      const at = tickets.findIndex(ticket => ticket.actor === actor)
      if (at < 0) return
      const [ticket] = tickets.splice(at, 1) as [Ticket]
      const { number, place, from } = ticket
      if (from !== undefined) states.set(actor, String(from ?? ''))
      const version = ticket.version ?? Math.max(...weights.keys())
      const state = playedOn(states.get(actor)!, number, weights.get(version)!)
      states.set(actor, state)
      const key = `${actor}/${place}`
      const memory = place === null ? null : (memories.get(key) ?? { content: '' })
      if (memory !== null) {
        memory.content = state
        memories.set(key, memory)
      }
      const isKey = (number + 1) % keyEvery === 0
      const shown = memory as unknown as TrajectoryMemory | null
      under.push({ ticket, version, memory: shown, state: isKey ? encodeSaved(state) : null })
    },
    /** One of those that are under way arrives, whichever; `twice`: and will again. */
    deliver(which: number, twice: boolean) {
      if (under.length === 0) return
      const at = which % under.length
      came.push(under[at]!)
      if (!twice) under.splice(at, 1)
    },
    lose(actor: number) {
      const others = ({ actor: of }: Ticket) => of !== actor
      tickets = tickets.filter(others)
      under = under.filter(({ ticket }) => others(ticket))
      came = came.filter(({ ticket }) => others(ticket))
      lost.push(actor)
    },
    /** As pools do where a restore began all anew: what was asked for before is not played any more. */
    begunAnew() {
      const newest = Math.max(...tickets.map(({ generation }) => generation))
      tickets = tickets.filter(({ generation }) => generation === newest)
    },
  }
}

const settings = fc.record({
  actors: fc.integer({ min: 1, max: 3 }),
  lag: fc.integer({ min: 0, max: 2 }),
  keyEvery: fc.integer({ min: 1, max: 4 }),
})
/** What happens, and to whom or which. */
const events = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 10, arbitrary: fc.constant('play') },
      { weight: 8, arbitrary: fc.constant('deliver') },
      { weight: 2, arbitrary: fc.constant('deliver twice') },
      { weight: 6, arbitrary: fc.constant('look') },
      { weight: 1, arbitrary: fc.constant('lose') },
      { weight: 1, arbitrary: fc.constant('restore') },
    ),
    fc.nat({ max: 20 }),
  ),
  { minLength: 60, maxLength: 200 },
)

function run(
  order: 'fixed' | 'arrival',
  { actors, lag, keyEvery }: { actors: number; lag: number; keyEvery: number },
  happens: readonly (readonly [string, number])[],
): number {
  const players = unreliablePool(keyEvery)
  const source = createInTurn({ pool: players.pool, actors, lag, order, keyEvery, weights: 1 })
  let version = 0
  let batch: { trajectory: PlayedTrajectory; content: string }[] = []
  let handedOver = 0
  const contentOf = ({ memory }: PlayedTrajectory) => (memory as unknown as Written).content
  source.trajectories$.subscribe(trajectory => void batch.push({ trajectory, content: contentOf(trajectory) }))
  const look = () => {
    const known = batch.length
    source.look(0)
    for (const { trajectory, content } of batch.slice(known)) {
      const { actor, number, version } = trajectory
      const count = handedOver++
      expect([number, actor]).toEqual([Math.floor(count / actors), count % actors])
      if (order === 'fixed') expect(content).toBe(reference(number, lag))
      expect(content.endsWith(`${number}@${version} `)).toBe(true)
    }
  }
  const learn = () => {
    while (batch.length >= actors) {
      const learnt = batch.splice(0, actors)
      // Nobody has written over it meanwhile.
      for (const { trajectory, content } of learnt) expect(contentOf(trajectory)).toBe(content)
      version++
      source.publish(Float32Array.of(version), version)
      source.request(actors)
    }
  }
  source.publish(Float32Array.of(0), 0)
  source.request(actors * (lag + 1))
  const happen = ([what, which]: readonly [string, number]) => {
    if (what === 'play') players.play(which % actors)
    else if (what === 'deliver') players.deliver(which, false)
    else if (what === 'deliver twice') players.deliver(which, true)
    else if (what === 'lose') players.lose(which % actors)
    else if (what === 'look') {
      look()
      learn()
    } else {
      // A checkpoint, and a learner that goes on from it.
      source.restore(source.save() as Saved)
      handedOver = version * actors
      batch = []
      look()
      players.begunAnew()
    }
  }
  happens.forEach(happen)
  const before = version
  // Then nothing goes wrong any more, and the run goes on.
  for (let round = 0; round < 200 && version < before + 3; round++) {
    for (let actor = 0; actor < actors; actor++) happen(['play', actor])
    happen(['deliver', 0])
    happen(['look', 0])
  }
  expect(version).toBeGreaterThanOrEqual(before + 3)
  return before
}

it('in a fixed order each is handed over once, in turn, with the bits of the reference', () => {
  let learnt = 0
  fc.assert(
    fc.property(settings, events, (set, happens) => {
      learnt += run('fixed', set, happens)
    }),
    { numRuns: 150, seed: 1 },
  )
  expect(learnt).toBeGreaterThan(150)
})

it('in order of arrival each is handed over once, in turn, by weights that it says', () => {
  fc.assert(
    fc.property(settings, events, (set, happens) => void run('arrival', set, happens)),
    { numRuns: 150, seed: 2 },
  )
})
