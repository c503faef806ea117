// Whether what came from elsewhere is a trajectory that was asked for: nothing else touches learning.
import type { Ticket } from '../../actors/experience-source.ts'
import { decodeSaved, isEncoded } from '../../actors/saved-bytes.ts'
import type { MessageLayout, TrajectoryHeader, TrajectoryMemory } from '../../actors/trajectory-message.ts'
import type { TrajectoryPlayer } from '../../actors/trajectory-player.ts'
import { fieldsOf } from '../../envs/joint-step.ts'

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
  const refuseWrongNumbers = createNumberCheck(scratch)
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
    if (memory !== null) refuseWrongNumbers()
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

/** Numbers must be finite, flags 0 or 1: of all messages that are read into some memory. */
function createNumberCheck({ buffer, whole }: TrajectoryMemory): () => void {
  const fields = fieldsOf(whole)
  const words = fields.filter(({ data }) => data instanceof Float32Array).map(({ data }) => data)
  const flags = fields.filter(({ data }) => data instanceof Uint8Array).map(({ data }) => data as Uint8Array)
  // Those of one kind lie side by side.
  const [begin, end] = spanOf(words)
  const bits = new Int32Array(buffer, begin, (end - begin) / 4)
  return () => {
    if (allFinite(bits) && flags.every(allFlags)) return
    for (const { name, data } of fields) {
      const isFlag = data instanceof Uint8Array
      const at = (data as Float32Array).findIndex(x => (isFlag ? x > 1 : !Number.isFinite(x)))
      if (at >= 0)
        throw new TypeError(`${name}: expected ${isFlag ? '0 or 1' : 'finite numbers'}, got ${data[at]} at ${at}`)
    }
    throw new TypeError('trajectory: expected finite numbers')
  }
}

/** Bytes from the first of some arrays to the end of the last. */
function spanOf(arrays: readonly ArrayBufferView[]): readonly [begin: number, end: number] {
  const ends = arrays.map(({ byteOffset, byteLength }) => byteOffset + byteLength)
  return [Math.min(...arrays.map(({ byteOffset }) => byteOffset)), Math.max(...ends)]
}

/** In one pass without a branch: of a float32 that is not finite all bits of the exponent are set, so one more sets that of the sign. */
function allFinite(bits: Int32Array): boolean {
  const [exponent, one] = [0x7f800000, 0x00800000]
  let [a, b, c, d] = [0, 0, 0, 0]
  const last = bits.length - (bits.length % 4)
  for (let i = 0; i < last; i += 4) {
    a |= (bits[i]! & exponent) + one
    b |= (bits[i + 1]! & exponent) + one
    c |= (bits[i + 2]! & exponent) + one
    d |= (bits[i + 3]! & exponent) + one
  }
  for (let i = last; i < bits.length; i++) a |= (bits[i]! & exponent) + one
  return (a | b | c | d) >= 0
}

function allFlags(data: Uint8Array): boolean {
  let all = 0
  for (let i = 0; i < data.length; i++) all |= data[i]!
  return all <= 1
}

/** A state is one that these games give back, byte for byte, when they were given it; who plays on from numbers that are not finite fails. */
function refuseOtherState(player: TrajectoryPlayer, state: Uint8Array): void {
  let isSame: boolean
  try {
    player.restore(decodeSaved(state, true))
    isSame = isEncoded(state, player.save())
  } catch (error) {
    throw new TypeError(`state: ${(error as Error).message}`)
  }
  if (!isSame) throw new TypeError('state: none that these games and policies have')
}
