// --public-url: the address at which people reach a server behind a reverse proxy, https://lab.example/marl. It gives Host, Origin and prefix.
import { ConfigError } from '../errors.ts'
import { RECORDING_PATH, SESSIONS_PATH, STREAM_PATH } from './protocol.ts'

export interface PublicAddress {
  /** With a slash at its end, `https://lab.example/marl/`. */
  readonly url: string
  /** `https://lab.example` */
  readonly origin: string
  /** What proxies that keep the Host send, `lab.example`, with its port where that is not the usual one. */
  readonly host: string
  /** `/marl`; empty: none. */
  readonly prefix: string
  readonly isSecure: boolean
  /** `lab.example`, an address of IPv6 without brackets. */
  readonly hostname: string
}

/** @throws ConfigError for what is no such address. */
export function readPublicUrl(text: string): PublicAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '') {
    throw new ConfigError('public-url', `expected an address like https://lab.example/marl, got '${text}'`)
  }
  const prefix = url.pathname.replace(/\/+$/, '')
  if (!/^(\/[\w.~-]+)*$/.test(prefix)) {
    throw new ConfigError('public-url', `a path of letters, digits and any of - . _ ~ is expected, got '${prefix}'`)
  }
  const own = [STREAM_PATH, SESSIONS_PATH, RECORDING_PATH, '/assets'].find(path => path === prefix.toLowerCase())
  if (own !== undefined)
    throw new ConfigError('public-url', `the page has a path ${own} of its own; choose another one`)
  return {
    url: `${url.origin}${prefix}/`,
    origin: url.origin,
    host: url.host,
    prefix,
    isSecure: url.protocol === 'https:',
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
  }
}

/** The path of a request as the page knows it, whether the proxy has taken the prefix away or not; null: the prefix alone, without a slash. */
export function withoutPrefix(path: string, prefix = ''): string | null {
  if (prefix !== '' && path === prefix) return null
  return prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path
}
