// Crowds of viewers as benchmarks use them, each a process of its own on a core of its own, and a server of simple_tag for them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { of, Subject } from 'rxjs'
import { simple_tag } from '../scenarios/simple_tag.ts'
import { frameSchema } from '../src/envs/frame-schema.ts'
import { createParticleGame } from '../src/envs/particle-game.ts'
import { initialSession } from '../src/experiment/initial-session.ts'
import { createSession } from '../src/experiment/session.ts'
import type { Moment, Show } from '../src/experiment/show.ts'
import { createRandom } from '../src/random.ts'
import { createStreamServer, type StreamServer } from '../src/stream/server.ts'
import type { CrowdReport } from './viewer-crowd.ts'

export interface Crowd {
  /** More viewers of the server at this port. */
  join(viewers: number, port: number): void
  leave(): void
  report(): Promise<CrowdReport>
  /** The process stops where it is (SIGSTOP), or goes on. */
  freeze(frozen: boolean): void
  end(): void
}

/** Where `taskset` is, the crowd keeps to the processor `core`. */
export function createCrowd(core = 1): Crowd {
  const program = import.meta.filename.replace(/crowd(\.\w+)$/, 'viewer-crowd$1')
  const command = [process.execPath, program]
  const pinned = canPin() ? ['taskset', '-c', String(core), ...command] : command
  const child: ChildProcess = spawn(pinned[0]!, pinned.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: ((report: CrowdReport) => void)[] = []
  createInterface(child.stdout!).on('line', line => waiting.shift()?.(JSON.parse(line)))
  const order = (what: object) => void child.stdin!.write(`${JSON.stringify(what)}\n`)
  return {
    join: (viewers, port) => order({ join: viewers, port }),
    leave: () => order({ leave: true }),
    report() {
      order({ report: true })
      return new Promise(resolve => waiting.push(resolve))
    },
    freeze: frozen => void child.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    end() {
      child.kill('SIGCONT')
      child.stdin!.end()
    },
  }
}

/** Keeps this process, all its threads, to one processor; gives what lets it loose again. */
export function keepTo(core: number): () => void {
  if (!canPin()) return () => {}
  const pin = (cores: string) => execFileSync('taskset', ['-a', '-c', '-p', cores, String(process.pid)])
  const before = /: (.*)\s*$/.exec(execFileSync('taskset', ['-c', '-p', String(process.pid)]).toString())![1]!
  pin(String(core))
  return () => void pin(before)
}

function canPin(): boolean {
  try {
    execFileSync('taskset', ['-c', '-p', String(process.pid)])
    return true
  } catch {
    return false
  }
}

/** A game of simple_tag under random actions, `rate` steps a second, served without a page. */
export async function serveTag(
  rate: number,
  agents = {},
): Promise<{ server: StreamServer; port: number; end(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-bench-'))
  writeFileSync(join(folder, 'index.html'), '')
  const game = createParticleGame(simple_tag, agents)
  const random = createRandom(1, 'viewers')
  const schema = frameSchema(game)
  const moments = new Subject<Moment>()
  const show: Show = { schema$: of(schema), moments$: moments, inspect: () => null, command() {}, left() {} }
  const run = { scenario: 'simple_tag', algorithm: 'random', seed: 1, preset: 'openai', folder: null }
  const server = await createStreamServer({ port: 0, page: folder })
  server.add({
    id: 'tag',
    title: 'simple_tag',
    session: createSession(initialSession(run, 'playing', game, null)),
    show,
  })

  const actions = game.agents.map(() => ({ rows: 1, columns: 5, data: new Float32Array(5) }))
  let number = 0
  const step = () => {
    if (number % 25 === 0) game.reset(random)
    for (const { data } of actions) {
      data.fill(0)
      data[random.integer(5)] = 1
    }
    game.step(actions, 0)
    const row = new Float32Array(schema.size)
    game.frames!.write(row)
    moments.next({
      frame: {
        number,
        at: performance.timeOrigin + performance.now(),
        episode: Math.floor(number / 25),
        step: number % 25,
        restarted: number % 25 === 0,
        placed: false,
        rewards: Float32Array.from(game.rewards),
        returns: Float32Array.from(game.rewards),
        actions: Float32Array.from(actions.flatMap(({ data }) => [...data])),
        row,
      },
      opening: null,
      fingerprint: () => null,
    })
    number++
  }
  // By due time: lateness does not add up.
  const begin = performance.now()
  let timer = setTimeout(function turn() {
    step()
    timer = setTimeout(turn, begin + (number * 1000) / rate - performance.now())
  }, 0)
  return {
    server,
    port: Number(new URL(server.url).port),
    async end() {
      clearTimeout(timer)
      await server.close('measured')
      rmSync(folder, { recursive: true })
    },
  }
}
