// What a client is connected to: a server, or a game within the page itself.
import type { Request, ServerMessage, StreamedFrame, StreamedInspection } from '../stream/protocol.ts'
import type { Heard } from './frame-order.ts'
import type { Problem } from './why-not.ts'

/** What a connection tells of. */
export interface ConnectionEvents {
  onMessage(message: ServerMessage): void
  onFrame(frame: StreamedFrame): void
  onInspection(inspection: StreamedInspection): void
  onLost(): void
  onProblem(problem: Problem): void
  /** From where to go on after a loss. */
  heard(): Heard | null
}

/** An open line: requests go out by it. */
export interface Connection {
  send(request: Request): void
  close?(): void
}

/** Opens a connection, which tells what comes by way of `events`. */
export type Connector = (events: ConnectionEvents) => Connection
