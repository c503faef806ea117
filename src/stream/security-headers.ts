// Security headers of every response: the page loads from its own server only, talks to it only, and is framed by nobody.

/**
 * `hosts`: the name and port that were asked, and those that people see where a proxy asks for another. A page for embedding may be framed by anyone: it only watches, so that no click on it
 * does anything (see `role=viewer` of the stream).
 */
export function securityHeaders(hosts: readonly string[], embed: boolean): [name: string, value: string][] {
  // Some browsers do not count a websocket as 'self'. Only a plain name goes into a header: the request is not admitted yet.
  const plain = hosts.filter(host => /^[\w.:[\]-]+$/.test(host))
  const stream = plain.map(host => ` ws://${host} wss://${host}`).join('')
  return [
    [
      'content-security-policy',
      [
        "default-src 'self'",
        `connect-src 'self'${stream}`,
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        `frame-ancestors ${embed ? '*' : "'none'"}`,
      ].join('; '),
    ],
    ['x-content-type-options', 'nosniff'],
    ...(embed ? [] : ([['x-frame-options', 'DENY']] as [string, string][])),
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
  ]
}
