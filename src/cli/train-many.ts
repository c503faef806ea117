// Trains many runs, some at a time, each in a process of its own; what is finished is kept, what is unfinished goes on.
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Overrides } from '../index.ts'
import { type KeptRun, keptRun, type WantedRun } from './kept-run.ts'

export type ManyRunsEvent =
  /** kept: was finished before; trained, resumed: has just been finished. */
  | { readonly type: 'done'; readonly run: string; readonly how: 'kept' | 'trained' | 'resumed' }
  /** Episodes that the runs now training have finished, by name. */
  | { readonly type: 'progress'; readonly done: number; readonly of: number; readonly now: ReadonlyMap<string, number> }

export interface TrainManyOptions {
  /** Runs trained side by side, each on one thread. */
  readonly jobs: number
  readonly show: (event: ManyRunsEvent) => void
}

/**
 * Brings every run to its end. Results do not depend on `jobs`, nor on how often this was interrupted.
 * @throws ConfigError before anything is trained, where a folder holds another run; Error where a training fails or was stopped.
 */
export async function trainMany(runs: readonly WantedRun[], { jobs, show }: TrainManyOptions): Promise<void> {
  const kept = await Promise.all(runs.map(async run => [run, await keptRun(run)] as const))
  const waiting = kept.filter(([run, { state }]) => {
    if (state === 'finished') show({ type: 'done', run: run.name, how: 'kept' })
    return state !== 'finished'
  })
  let done = runs.length - waiting.length
  const now = new Map<string, number>()
  const children = new Set<ChildProcess>()
  let reason: Error | null = null
  const halt = (why: Error) => {
    reason ??= why
    for (const child of children) child.kill('SIGTERM')
  }
  const stop = () => halt(new Error('stopped; the same command goes on from here'))
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)

  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && reason === null; next = waiting.shift()) {
      const [run, before] = next
      try {
        await trainOne(run, before, children, episodes => {
          now.set(run.name, episodes)
          show({ type: 'progress', done, of: runs.length, now })
        })
      } catch (error) {
        halt(error as Error)
        break
      } finally {
        now.delete(run.name)
      }
      if (reason !== null) break
      done++
      show({ type: 'done', run: run.name, how: before.state === 'unfinished' ? 'resumed' : 'trained' })
    }
  }
  try {
    await Promise.all(Array.from({ length: jobs }, work))
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  if (reason !== null) throw reason
}

/** `marlstrom`, by the file that runs it. */
const entry = join(import.meta.dirname, `main.${import.meta.filename.endsWith('.ts') ? 'ts' : 'js'}`)

async function trainOne(
  { folder, config }: WantedRun,
  before: KeptRun,
  children: Set<ChildProcess>,
  progress: (episodes: number) => void,
): Promise<void> {
  if (before.state === 'begun') rmSync(folder, { recursive: true })
  const { id, ...scenario } = config.scenario
  const what =
    before.state === 'unfinished'
      ? ['--resume', folder, '--episodes', String(config.run.episodes)]
      : [id, '--out', folder, ...settingsOf({ ...config, scenario })]
  // A group of its own: Ctrl-C comes here first, and from here once, so that a checkpoint is written.
  const child = spawn(process.execPath, [entry, 'train', ...what, '--threads', '1', '--json'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  let complaint = ''
  child.stderr.on('data', data => {
    complaint += data
  })
  createInterface(child.stdout).on('line', line => {
    const { event, episodes } = JSON.parse(line) as { event: string; episodes: number }
    if (event === 'progress') progress(episodes)
  })
  const code = await new Promise<number | string | null>((closed, failed) => {
    child.on('error', failed)
    child.on('close', (code, signal) => closed(code ?? signal))
  })
  children.delete(child)
  if (code !== 0) throw new Error(`training ${folder} failed (${code}): ${complaint.trim() || 'it said nothing'}`)
}

/** `--set section.key=value` for every setting; the number of threads is said by itself. */
function settingsOf(config: Overrides): string[] {
  return Object.entries(config).flatMap(([section, keys]) =>
    Object.entries(keys ?? {})
      .filter(([key]) => !(section === 'run' && key === 'threads'))
      .flatMap(([key, value]) => ['--set', `${section}.${key}=${JSON.stringify(value)}`]),
  )
}
