// Options of a stream server: sessions, tokens, other protocols. Types alone, so that programs need no other declarations.
import type { Session } from '../experiment/session.ts'
import type { Show } from '../experiment/show.ts'
import type { Role } from './protocol.ts'

/** What viewers find under one name. */
export interface HostedSession {
  /** In addresses: letters, digits, dots, dashes and underscores. */
  readonly id: string
  readonly title: string
  readonly session: Pick<Session, 'state' | 'changes$'>
  readonly show: Show
  /** Of a recording in progress: how many bytes of its file are whole, and what would end them. Absent: the file is as it is. */
  readonly recording?: (() => Promise<{ readonly bytes: number; readonly summary: Uint8Array }>) | undefined
}

/** At least 32 characters each: 128 bits even in hexadecimal digits. */
export interface Tokens {
  readonly operator?: string | undefined
  readonly viewer?: string | undefined
}

/** Speaks another protocol on a websocket that has been admitted. The server pings it and closes it with its session. */
export type Subprotocol = (socket: SubprotocolSocket, visit: Visit) => void

export interface Visit {
  readonly session: HostedSession
  readonly role: Role
  /** Of the connection, for `show.command`; `show.left` is called when it has closed. */
  readonly viewer: string
}

/** What such a protocol needs of a websocket. */
export interface SubprotocolSocket {
  readonly readyState: number
  readonly OPEN: number
  readonly bufferedAmount: number
  on(event: 'message', heard: (data: { toString(): string }, isBinary: boolean) => void): unknown
  on(event: 'close', heard: () => void): unknown
  send(data: string | Uint8Array, sent?: (error?: Error) => void): void
  terminate(): void
}
