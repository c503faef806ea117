// Tickets as they travel, signed, and what comes back for them.
import { decodeSaved, encodeSaved } from '../actors/saved-bytes.ts'
import type { Saved } from '../types.ts'
import type { RunKey, Unsealing } from './run-key.ts'

/** Leave for one process to play one trajectory. */
export interface RemoteTicket {
  /** Rises with every ticket of a session. */
  readonly id: number
  readonly session: string
  /** Which start of the process it is for. */
  readonly instance: string
  readonly actor: number
  readonly number: number
  /** null: the newest weights when it begins. */
  readonly version: number | null
  /** Whether the columns are wanted: else it is played for the state that it leads to. */
  readonly wanted: boolean
  /** Rises where all is asked for anew: the process forgets its actors. */
  readonly generation: number
  /** Where the actor begins: a state, or null, anew. Absent: where its last trajectory ended. */
  readonly from?: Saved
}

/** Fields of an entry of the stream of what a process played. */
export interface Answer {
  readonly ticket: number
  readonly session: string
  /** What was played: a message of the trajectory, of which only the header and the state where no columns were wanted; null: it could not be. */
  readonly message: Uint8Array | null
  /** Why it could not be played, as JSON. */
  readonly thrown: string | null
}

const purpose = (session: string) => `ticket of ${session}`

export function sealTicket(key: RunKey, ticket: RemoteTicket): Uint8Array {
  return key.seal(purpose(ticket.session), encodeSaved(ticket as unknown as Saved))
}

/** @throws TypeError where it is not signed for this session */
export function openTicket(unsealing: Unsealing, session: string, sealed: Uint8Array): RemoteTicket {
  return decodeSaved(unsealing.open(purpose(session), sealed)) as unknown as RemoteTicket
}

/** The fields of a stream entry that carries a ticket. */
export const ticketField = 'ticket'

/** An answer as the fields of a stream entry, names and values in turn. */
export function answerFields({ ticket, session, message, thrown }: Answer): (string | Buffer)[] {
  const what = message === null ? ['thrown', thrown ?? ''] : ['message', Buffer.from(message)]
  return ['ticket', String(ticket), 'session', session, ...what]
}

/** Bytes of a text in an answer at most: those of a reason that is said; others are shorter. */
const longestText = 1000

/** @throws TypeError where fields are missing, or are none of an answer */
export function readAnswer(fields: readonly Buffer[]): Answer {
  const found = new Map<string, Buffer>()
  for (let i = 0; i + 1 < fields.length; i += 2) found.set(textOf(fields[i]!), fields[i + 1]!)
  const [ticket, session, message, thrown] = ['ticket', 'session', 'message', 'thrown'].map(name => found.get(name))
  const id = Number(textOf(ticket))
  if (
    !/^\d+$/.test(textOf(ticket)) ||
    !Number.isSafeInteger(id) ||
    session === undefined ||
    (message ?? thrown) === undefined
  ) {
    throw new TypeError('answer: expected ticket, session and message')
  }
  return { ticket: id, session: textOf(session), message: message ?? null, thrown: thrown ? textOf(thrown) : null }
}

/** What somebody else wrote may be longer than a string can be. */
function textOf(bytes: Buffer = Buffer.of()): string {
  return bytes.toString('utf8', 0, longestText)
}
