// Websocket upgrades: accepted, or refused with a sentence, then passed to the session that they name.
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { addressOf } from './address.ts'
import type { Admission } from './admission.ts'
import type { Broadcast, Resumption } from './broadcast.ts'
import type { Connections } from './connections.ts'
import type { Subprotocol, Visit } from './hosting.ts'
import { STREAM_PATH } from './protocol.ts'
import { type PublicAddress, withoutPrefix } from './public-address.ts'
import { objectionToStream, resumptionOf } from './query.ts'
import type { Sessions } from './sessions.ts'
import type { Gate } from './tokens.ts'
import { ViewerConnection } from './viewer-connection.ts'

export interface UpgradeOptions {
  readonly admission: Admission
  readonly gate: Gate
  readonly sessions: Sessions
  readonly connections: Connections
  /** By the name that is negotiated (Sec-WebSocket-Protocol); programs that speak them may connect at / too. */
  readonly subprotocols: Readonly<Record<string, Subprotocol>>
  readonly publicAddress?: PublicAddress | undefined
}

/** More connections than this are no audience. */
const MOST_VIEWERS = 4096

/** Listens to `upgrade` of an HTTP server. */
export function createUpgrades(options: UpgradeOptions) {
  const { admission, gate, sessions, connections, subprotocols, publicAddress } = options
  const known = new Map(Object.entries(subprotocols))
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 65_536,
    maxFragments: 16,
    maxBufferedChunks: 256,
    perMessageDeflate: false,
    handleProtocols: offered => [...offered].find(name => known.has(name)) ?? false,
  })
  sockets.on('error', () => {})
  let visits = 0

  return (request: IncomingMessage, network: Duplex, head: Buffer) => {
    network.on('error', () => {})
    const { path: asked, query } = addressOf(request)
    const path = withoutPrefix(asked, publicAddress?.prefix) ?? '/'
    const broadcast = sessions.find(query.get('session'))
    const role = gate.roleOf(request)
    const refusal = admission(request.headers)
    if (refusal !== null) return turnAway(network, 403, refusal)
    const objection = objectionToStream(query)
    if (objection !== null) return turnAway(network, 400, objection)
    if (role === null) return turnAway(network, 401, 'a token is needed')
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
    if (path !== STREAM_PATH && !(path === '/' && offered.some(name => known.has(name)))) {
      return turnAway(network, 404, `the stream is at ${STREAM_PATH}`)
    }
    if (broadcast === undefined) return turnAway(network, 404, whichSession(sessions))
    if (sessions.viewers.value >= MOST_VIEWERS) return turnAway(network, 503, 'too many viewers are connected')

    connections.recognise(network)
    sockets.handleUpgrade(request, network, head, socket => {
      const visit: Visit = {
        session: broadcast.hosted,
        role: query.get('role') === 'viewer' ? 'viewer' : role,
        viewer: `viewer-${++visits}`,
      }
      const subprotocol = known.get(socket.protocol)
      if (subprotocol === undefined) watch(broadcast, socket, network, visit, resumptionOf(query))
      else {
        broadcast.receive(socket, visit.viewer)
        subprotocol(socket, visit)
      }
      socket.on('close', () => sessions.count())
      sessions.count()
    })
  }
}

function watch(
  broadcast: Broadcast,
  socket: WebSocket,
  network: Duplex,
  { viewer, role }: Visit,
  resumption: Resumption | null,
): void {
  const connection = new ViewerConnection(viewer, role, socket, network, broadcast)
  socket.on('close', () => broadcast.leave(connection))
  broadcast.join(connection, resumption)
}

function whichSession(sessions: Sessions): string {
  const ids = sessions.list().map(({ id }) => id)
  return ids.length === 0
    ? 'nothing is shown here any more'
    : `no such session; add ?session= with one of: ${ids.join(', ')}`
}

/** Ends a connection that never became a request or a websocket. */
export function turnAway(socket: Duplex, status: number, sentence: string): void {
  if (!socket.writable) return void socket.destroy()
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: text/plain; charset=utf-8',
  ]
  if (status === 401) head.push('www-authenticate: Bearer')
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${sentence}\n`)
}
