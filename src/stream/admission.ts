// Who may talk to the server: pages that it served itself, and local programs. Keeps other websites' pages out.
import type { IncomingHttpHeaders } from 'node:http'

/** Why a request is turned away, or null when it may pass. Asked on every HTTP request and every upgrade. */
export type Admission = (headers: IncomingHttpHeaders) => string | null

/**
 * Admits requests addressed to this machine on `port`. A foreign Host means DNS rebinding; a foreign Origin means that a page
 * of another website is asking. Browsers always send Origin on a websocket; programs that send none are local ones.
 */
export function createAdmission(port: number): Admission {
  const hosts = localHosts(port)
  const origins = hosts.map(host => `http://${host}`)
  return headers => {
    if (headers.host === undefined || !hosts.includes(headers.host.toLowerCase())) {
      return `Host must be ${hosts.join(' or ')}`
    }
    if (headers.origin !== undefined && !origins.includes(headers.origin.toLowerCase())) {
      return `Origin must be ${origins.join(' or ')}`
    }
    return null
  }
}

/** The names under which the server is reached; a browser leaves out port 80. */
export function localHosts(port: number): readonly string[] {
  const names = ['127.0.0.1', 'localhost']
  return [...names.map(name => `${name}:${port}`), ...(port === 80 ? names : [])]
}
