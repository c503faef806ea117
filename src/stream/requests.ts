// HTTP requests: the page, the list of sessions, and recordings to download. Each needs a token where tokens are set.
import { createReadStream, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { isMissing } from '../errors.ts'
import { addressOf, type RequestAddress } from './address.ts'
import type { Admission } from './admission.ts'
import type { Connections } from './connections.ts'
import type { PageFiles } from './page-files.ts'
import { RECORDING_PATH, SESSIONS_PATH } from './protocol.ts'
import { type PublicAddress, withoutPrefix } from './public-address.ts'
import { objectionTo } from './query.ts'
import { securityHeaders } from './security-headers.ts'
import type { Sessions } from './sessions.ts'
import type { Gate } from './tokens.ts'

export interface RequestOptions {
  readonly admission: Admission
  readonly gate: Gate
  readonly sessions: Sessions
  readonly connections: Connections
  readonly files: PageFiles
  /** Origins of other pages that may connect; they may load files too, as the client. */
  readonly origins?: readonly string[]
  readonly publicAddress?: PublicAddress | undefined
}

/** Recordings that are sent at the same time: each is a file that is open beside its connection. */
const MOST_SENT = 16

/** Listens to `request` of an HTTP server. */
export function createRequests(options: RequestOptions) {
  const { admission, gate, sessions, connections, files, origins = [], publicAddress } = options
  const prefix = publicAddress?.prefix ?? ''
  const friends = new Set(origins.map(origin => origin.toLowerCase()))
  let sent = 0
  return (request: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => {})
    const asked = addressOf(request)
    const path = withoutPrefix(asked.path, prefix)
    const address = { ...asked, path: path ?? '/' }
    const isPage = address.path === '/' || address.path === '/index.html'
    const embed = isPage && address.query.has('embed')
    for (const [name, value] of securityHeaders(hostsOf(request, publicAddress), embed)) response.setHeader(name, value)

    const objection = admission(request.headers)
    if (objection !== null) return turnAway(response, 403, objection)
    const origin = request.headers.origin?.toLowerCase()
    if (friends.size > 0) response.setHeader('vary', 'origin')
    if (origin !== undefined && friends.has(origin)) response.setHeader('access-control-allow-origin', origin)
    const unclear = objectionTo(address.query)
    if (unclear !== null) return turnAway(response, 400, unclear)
    // What lies beside the page is named relative to it.
    if (path === null) return lead(response, prefix, address)
    if (gate.roleOf(request) === null) {
      response.setHeader('www-authenticate', 'Bearer')
      return turnAway(
        response,
        401,
        'a token is needed: open this page once as /?token=<token>, or send "Authorization: Bearer <token>"',
      )
    }
    connections.recognise(request.socket)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return refuse(response, 405, 'only GET and HEAD are answered here')
    }
    const cookie = isPage ? gate.cookieFor(request) : null
    if (cookie !== null) return enter(response, cookie, prefix, address)
    if (address.path === SESSIONS_PATH)
      return send(request, response, 'application/json', Buffer.from(JSON.stringify(sessions.list())))
    if (address.path === RECORDING_PATH) {
      if (sent >= MOST_SENT) return refuse(response, 503, `${MOST_SENT} recordings are being sent; ask again later`)
      sent++
      response.once('close', () => void sent--)
      return void sendRecording(request, response, sessions, address)
    }
    const file = files.get(address.path)
    if (file === undefined) refuse(response, 404, 'no such page')
    else send(request, response, file.type, file.body)
  }
}

/** The browser keeps the cookie, and the token leaves the address bar. */
function enter(response: ServerResponse, cookie: string, prefix: string, address: RequestAddress) {
  address.query.delete('token')
  response.setHeader('set-cookie', cookie)
  lead(response, prefix, address)
}

/** To the page. */
function lead(response: ServerResponse, prefix: string, { query }: RequestAddress): void {
  const rest = query.toString()
  response.writeHead(303, { location: `${prefix}/${rest === '' ? '' : `?${rest}`}`, 'cache-control': 'no-store' })
  response.end()
}

/** How the page may be called in its own connections. */
function hostsOf({ headers: { host = '' } }: IncomingMessage, publicAddress: PublicAddress | undefined): string[] {
  return publicAddress === undefined || host === publicAddress.host ? [host] : [host, publicAddress.host]
}

function send(request: IncomingMessage, response: ServerResponse, type: string, body: Buffer): void {
  response.writeHead(200, { 'content-type': type, 'content-length': body.byteLength, 'cache-control': 'no-cache' })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The file that a session records into, or plays, as far as it is written; a file that is still growing is sent with an end of its own. */
async function sendRecording(
  request: IncomingMessage,
  response: ServerResponse,
  sessions: Sessions,
  { query }: RequestAddress,
): Promise<void> {
  const hosted = sessions.find(query.get('session'))?.hosted
  const file = hosted?.session.state.recording?.file ?? ''
  let length: number
  let ending: Uint8Array
  try {
    const { size } = statSync(file)
    const growing = await hosted?.recording?.()
    length = growing?.bytes ?? size
    ending = growing?.summary ?? new Uint8Array()
  } catch (error) {
    if (file === '' || isMissing(error)) return refuse(response, 404, 'nothing is recorded in this session')
    return refuse(response, 503, `the recording cannot be read now (${(error as Error).message}); ask again later`)
  }
  if (response.destroyed) return
  const name = basename(file).replace(/[^\w.-]/g, '_')
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': length + ending.length,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
  })
  if (request.method === 'HEAD' || length === 0)
    return void response.end(request.method === 'HEAD' ? undefined : ending)
  // No further than the length that was promised: the file grows meanwhile.
  const reading = createReadStream(file, { end: length - 1 })
    .on('error', () => response.destroy())
    .on('end', () => response.end(ending))
  // Who leaves before the end must not leave the file open.
  response.once('close', () => reading.destroy())
  reading.pipe(response, { end: false })
}

/** Who may have nothing keeps no connection either. */
function turnAway(response: ServerResponse, status: number, sentence: string): void {
  response.setHeader('connection', 'close')
  refuse(response, status, sentence)
}

/** A short answer in plain text. */
function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end(`${sentence}\n`)
}
