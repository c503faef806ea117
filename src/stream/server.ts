// The stream server: serves the page, sends every viewer the session and the frames, and passes commands on.
import { createServer, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { BehaviorSubject, type Observable, Subscription, tap } from 'rxjs'
import { WebSocketServer } from 'ws'
import type { Frame, FrameSchema } from '../envs/frame.ts'
import type { Command, SessionChange, SessionState } from '../experiment/session.ts'
import { createAdmission } from './admission.ts'
import { encodeFrame } from './frame-codec.ts'
import { listen } from './listen.ts'
import { readPage, refuse, securityHeaders, servePage } from './page-files.ts'
import { PROTOCOL, type ServerMessage, STREAM_PATH } from './protocol.ts'
import { ViewerConnection } from './viewer-connection.ts'

const PING_MS = 15_000
/** How long `close` waits for the last word to arrive. */
const FAREWELL_MS = 1000

export interface StreamServerOptions {
  /** Absent: the first free one from 8120. 0: any. */
  readonly port?: number | undefined
  /** Folder of the built page. */
  readonly page: string
  readonly schema: FrameSchema
  /** Later schemas: every viewer is welcomed anew, and the frames that follow are of the new schema. */
  readonly schema$?: Observable<FrameSchema>
  readonly changes$: Observable<SessionChange>
  readonly frames$: Observable<Frame>
  /** What it throws goes back to the viewer as a refusal. */
  onCommand(command: Command): void
}

export interface StreamServer {
  /** Where to point a browser, `http://127.0.0.1:8120/`. */
  readonly url: string
  /** How many viewers are connected: the present number first, then every change. */
  readonly viewers$: Observable<number>
  /** Sends `message` to every viewer as the last word, closes, and frees the port. The first call counts. */
  close(message: string): Promise<void>
}

/**
 * A server on 127.0.0.1. Slow viewers never hold up the streams. Until it is closed, the open port keeps the process alive.
 * Throws a ConfigError when the port cannot be had, a FileError when the page is not built.
 */
export async function createStreamServer(options: StreamServerOptions): Promise<StreamServer> {
  const files = readPage(options.page)
  const http = createServer()
  const port = await listen(http, options.port)
  const admission = createAdmission(port)
  const headers = Object.entries(securityHeaders(port))

  const viewers = new Set<ViewerConnection>()
  const count = new BehaviorSubject(0)
  const streams = new Subscription()
  let { schema } = options
  let state: SessionState | null = null
  let newest: { readonly frame: Frame; bytes: Uint8Array | null } | null = null
  let closing: Promise<void> | null = null

  /** Encoded when the first viewer asks for it, and once only. */
  function newestFrame(): Uint8Array | null {
    return newest && (newest.bytes ??= encodeFrame(newest.frame, schema))
  }

  function welcome(viewer: ViewerConnection): void {
    if (state === null) return
    viewer.welcomed = true
    viewer.send(text({ type: 'welcome', protocol: PROTOCOL, state, schema }))
    const frame = newestFrame()
    if (frame) viewer.sendFrame(frame)
  }

  function changed(change: SessionChange): void {
    state = change.state
    const patches = change.patches.length > 0 ? text({ type: 'patches', patches: change.patches }) : null
    for (const viewer of viewers) {
      if (!viewer.welcomed) welcome(viewer)
      else if (patches) viewer.send(patches)
    }
  }

  function recast(next: FrameSchema): void {
    schema = next
    newest = null
    for (const viewer of viewers) if (viewer.welcomed) welcome(viewer)
  }

  function pictured(frame: Frame): void {
    newest = { frame, bytes: null }
    for (const viewer of viewers) if (viewer.welcomed) viewer.sendFrame(newestFrame()!)
  }

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 65_536,
    maxFragments: 16,
    maxBufferedChunks: 256,
    perMessageDeflate: false,
  })
  sockets.on('error', ignore)
  sockets.on('connection', socket => {
    const viewer = new ViewerConnection(socket, { newestFrame, onCommand: options.onCommand })
    socket.on('close', () => {
      viewers.delete(viewer)
      count.next(viewers.size)
    })
    viewers.add(viewer)
    count.next(viewers.size)
    welcome(viewer)
  })

  http.on('error', ignore) // out of file descriptors, say: that viewer is lost, the run is not
  http.on('clientError', (_error, socket) => turnAway(socket, 400, 'this was no HTTP request'))
  http.on('request', (request, response) => {
    response.on('error', ignore)
    for (const [name, value] of headers) response.setHeader(name, value)
    const objection = admission(request.headers)
    if (objection) refuse(response, 403, objection)
    else servePage(files, request, response)
  })
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', ignore)
    const objection = admission(request.headers)
    if (objection) turnAway(socket, 403, objection)
    else if (request.url !== STREAM_PATH) turnAway(socket, 404, `the stream is at ${STREAM_PATH}`)
    else if (closing) turnAway(socket, 503, 'the run has ended')
    else sockets.handleUpgrade(request, socket, head, viewer => sockets.emit('connection', viewer, request))
  })

  const heartbeat = setInterval(() => {
    for (const viewer of viewers) viewer.beat()
  }, PING_MS).unref()

  async function shutDown(message: string): Promise<void> {
    clearInterval(heartbeat)
    streams.unsubscribe()
    const closed = new Promise<void>(resolve => http.close(() => resolve()))
    await within(FAREWELL_MS, Promise.all([...viewers].map(viewer => viewer.farewell(message))))
    for (const viewer of viewers) viewer.cutOff()
    http.closeAllConnections()
    await closed
    count.complete()
  }

  const close = (message: string): Promise<void> => (closing ??= shutDown(message))
  // Whoever feeds a stream hears of its error too; viewers must not be left with a picture that silently stands still.
  const error = (cause: unknown): void =>
    void close(`the live view stopped: ${cause instanceof Error ? cause.message : String(cause)}`)
  streams.add(options.changes$.pipe(tap(changed)).subscribe({ error }))
  streams.add(options.schema$?.pipe(tap(recast)).subscribe({ error }))
  streams.add(options.frames$.pipe(tap(pictured)).subscribe({ error }))

  return { url: `http://127.0.0.1:${port}/`, viewers$: count.asObservable(), close }
}

function text(message: ServerMessage): string {
  return JSON.stringify(message)
}

/** Ends a connection that never became a request or a websocket. */
function turnAway(socket: Duplex, status: number, sentence: string): void {
  if (!socket.writable) return void socket.destroy()
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close', 'content-type: text/plain']
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${sentence}\n`)
}

/** Resolves with `promise`, or when the time is up. */
function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    void promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function ignore(): void {}
