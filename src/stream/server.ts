// The stream server: serves the page, shows sessions to viewers, and passes their commands on. Wires the parts of this room together.
import { createServer } from 'node:http'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Observable } from 'rxjs'
import { ConfigError } from '../errors.ts'
import { createAdmission, inUrl } from './admission.ts'
import { createConnections } from './connections.ts'
import { createDescriptors, type Descriptors } from './descriptors.ts'
import type { HostedSession, Subprotocol, Tokens } from './hosting.ts'
import { listen } from './listen.ts'
import { readPage } from './page-files.ts'
import { readPublicUrl } from './public-address.ts'
import { createRequests } from './requests.ts'
import { Sessions } from './sessions.ts'
import { createGate, expectGuarded } from './tokens.ts'
import { createUpgrades, turnAway } from './upgrades.ts'
import { BEAT_MS } from './viewer-connection.ts'

/** Where the server listens, whom it lets in, and what it shows. */
export interface StreamServerOptions {
  /** Absent: the first free one from 8120. 0: any. */
  readonly port?: number | undefined
  /** The address to listen at; absent: 127.0.0.1, this machine only. A wider one needs an operator's token. */
  readonly host?: string | undefined
  readonly tokens?: Tokens | undefined
  /** Origins of other pages that may connect, `https://viewer.example.org`. */
  readonly origins?: readonly string[] | undefined
  /** Where people reach the server behind a reverse proxy, `https://lab.example/marl`; whether it keeps the path and the Host is its affair. */
  readonly publicUrl?: string | undefined
  /** Addresses of proxies in front of the server, whose connections are those of many people. */
  readonly proxies?: readonly string[] | undefined
  /** Folder of the built page. */
  readonly page: string
  /** Other websocket protocols, by the name that is negotiated. */
  readonly subprotocols?: Readonly<Record<string, Subprotocol>> | undefined
}

/** A server of the live page and its websocket, of one session or of several. */
export interface StreamServer {
  /** Where to point a browser, `http://127.0.0.1:8120/`, or the public address; without the token. */
  readonly url: string
  /** Where it listens: the same, or what a proxy is to be pointed at. */
  readonly listening: string
  /** A token is needed: who opens the page adds it once, as `?token=`. */
  readonly guarded: boolean
  /** How many viewers are connected: the present number first, then every change. */
  readonly viewers$: Observable<number>
  /** Shows another session. @throws TypeError when its id is taken or cannot stand in an address. */
  add(session: HostedSession): void
  /** Takes a session away; its viewers get `message` as the last message. Resolves when they are gone. */
  remove(id: string, message: string): Promise<void>
  /** Sends `message` to every viewer as the last word, closes, and frees the port. The first call counts. */
  close(message: string): Promise<void>
}

/** Milliseconds within which a client has to send its request. */
const HEADERS_MS = 10_000
const REQUEST_MS = 20_000
/** A page opens about so many connections. */
const FEWEST_CONNECTIONS = 8

/**
 * A server without sessions yet. Slow viewers never hold up a session or each other. Until it is closed, the open port keeps the
 * process alive.
 * @throws ConfigError when the port cannot be had, a token is too weak, or a wider address has no token; FileError when the page is
 * not built.
 */
export async function createStreamServer(options: StreamServerOptions): Promise<StreamServer> {
  const { host = '127.0.0.1', tokens = {}, origins = [], proxies = [], subprotocols = {} } = options
  const files = readPage(options.page)
  const publicAddress = options.publicUrl === undefined ? undefined : readPublicUrl(options.publicUrl)
  expectGuarded(tokens, host, publicAddress)
  expectAddresses(proxies)
  const descriptors = createDescriptors()
  expectRoom(descriptors)
  const http = createServer({
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16 * 1024,
  })
  const port = await listen(http, host, options.port)
  const sessions = new Sessions()
  const gate = createGate(tokens, port, publicAddress)
  const connections = createConnections({ guarded: gate.guarded, descriptors, proxies })
  const admission = createAdmission({ port, host, origins, publicAddress })
  const parts = { admission, gate, sessions, connections, publicAddress }

  http.on('error', () => {}) // out of file descriptors, say: that viewer is lost, the run is not
  http.on('connection', connections.accept)
  http.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? turnAway(socket, 408, 'no whole request came in time')
      : turnAway(socket, 400, 'this was no HTTP request'),
  )
  http.on('request', createRequests({ ...parts, files, origins }))
  http.on('upgrade', createUpgrades({ ...parts, subprotocols }))
  const heartbeat = setInterval(() => sessions.beat(), BEAT_MS).unref()

  async function shutDown(message: string): Promise<void> {
    clearInterval(heartbeat)
    const closed = new Promise<void>(resolve => http.close(() => resolve()))
    await sessions.close(message)
    http.closeAllConnections()
    await closed
    sessions.viewers.complete()
  }

  const listening = `http://${inUrl(reachable(host))}:${port}/`
  let closing: Promise<void> | null = null
  return {
    url: publicAddress?.url ?? listening,
    listening,
    guarded: gate.guarded,
    viewers$: sessions.viewers.asObservable(),
    add: session => sessions.add(session),
    remove: (id, message) => sessions.remove(id, message),
    close: message => (closing ??= shutDown(message)),
  }
}

function expectAddresses(proxies: readonly string[]): void {
  const wrong = proxies.find(proxy => isIP(proxy) === 0)
  if (wrong !== undefined) throw new ConfigError('proxies', `expected an IP address like 192.0.2.1, got '${wrong}'`)
}

/** Before the port is taken: a server that nobody can reach is none. */
function expectRoom({ limit, room }: Descriptors): void {
  if (room() >= FEWEST_CONNECTIONS) return
  throw new ConfigError(
    'watch',
    `this process may have ${limit} files and connections open, which leaves no room for viewers; raise the limit, ` +
      'for example with: ulimit -n 1024',
  )
}

/** An address that another machine can ask for, where the server listens at all of them. */
function reachable(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host
  const wide = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  return wide?.address ?? '127.0.0.1'
}
