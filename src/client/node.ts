// marlstrom/client in Node.js, which has a websocket of its own from version 22 on; before, that of the package ws.
import { WebSocket } from 'ws'
import { type Client, type ConnectOptions, connect as connectHere } from './connect.ts'
import type { SocketConstructor } from './stream-connection.ts'

export { createClient, emptyView, PROTOCOL, SPEED } from './connect.ts'

/** As `connect` of connect.ts. */
export function connect(address: string | URL, options: ConnectOptions = {}): Client {
  const own = (globalThis as unknown as { WebSocket?: SocketConstructor }).WebSocket
  return connectHere(address, { WebSocket: own ?? (WebSocket as unknown as SocketConstructor), ...options })
}
