// A Redis server of its own for a test.
import { execFileSync, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'
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
