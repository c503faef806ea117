// A port for a server of a test that has to be named before it listens.
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port that nobody listens on, and that the system gives to nobody else: it lies below those that it chooses from by itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
