// marlstrom/client: a client of a stream, for browsers and, by way of node.ts, for Node.js.
import { type Client, createClient } from './client.ts'
import { type AddressOptions, streamAddress } from './stream-address.ts'
import { connectTo, type SocketConstructor } from './stream-connection.ts'

export { SPEED } from '../experiment/commands.ts'
export type {
  Command,
  Frame,
  FrameAgent,
  FrameEntity,
  FrameField,
  FrameSchema,
  Inspection,
  Role,
  SessionState,
  SessionSummary,
  StreamedFrame,
  StreamedInspection,
} from '../stream/protocol.ts'
export { PROTOCOL } from '../stream/protocol.ts'
export { type Client, createClient, type Welcomed } from './client.ts'
export type { Connection, ConnectionEvents, Connector } from './connection.ts'
export type { Heard } from './frame-order.ts'
export type { MetricPoint } from './metric-points.ts'
export type { Question } from './requests.ts'
export type { AddressOptions } from './stream-address.ts'
export type { Socket, SocketConstructor } from './stream-connection.ts'
export { type ConnectionState, emptyView, type View } from './view.ts'
export type { Problem } from './why-not.ts'

/** Which session is asked for, as whom, and how often frames come. */
export interface ConnectOptions extends AddressOptions {
  /** Frames a second, 1 to 60; absent: 30. */
  readonly rate?: number | undefined
  /** Absent: that of the browser or of Node.js. */
  readonly WebSocket?: SocketConstructor | undefined
}

/**
 * A client of the stream at `address`, `ws://127.0.0.1:8120/stream`; that of the page, `http://127.0.0.1:8120/`, will do. It goes on
 * until `close` and opens a connection that was lost again. @throws TypeError for what is no such address.
 */
export function connect(address: string | URL, options: ConnectOptions = {}): Client {
  const { rate, WebSocket = (globalThis as unknown as { WebSocket?: SocketConstructor }).WebSocket } = options
  if (WebSocket === undefined)
    throw new TypeError("connect: there is no WebSocket here; give one, as `WebSocket` of the package 'ws'")
  const client = createClient(connectTo(streamAddress(address, options), WebSocket))
  if (rate !== undefined) client.rate(rate)
  return client
}
