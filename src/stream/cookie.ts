// The one cookie of this server: scripts cannot read it, and pages of other websites cannot make a browser send it.

/** The value of a cookie in a request's header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

/** What sets it until the browser is closed, for addresses below `path`. `value` needs no escaping. */
export function writeCookie(name: string, value: string, path = '/', isSecure = false): string {
  return `${name}=${value}; Path=${path}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
}
