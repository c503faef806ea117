// A small TCP proxy between a test's processes: it delays what passes, holds it back, and ends connections in every way that networks do.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

export interface TcpProxy {
  readonly port: number
  /** Nothing passes any more in either direction; connections stay, and new ones are taken. */
  stall(): void
  /** What was held back passes. */
  flow(): void
  /** Every connection is reset. */
  cut(): void
  /** Of every connection the side of the server is ended (FIN), and what the client goes on sending is swallowed. */
  halfClose(): void
  /** Connections so far. */
  readonly connections: number
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  isMute: boolean
}

/** Ends with the test. `delay`: milliseconds that every piece takes. */
export async function startTcpProxy(
  target: { readonly host: string; readonly port: number },
  { delay = 20, host = '127.0.0.1' }: { readonly delay?: number; readonly host?: string } = {},
): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let connections = 0
  let isStalled = false
  let letFlow = () => {}
  let flowing = Promise.resolve()

  /** Pieces of one direction in their order. */
  const pass = (from: Socket, to: Socket, pair: Pair) => {
    let last: Promise<unknown> = Promise.resolve()
    const after = (work: () => void) => {
      const arrived = sleep(delay)
      last = Promise.all([last, arrived]).then(async () => {
        while (isStalled) await flowing
        if (!to.destroyed) work()
      })
    }
    from.on('data', data =>
      after(() => {
        if (!pair.isMute) to.write(data)
      }),
    )
    from.on('end', () => after(() => void to.end()))
    from.on('error', () => {})
    from.on('close', () => after(() => void to.destroy()))
  }
  const server = createServer({ allowHalfOpen: true }, client => {
    connections++
    const upstream = connect({ ...target, allowHalfOpen: true })
    const pair: Pair = { client, server: upstream, isMute: false }
    pairs.add(pair)
    pass(client, upstream, pair)
    pass(upstream, client, pair)
    client.on('close', () => pairs.delete(pair))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const proxy: TcpProxy = {
    port: (server.address() as { port: number }).port,
    get connections() {
      return connections
    },
    stall() {
      if (isStalled) return
      isStalled = true
      flowing = new Promise(done => {
        letFlow = done
      })
    },
    flow() {
      isStalled = false
      letFlow()
    },
    cut() {
      for (const { client, server } of pairs) {
        client.resetAndDestroy()
        server.resetAndDestroy()
      }
    },
    halfClose() {
      for (const pair of pairs) {
        pair.isMute = true
        pair.client.end()
      }
    },
  }
  onTestFinished(() => {
    proxy.flow()
    proxy.cut()
    server.close()
  })
  return proxy
}
