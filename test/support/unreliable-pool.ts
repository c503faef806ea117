// Players whose way to the learner is like nothing good: trajectories come late, in another order, twice, or are lost with whoever played them.
import fc from 'fast-check'
import type { ActorPool, Arrival, Ticket } from '../../src/actors/experience-source.ts'
import { encodeSaved } from '../../src/actors/saved-bytes.ts'
import type { TrajectoryMemory } from '../../src/actors/trajectory-message.ts'

/** A memory is what was written into it last. */
export interface Written {
  content: string
}

/** The state of an actor is what it has played so far, which is also what it writes: number and version of each trajectory. */
export const playedOn = (state: string, number: number, weights: number) => `${state}${number}@${weights} `

export function unreliablePool(keyEvery: number) {
  let tickets: Ticket[] = []
  let under: Arrival[] = []
  let came: Arrival[] = []
  let lost: number[] = []
  const states = new Map<number, string>()
  const weights = new Map<number, number>()
  const memories = new Map<string, Written>()
  const counts = new Map<number, number>()
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
      counts.set(actor, (counts.get(actor) ?? 0) + 1)
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
    /** Trajectories that an actor has played. */
    playedBy: (actor: number) => counts.get(actor) ?? 0,
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

export const actorSettings = fc.record({
  actors: fc.integer({ min: 1, max: 3 }),
  lag: fc.integer({ min: 0, max: 2 }),
  keyEvery: fc.integer({ min: 1, max: 4 }),
})
/** What happens, and to whom or which. */
export const actorEvents = fc.array(
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
