// Plays again what others say they have played: the same bits come of it, or they did not play it.
import type { Ticket } from '../../actors/experience-source.ts'
import { decodeSaved } from '../../actors/saved-bytes.ts'
import type { TicketPlayer } from '../../actors/ticket-player.ts'
import type { MessageLayout } from '../../actors/trajectory-message.ts'
import { fieldsOf } from '../../envs/joint-step.ts'
import type { Saved } from '../../types.ts'
import type { Said } from './check-answer.ts'

export interface ReplayedPlay {
  /** From where an actor plays on, and the number of the trajectory that it begins with. */
  begin(actor: number, number: number, from: Saved | Uint8Array): void
  /** What was accepted, which the next one goes on from. */
  accepted(ticket: Ticket, said: Pick<Said, 'version'>): void
  /**
   * Plays it: what differs in what was said of it, in words; null: nothing.
   * @throws GameError, NonFiniteError as playing it does
   */
  differs(ticket: Ticket, said: Said): string | null
  /** Plays it for what it throws. */
  play(ticket: Ticket): void
}

/** An actor at a trajectory whose beginning is known, and the versions that it was played with from there on. */
interface Known {
  number: number
  /** Encoded, or as it was restored. */
  from: Saved | Uint8Array
  versions: number[]
}

/** `player`: plays as the others are to; its trajectories are made from known states on. */
export function createReplayedPlay(player: TicketPlayer, layout: MessageLayout): ReplayedPlay {
  const known = new Map<number, Known>()
  /** The trajectory that the player's own actor stands before. */
  const standing = new Map<number, number>()
  const memory = layout.memoryOf(new ArrayBuffer(layout.bytes))

  const run = (ticket: Ticket) => {
    player.begin(ticket, ticket.place === null ? null : memory)
    for (;;) {
      const arrival = player.advance()
      if (arrival === null) continue
      standing.set(ticket.actor, ticket.number + 1)
      return arrival
    }
  }
  const playAs = (ticket: Ticket, version: number | null) => {
    const { actor, number } = ticket
    const { versions, number: first, ...begin } = known.get(actor)!
    const { from: _, ...here } = { ...ticket, version }
    const again = standing.get(actor) !== number
    standing.delete(actor)
    if (!again) return run(here)
    const from = begin.from instanceof Uint8Array ? decodeSaved(begin.from) : begin.from
    for (let each = first; each < number; each++) {
      run({
        ...here,
        number: each,
        version: versions[each - first]!,
        place: null,
        ...(each === first ? { from } : {}),
      })
    }
    return run(number === first ? { ...here, from } : here)
  }

  return {
    begin(actor, number, from) {
      known.set(actor, { number, from, versions: [] })
      standing.delete(actor)
    },
    accepted({ actor }, { version }) {
      known.get(actor)?.versions.push(version)
    },
    differs(ticket, said) {
      const played = playAs(ticket, said.version)
      if (said.memory !== null && ticket.place !== null) {
        const ours = fieldsOf(memory.whole)
        const wrong = fieldsOf(said.memory.whole).find(({ data }, i) => !sameBytes(data, ours[i]!.data))
        if (wrong !== undefined) return `${wrong.name} are others`
      }
      const state = played.state ?? null
      if (said.state !== null && (state === null || !sameBytes(said.state, state)))
        return 'the state at its end is another'
      return null
    },
    play(ticket) {
      playAs(ticket, ticket.version)
    },
  }
}

function sameBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
