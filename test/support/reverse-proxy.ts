// A reverse proxy for tests of a server behind one: plain HTTP and websockets, with the prefix kept or taken away, the Host kept or not.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ReverseProxyOptions {
  /** `/marl`: what lies below it goes to the server, anything else is not found. */
  readonly prefix: string
  /** The server gets the path without the prefix. */
  readonly strips: boolean
  /** The server gets the Host that was asked; else its own. */
  readonly keepsHost: boolean
}

export interface ReverseProxy {
  readonly port: number
  /** Where the server is, `http://127.0.0.1:8120/`. */
  target: string
  /** Ends every connection, and each that comes until `flow`. */
  cut(): void
  flow(): void
}

/** Ends with the test. */
export async function startReverseProxy({ prefix, strips, keepsHost }: ReverseProxyOptions): Promise<ReverseProxy> {
  let isCut = false
  const sockets = new Set<{ destroy(): unknown }>()
  const pathOf = ({ url = '' }: IncomingMessage) => {
    if (!url.startsWith(`${prefix}/`)) return null
    return strips ? url.slice(prefix.length) : url
  }
  const headersOf = ({ headers }: IncomingMessage) => ({
    ...headers,
    ...(!keepsHost && { host: new URL(proxy.target).host }),
  })
  const server = createServer((asked, answer) => {
    const path = pathOf(asked)
    if (path === null) return void answer.writeHead(404).end()
    const { hostname, port } = new URL(proxy.target)
    request({ hostname, port, path, method: asked.method, headers: headersOf(asked), agent: false }, response => {
      answer.writeHead(response.statusCode!, response.headers)
      response.pipe(answer)
    })
      .on('error', () => answer.destroy())
      .end()
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    if (isCut) socket.destroy()
  })
  server.on('upgrade', (asked, socket, head) => {
    const path = pathOf(asked)
    const { hostname, port } = new URL(proxy.target)
    const upstream = connect(Number(port), hostname)
    const lines = Object.entries(headersOf(asked)).map(([name, value]) => `${name}: ${value}`)
    upstream.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    upstream.write(head)
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    cut()
    server.close()
  })
  const proxy: ReverseProxy = {
    port: (server.address() as { port: number }).port,
    target: '',
    cut,
    flow() {
      isCut = false
    },
  }
  return proxy
}
