// Redis servers of a test's own, which it may stop, kill and start again.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'
import { tempFolder } from './temp-folder.ts'

export interface RedisServer {
  readonly port: number
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** Runs a command by redis-cli; what it prints. */
  command(...args: readonly string[]): string
}

export interface RestartableRedis extends RedisServer {
  /** kill -9; nothing is saved but what it has written by itself. */
  kill(): Promise<void>
  /** Starts it again on the same port, in the same folder. */
  start(): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Where it saves. */
  readonly folder: string
}

export interface RedisOptions {
  readonly args?: readonly string[]
  /** Before the command: `ip netns exec ...`. */
  readonly inside?: readonly string[]
  readonly address?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts redis-server on a free port; it ends with the test. Each argument is one of the command line. */
export async function startRedis(...args: readonly string[]): Promise<RedisServer> {
  return restartableRedis({ args })
}

/** The same, started; it keeps its port. */
export async function restartableRedis(options: RedisOptions = {}): Promise<RestartableRedis> {
  const { args = [], inside = [], address = '127.0.0.1', env = {} } = options
  const port = await freePort()
  const folder = tempFolder()
  const listening = ['--port', String(port), '--bind', address, '--protected-mode', 'no']
  const line = [...inside, 'redis-server', ...listening, '--save', '', '--dir', folder, ...args]
  let child: ChildProcess
  const server: RestartableRedis = {
    port,
    folder,
    url: `redis://${address}:${port}`,
    command(...args) {
      const [program, ...rest] = [...inside, 'redis-cli', '-h', address, '-p', String(port), ...args]
      return execFileSync(program!, rest, { encoding: 'utf8' })
    },
    async start() {
      child = spawn(line[0]!, line.slice(1), { env: { ...process.env, ...env } })
      await ready(child)
    },
    async kill() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    signal: signal => void child.kill(signal),
  }
  onTestFinished(() => void child?.kill('SIGKILL'))
  await server.start()
  return server
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    let said = ''
    child.stdout!.on('data', data => {
      said += data
      if (said.includes('Ready to accept connections')) done()
      if (said.length > 100_000) said = ''
    })
    child.on('exit', () => failed(new Error(`redis-server did not start: ${said}`)))
    child.on('error', failed)
  })
}
