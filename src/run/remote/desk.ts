// Who plays what: the actors of a run, divided among the processes that are there, and the tickets that are out.
import type { Ticket } from '../../actors/experience-source.ts'

/** A ticket that is out; `id` rises with every one. */
export interface Given {
  readonly id: number
  readonly ticket: Ticket
  /** The process that is to play it. */
  readonly to: string
}

export interface Desk {
  /** A ticket of the learner's. What is to be sent now: nothing, where nobody is there to play it. */
  take(ticket: Ticket): readonly Given[]
  /** A process has come: what it is asked for, of the actors that nobody plays. */
  join(process: string): readonly Given[]
  /** It has gone: the actors that are lost with it. Their next tickets count from one that says where they begin. */
  leave(process: string): readonly number[]
  /** An actor is taken from the process that plays it, as if lost. */
  lose(actor: number): readonly number[]
  /** Actors that are taken from processes that have more than others, as if lost, so that the next tickets go to those. */
  level(): readonly number[]
  /** The ticket behind an id: `foreign`, it is another's; `early`, not its turn: what was answered before is lost; `stale`, nobody waits for it any more. */
  find(process: string, id: number): Ticket | 'foreign' | 'early' | 'stale'
  /** It has been answered. */
  done(id: number): void
  /** Tickets that a process has yet to answer. */
  owed(process: string): number
  /** By whom an actor is played; null: by nobody. */
  ownerOf(actor: number): string | null
}

interface Seat {
  readonly actor: number
  owner: string | null
  /** Whether a ticket came that says where it begins. */
  hasBegun: boolean
  /** Out or waiting for somebody, in the order in which they are to be played. */
  queue: { id: number; ticket: Ticket }[]
}

export function createDesk(actors: number): Desk {
  const seats = Array.from({ length: actors }, (_, actor): Seat => ({ actor, owner: null, hasBegun: false, queue: [] }))
  const processes = new Set<string>()
  /** By the id of a ticket that is out or waits: whose it is. */
  const seatOf = new Map<number, Seat>()
  let [generation, lastId] = [0, 0]

  const load = (process: string) => seats.filter(({ owner }) => owner === process).length
  const byLoad = () => [...processes].map(name => ({ name, load: load(name) })).sort((a, b) => a.load - b.load)
  const empty = (seat: Seat) => {
    for (const { id } of seat.queue) seatOf.delete(id)
    seat.queue = []
  }
  const lose = (lost: readonly Seat[]) => {
    for (const seat of lost) {
      empty(seat)
      Object.assign(seat, { owner: null, hasBegun: false })
    }
    return lost.map(({ actor }) => actor)
  }

  return {
    take(ticket) {
      if (ticket.generation < generation) return []
      if (ticket.generation > generation) lose(seats)
      generation = ticket.generation
      const seat = seats[ticket.actor]!
      if (ticket.from !== undefined) {
        empty(seat)
        seat.hasBegun = true
      }
      if (!seat.hasBegun) return []
      const given = { id: ++lastId, ticket }
      seat.queue.push(given)
      seatOf.set(given.id, seat)
      seat.owner ??= byLoad()[0]?.name ?? null
      return seat.owner === null ? [] : [{ ...given, to: seat.owner }]
    },
    join(process) {
      processes.add(process)
      const share = Math.ceil(actors / processes.size)
      const free = seats.filter(({ owner }) => owner === null).slice(0, share - load(process))
      for (const seat of free) seat.owner = process
      return free.flatMap(({ queue }) => queue.map(given => ({ ...given, to: process })))
    },
    leave(process) {
      processes.delete(process)
      return lose(seats.filter(({ owner }) => owner === process))
    },
    lose: actor => lose([seats[actor]!]),
    level() {
      const taken: Seat[] = []
      for (;;) {
        const all = byLoad()
        const [least, most] = [all[0], all.at(-1)]
        // Those that were taken go to whoever has least.
        if (least === undefined || most!.load - least.load - taken.length <= 1) return lose(taken)
        const seat = seats.findLast(({ owner }) => owner === most!.name)!
        seat.owner = null
        taken.push(seat)
      }
    },
    find(process, id) {
      const seat = seatOf.get(id)
      if (seat === undefined) return 'stale'
      if (seat.owner !== process) return 'foreign'
      return seat.queue[0]!.id === id ? seat.queue[0]!.ticket : 'early'
    },
    done(id) {
      const seat = seatOf.get(id)
      seatOf.delete(id)
      if (seat !== undefined) seat.queue = seat.queue.filter(given => given.id !== id)
    },
    owed: process => seats.reduce((sum, { owner, queue }) => sum + (owner === process ? queue.length : 0), 0),
    ownerOf: actor => seats[actor]!.owner,
  }
}
