// Which host names and origins the server accepts: its own and those of local programs. Keeps pages of other websites out.
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** Why a request is turned away, or null when it may pass. Asked on every HTTP request and every upgrade. */
export type Admission = (headers: IncomingHttpHeaders) => string | null

export interface AdmissionOptions {
  readonly port: number
  /** The address that the server is bound to. */
  readonly host: string
  /** Origins of other pages that may connect, `https://viewer.example.org`. */
  readonly origins?: readonly string[]
}

/**
 * Admits requests addressed to this server by a name of its own. A foreign Host means DNS rebinding; a foreign Origin means
 * that a page of another website is asking. Browsers always send Origin on a websocket; programs that send none are no pages.
 */
export function createAdmission({ port, host, origins = [] }: AdmissionOptions): Admission {
  const names = [...new Set(isLoopback(host) ? ['127.0.0.1', 'localhost', inUrl(host)] : ['localhost', inUrl(host)])]
  // Other websites can have a name that leads here; they cannot have an address as their name.
  const anyAddress = !isLoopback(host)
  const friends = origins.map(origin => origin.toLowerCase())
  return headers => {
    const asked = headers.host?.toLowerCase() ?? ''
    const known = names.some(name => asked === `${name}:${port}` || (port === 80 && asked === name))
    if (!known && !(anyAddress && isAddress(asked, port))) {
      return `Host must be ${names.map(name => `${name}:${port}`).join(' or ')}${anyAddress ? ' or an address' : ''}`
    }
    const origin = headers.origin?.toLowerCase()
    if (origin === undefined || origin === `http://${asked}` || friends.includes(origin)) return null
    return `Origin must be http://${asked}${friends.map(friend => ` or ${friend}`).join('')}`
  }
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
