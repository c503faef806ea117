// Plays tickets, a vector step at a time: all actors of one thread, which act by the same networks, one trajectory after the other.
import type { ActingWeights, KeptVersions } from './actor-weights.ts'
import type { Arrival, Ticket } from './experience-source.ts'
import { encodeSaved } from './saved-bytes.ts'
import type { TrajectoryMemory } from './trajectory-message.ts'
import type { TrajectoryPlayer } from './trajectory-player.ts'

export interface TicketPlayer {
  /** Begins a trajectory with the weights that its ticket says. */
  begin(ticket: Ticket, memory: TrajectoryMemory | null): void
  /** One vector step; the trajectory where it is over. @throws as TrajectoryPlayer */
  advance(): Arrival | null
}

export interface TicketPlayerOptions {
  /** A logical actor as it begins. */
  createPlayer(actor: number): TrajectoryPlayer
  /** Of the networks that act here. */
  readonly weights: ActingWeights
  readonly versions: KeptVersions
  /** The newest version that is known. */
  newest(): number
  /** Trajectories of an actor between two that bring its state. */
  readonly keyEvery: number
  /** Is told who plays on, and by which version where it is the newest, for schedules that go by steps. */
  turnsTo(player: TrajectoryPlayer, newest: number | null): void
}

export function createTicketPlayer(options: TicketPlayerOptions): TicketPlayer {
  const { createPlayer, weights, versions, newest, keyEvery, turnsTo } = options
  const players = new Map<number, TrajectoryPlayer>()
  /** The version that the networks have, and of which generation it is. */
  let loaded = ''
  /** The newest, as a whole: one that takes its place while it is read is read in its stead. */
  const loadNewest = (): number => {
    for (;;) {
      const version = newest()
      weights.write(versions.at(version))
      if (versions.count === undefined || newest() < version + versions.count - 1) return version
    }
  }
  let current: { ticket: Ticket; memory: TrajectoryMemory | null; version: number; player: TrajectoryPlayer }
  return {
    begin(ticket, memory) {
      const { actor, from, generation } = ticket
      if (from !== undefined) {
        const player = createPlayer(actor)
        if (from !== null) player.restore(from)
        players.set(actor, player)
      }
      const player = players.get(actor)!
      let version = ticket.version ?? newest()
      if (loaded !== `${generation}/${version}`) {
        if (ticket.version === null) version = loadNewest()
        else weights.write(versions.at(version))
      }
      loaded = `${generation}/${version}`
      turnsTo(player, ticket.version === null ? version : null)
      player.begin(memory)
      current = { ticket, memory, version, player }
    },
    advance() {
      const { ticket, memory, version, player } = current
      if (!player.advance()) return null
      const { actor, number } = ticket
      const state = (number + 1) % keyEvery === 0 ? encodeSaved(player.save()) : null
      memory?.label({ actor, number, version }, state?.length ?? 0)
      return { ticket, version, memory, state }
    },
  }
}
