// Actors that the calling thread plays itself, step by step as it has time.
import { type KeptVersions, keptVersions } from './actor-weights.ts'
import type { ActorPool, Arrival, Ticket } from './experience-source.ts'
import type { TicketPlayer } from './ticket-player.ts'
import { createMessageLayout, type TrajectoryMemory, type TrajectoryShape } from './trajectory-message.ts'

export interface CallingThreadOptions {
  readonly shape: TrajectoryShape
  /** Numbers of a version of the weights, and how many versions are kept. */
  readonly weights: number
  readonly versions: number
  createPlayer(versions: KeptVersions, newest: () => number): TicketPlayer
  /** What goes when nobody plays any more. */
  dispose(): void
}

export function playInCallingThread(options: CallingThreadOptions): ActorPool {
  const { shape, weights, versions: kept, createPlayer, dispose } = options
  const layout = createMessageLayout(shape)
  const versions = keptVersions(new ArrayBuffer(4 * weights * kept), weights, kept)
  let newest = 0
  /** Made for the first ticket. */
  let player: TicketPlayer | null = null
  const memories = new Map<string, TrajectoryMemory>()
  let tickets: Ticket[] = []
  let playing: Ticket | null = null
  let played: Arrival[] = []

  const memoryOf = ({ actor, place }: Ticket) => {
    if (place === null) return null
    const key = `${actor}/${place}`
    const memory = memories.get(key) ?? layout.memoryOf(new ArrayBuffer(layout.bytes))
    memories.set(key, memory)
    return memory
  }

  return {
    play(ticket) {
      // What was asked for before a restore, nobody wants any more.
      if (tickets.some(({ generation }) => generation < ticket.generation)) tickets = []
      if (playing !== null && playing.generation < ticket.generation) playing = null
      tickets.push(ticket)
    },
    publish(published, version) {
      versions.at(version).set(published)
      newest = version
    },
    collect() {
      const handed = { played, lost: [] }
      played = []
      return handed
    },
    work() {
      player ??= createPlayer(versions, () => newest)
      if (playing === null) {
        const ticket = tickets.shift()
        if (ticket === undefined) return
        player.begin(ticket, memoryOf(ticket))
        playing = ticket
      }
      const arrival = player.advance()
      if (arrival === null) return
      played.push(arrival)
      playing = null
    },
    dispose,
  }
}
