// Connections to the server: how many there may be, and which of them make room for others.
import { isIPv4 } from 'node:net'
import type { Descriptors } from './descriptors.ts'

/** What is needed of a socket. */
export interface ConnectedSocket {
  readonly remoteAddress?: string | undefined
  destroy(): unknown
  once(event: 'close', heard: () => void): unknown
}

export interface ConnectionOptions {
  /** Tokens are needed: then one network may have so many connections that have shown none. Without tokens: any number. */
  readonly guarded: boolean
  readonly descriptors: Descriptors
  /** Addresses of proxies, whose connections are those of many people. */
  readonly proxies?: readonly string[]
  /** Does something when what has come in meanwhile was read. Absent: by the event loop. */
  readonly later?: (work: () => void) => void
}

export interface Connections {
  /** A connection was accepted. It stays, a stranger that came before it makes room, or it is ended. */
  accept(connection: ConnectedSocket): void
  /** A connection has asked for what it may have, with a token where one is needed: it is no stranger any more. */
  recognise(connection: unknown): void
}

export const MOST_CONNECTIONS = 8192

/** Strangers of one IPv4 address or IPv6 /64. Who comes with a token is a stranger for the time of one request. */
export const MOST_STRANGERS = 128

/**
 * A stranger is a connection that has not yet asked for anything that it may have. Where there are too many connections, the oldest stranger is
 * ended and not the newest: idle connections never keep out a client with a token.
 */
export function createConnections(options: ConnectionOptions): Connections {
  const { guarded, descriptors, proxies = [], later = afterReading } = options
  const trusted = new Set(proxies.map(plain))
  const mostOfOne = guarded ? Math.max(4, Math.min(MOST_STRANGERS, Math.floor(descriptors.room() / 4))) : Infinity
  const open = new Set<ConnectedSocket>()
  /** Strangers and their networks, oldest first; null: of a proxy, which has no limit of its own. */
  const strangers = new Map<ConnectedSocket, string | null>()
  const byNetwork = new Map<string, Set<ConnectedSocket>>()

  const recognise = (connection: ConnectedSocket) => {
    const network = strangers.get(connection) ?? null
    strangers.delete(connection)
    if (network === null) return
    const others = byNetwork.get(network)!
    others.delete(connection)
    if (others.size === 0) byNetwork.delete(network)
  }
  const forget = (connection: ConnectedSocket) => {
    open.delete(connection)
    recognise(connection)
  }
  const end = (connection: ConnectedSocket) => {
    forget(connection)
    connection.destroy()
  }

  const thin = (network: string) => {
    const same = byNetwork.get(network) ?? new Set()
    for (const connection of same) if (same.size > mostOfOne) end(connection)
  }

  return {
    accept(connection) {
      const { remoteAddress } = connection
      // It has ended already.
      if (remoteAddress === undefined) return void connection.destroy()
      if (open.size >= MOST_CONNECTIONS || !descriptors.isRoom()) {
        const [oldest] = strangers.keys()
        if (oldest === undefined) return void connection.destroy()
        end(oldest)
      }
      const network = trusted.has(plain(remoteAddress)) ? null : networkOf(remoteAddress)
      open.add(connection)
      strangers.set(connection, network)
      connection.once('close', () => forget(connection))
      if (network === null) return
      const same = byNetwork.get(network) ?? new Set()
      byNetwork.set(network, same.add(connection))
      // An audience that comes back at once has sent its tokens already.
      if (same.size === mostOfOne + 1) later(() => thin(network))
    },
    recognise: connection => recognise(connection as ConnectedSocket),
  }
}

/** Sockets are read once in each turn of the event loop, immediates come behind that: with the second, all that was there has been read. */
function afterReading(work: () => void): void {
  setImmediate(() => setImmediate(work))
}

/** What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 address (RFC 6177). */
export function networkOf(address: string): string {
  const text = plain(address)
  return text.includes(':') ? `${groupsOf(text).slice(0, 4).join(':')}::/64` : text
}

/** An address in one way of writing: IPv4 also where it comes as IPv6 (RFC 4291, 2.5.5.2), without a zone. */
function plain(address: string): string {
  const text = address.replace(/%.*$/, '').toLowerCase()
  if (!text.includes(':')) return text
  const groups = groupsOf(text)
  if (groups.slice(0, 6).join() !== '0,0,0,0,0,ffff') return groups.join(':')
  return groups
    .slice(6)
    .flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join('.')
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const dotted = address.slice(address.lastIndexOf(':') + 1)
  const text = isIPv4(dotted) ? `${address.slice(0, -dotted.length)}${hexadecimal(dotted)}` : address
  const [head = '', tail] = text.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map(it => Number.parseInt(it, 16).toString(16)))
  if (tail === undefined) return groups(head)
  const [first, last] = [groups(head), groups(tail)]
  return [...first, ...Array(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last]
}

function hexadecimal(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}
