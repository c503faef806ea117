// A Redis server of its own for a test.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { tempFolder } from './temp-folder.ts'

export interface RedisServer {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** Runs a command by redis-cli. */
  command(...args: readonly string[]): void
}

/** Starts redis-server on a free port; it ends with the test. Each argument is one of the command line. */
export async function startRedis(...args: readonly string[]): Promise<RedisServer> {
  const port = await freePort()
  const child = spawn('redis-server', ['--port', String(port), '--save', '', '--dir', tempFolder(), ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  for await (const data of child.stdout) {
    said += data
    if (!said.includes('Ready to accept connections')) continue
    const command = (...args: readonly string[]) => void execFileSync('redis-cli', ['-p', String(port), ...args])
    return { url: `redis://127.0.0.1:${port}`, command }
  }
  throw new Error(`redis-server did not start: ${said}`)
}

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
