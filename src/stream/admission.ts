// Which host names and origins the server accepts: its own and those of local programs. Keeps pages of other websites out.
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { PublicAddress } from './public-address.ts'

/** Why a request is turned away, or null when it may pass. Asked on every HTTP request and every upgrade. */
export type Admission = (headers: IncomingHttpHeaders) => string | null

export interface AdmissionOptions {
  readonly port: number
  /** The address that the server is bound to. */
  readonly host: string
  /** Origins of other pages that may connect, `https://viewer.example.org`. */
  readonly origins?: readonly string[]
  /** Where people reach the server behind a proxy. */
  readonly publicAddress?: PublicAddress | undefined
}

/**
 * Admits requests addressed to this server by a name of its own. A foreign Host means DNS rebinding; a foreign Origin means
 * that a page of another website is asking. Browsers always send Origin on a websocket; programs that send none are no pages.
 */
export function createAdmission({ port, host, origins = [], publicAddress }: AdmissionOptions): Admission {
  const names = [...new Set(isLoopback(host) ? ['127.0.0.1', 'localhost', inUrl(host)] : ['localhost', inUrl(host)])]
  // Other websites can have a name that leads here; they cannot have an address as their name.
  const anyAddress = !isLoopback(host)
  const friends = [...origins, ...(publicAddress === undefined ? [] : [publicAddress.origin])].map(origin =>
    origin.toLowerCase(),
  )
  const publicHosts = publicAddress === undefined ? [] : hostsOf(publicAddress)
  return headers => {
    const asked = headers.host?.toLowerCase() ?? ''
    const known = names.some(name => asked === `${name}:${port}` || (port === 80 && asked === name))
    const own = known || (anyAddress && isAddress(asked, port))
    if (!own && !publicHosts.includes(asked)) {
      const hosts = [...publicHosts.slice(0, 1), ...names.map(name => `${name}:${port}`)]
      return `Host must be ${hosts.join(' or ')}${anyAddress ? ' or an address' : ''}`
    }
    const origin = headers.origin?.toLowerCase()
    const welcome = own ? [`http://${asked}`, ...friends] : friends
    return origin === undefined || welcome.includes(origin) ? null : `Origin must be ${welcome.join(' or ')}`
  }
}

/** As browsers and proxies name it: the usual port may stand there or not. */
function hostsOf({ host, isSecure }: PublicAddress): readonly string[] {
  return /:\d+$/.test(host) ? [host] : [host, `${host}:${isSecure ? 443 : 80}`]
}

/** Whether only programs of this machine reach a server that is bound to this address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** An address as it stands in a URL: IPv6 in brackets. */
export function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host.toLowerCase()
}

function isAddress(asked: string, port: number): boolean {
  const [, name = '', given = '80'] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(asked) ?? []
  return given === String(port) && isIP(name.replace(/^\[|\]$/g, '')) !== 0
}
