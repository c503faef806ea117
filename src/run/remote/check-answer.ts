// Whether what came from elsewhere is a trajectory that was asked for: nothing else touches learning.
import type { Ticket } from '../../actors/experience-source.ts'
import { decodeSaved, encodeSaved } from '../../actors/saved-bytes.ts'
import type { MessageLayout, TrajectoryHeader, TrajectoryMemory } from '../../actors/trajectory-message.ts'
import type { TrajectoryPlayer } from '../../actors/trajectory-player.ts'
import { fieldsOf } from '../../envs/joint-step.ts'
import type { Saved } from '../../types.ts'

/** What a message says. */
export interface Said {
  /** null: nobody reads it. The next message is read into the same memory. */
  readonly memory: TrajectoryMemory | null
  readonly version: number
  readonly state: Uint8Array | null
}

export interface AnswerChecks {
  readonly layout: MessageLayout
  /** Trajectories of an actor between two that bring its state. */
  readonly keyEvery: number
  /** Whether every state must come, and be one that the games here give too: the players are of the same build. */
  readonly isExact: boolean
  /** The oldest and the newest version that a ticket without one may be played with. */
  versionsFor(ticket: Ticket): readonly [oldest: number, newest: number]
  /** To try a state with. */
  createPlayer(actor: number): TrajectoryPlayer
}

/** @throws TypeError saying what is wrong with a message */
export function createAnswerCheck(checks: AnswerChecks): (ticket: Ticket, message: Uint8Array) => Said {
  const { layout, keyEvery, isExact, versionsFor, createPlayer } = checks
  const tried = new Map<number, TrajectoryPlayer>()
  const scratch = layout.memoryOf(new ArrayBuffer(layout.bytes))
  return (ticket, message) => {
    const { memory, header, state } = readMessage(layout, ticket, message, scratch)
    const { actor, number } = ticket
    if (header.actor !== actor || header.number !== number) {
      throw new TypeError(`expected trajectory ${number} of actor ${actor}, got ${header.number} of ${header.actor}`)
    }
    const [oldest, newest] = ticket.version === null ? versionsFor(ticket) : [ticket.version, ticket.version]
    if (header.version < oldest || header.version > newest) {
      throw new TypeError(`expected weights of version ${oldest} to ${newest}, got ${header.version}`)
    }
    if (memory !== null) refuseWrongNumbers(memory)
    const isKey = (number + 1) % keyEvery === 0
    if (state === null && isKey && isExact) throw new TypeError('expected the state at the end of the trajectory')
    if (state !== null) {
      if (!isKey) throw new TypeError('expected no state at the end of this trajectory')
      const player = tried.get(actor) ?? createPlayer(actor)
      tried.set(actor, player)
      try {
        refuseOtherState(player, state)
      } catch (error) {
        tried.delete(actor)
        throw error
      }
    }
    return { memory, version: header.version, state }
  }
}

function readMessage(
  layout: MessageLayout,
  { place }: Ticket,
  message: Uint8Array,
  into: TrajectoryMemory,
): { memory: TrajectoryMemory | null; header: TrajectoryHeader; state: Uint8Array | null } {
  if (place === null) return { memory: null, ...layout.decodeUnread(message) }
  const { memory, state } = layout.decode(message, into)
  return { memory, header: memory.header(), state }
}

/** Numbers must be finite, flags 0 or 1. */
function refuseWrongNumbers({ whole }: TrajectoryMemory): void {
  for (const { name, data } of fieldsOf(whole)) {
    if (data instanceof Float32Array ? allFinite(data) : data.every(flag => flag <= 1)) continue
    const at = (data as Float32Array).findIndex(x => !Number.isFinite(x) || (data instanceof Uint8Array && x > 1))
    const expected = data instanceof Uint8Array ? '0 or 1' : 'finite numbers'
    throw new TypeError(`${name}: expected ${expected}, got ${data[at]} at ${at}`)
  }
}

/** In one pass without a branch: what is not finite times 0 is not a number, and stays it. */
function allFinite(data: Float32Array): boolean {
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += data[i]! * 0
  return sum === 0
}

/** A state is one that these games give back, byte for byte, when they were given it; its numbers are finite. */
function refuseOtherState(player: TrajectoryPlayer, state: Uint8Array): void {
  let again: Uint8Array
  try {
    const saved = decodeSaved(state)
    refuseNotFinite(saved)
    player.restore(saved)
    again = encodeSaved(player.save())
  } catch (error) {
    throw new TypeError(`state: ${(error as Error).message}`)
  }
  if (Buffer.compare(again, state) !== 0) throw new TypeError('state: none that these games and policies have')
}

/** Who plays on from what is not finite fails, and it is not known then who brought it. */
function refuseNotFinite(saved: Saved): void {
  if (typeof saved === 'number' && !Number.isFinite(saved)) throw new TypeError(`expected finite numbers, got ${saved}`)
  if (typeof saved !== 'object' || saved === null) return
  if (saved instanceof Float32Array || saved instanceof Float64Array) saved.forEach(refuseNotFinite)
  else if (!ArrayBuffer.isView(saved)) Object.values(saved).forEach(refuseNotFinite)
}
