// The address of a stream: that of its websocket, or of the page beside it.
import { STREAM_PATH } from '../stream/protocol.ts'

/** What may stand in the address, or beside it. */
export interface AddressOptions {
  /** Which session, where a server has several. */
  readonly session?: string | undefined
  /** Where the server asks for one; as good as `?token=` in the address. */
  readonly token?: string | undefined
  /** `viewer`: only watch, whatever the token allows. */
  readonly role?: 'viewer' | undefined
}

/** `ws://127.0.0.1:8120/stream` for that, for `http://127.0.0.1:8120/` and for `ws://127.0.0.1:8120`. @throws TypeError with a sentence. */
export function streamAddress(address: string | URL, options: AddressOptions = {}): URL {
  const base = (globalThis as { readonly location?: { readonly href: string } }).location?.href
  const given = String(address)
  if (!URL.canParse(given, base)) throw wrong(given)
  const url = new URL(given, base)
  const protocol = protocols[url.protocol]
  if (protocol === undefined) throw wrong(given)
  const query = new URLSearchParams()
  for (const name of ['session', 'token', 'role'] as const) {
    const value = options[name] ?? url.searchParams.get(name)
    if (value !== null) query.set(name, value)
  }
  // Of /marl/index.html the stream is beside the file.
  const folder = url.pathname.endsWith(STREAM_PATH)
    ? url.pathname.slice(0, -STREAM_PATH.length)
    : url.pathname.replace(/\/([^/]*\.[^/]*)?$/, '')
  return new URL(`${protocol}//${url.host}${folder}${STREAM_PATH}${query.size > 0 ? `?${query}` : ''}`)
}

/** The address without what gives rights, for sentences. */
export function withoutToken(address: URL): string {
  const url = new URL(address)
  url.searchParams.delete('token')
  return url.href
}

const protocols: Readonly<Record<string, string>> = { 'ws:': 'ws:', 'wss:': 'wss:', 'http:': 'ws:', 'https:': 'wss:' }

function wrong(given: string): TypeError {
  return new TypeError(
    `connect: expected the address of a stream or of its page, like ws://127.0.0.1:8120/stream or http://127.0.0.1:8120/, got '${given}'`,
  )
}
