// Runs the built command `marlstrom` as a user does: a process of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

export const entry = resolve(import.meta.dirname, '../../dist/src/cli/main.js')

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly process: ChildProcess
  /** Resolves with the first match in stdout; rejects when the process ends without it. */
  sees(pattern: RegExp): Promise<RegExpMatchArray>
  /** All that it has printed so far. */
  said(): string
  readonly finished: Promise<Finished>
}

/** Starts `marlstrom ...args`; the process is killed when the test ends before it. */
export function start(...args: readonly string[]): Running {
  return startIn(process.cwd(), ...args)
}

/** Starts it in a folder. */
export function startIn(cwd: string, ...args: readonly string[]): Running {
  return startAs([process.execPath, entry, ...args], { cwd })
}

/** Starts it where it may have only so many files and connections open. */
export function startLimited(descriptors: number, ...args: readonly string[]): Running {
  return startAs(['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh', process.execPath, entry, ...args])
}

/** Starts a whole command line, of which `marlstrom` is a part. */
export function startAs(
  [program, ...args]: readonly string[],
  { cwd = process.cwd(), env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Running {
  if (!existsSync(entry)) throw new Error(`${entry} is not built; run: npm run build`)
  const child = spawn(program!, args, { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: 'pipe' })
  let stdout = ''
  let stderr = ''
  const looks = new Set<() => void>()
  child.stdout.on('data', data => {
    stdout += data
    for (const look of looks) look()
  })
  child.stderr.on('data', data => {
    stderr += data
  })
  const finished = new Promise<Finished>(done => child.on('close', code => done({ code, stdout, stderr })))
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    process: child,
    finished,
    said: () => stdout + stderr,
    sees: pattern =>
      new Promise((found, missed) => {
        const look = () => {
          const match = stdout.match(pattern)
          if (match !== null) found(match)
        }
        looks.add(look)
        look()
        void finished.then(({ code }) => missed(new Error(`ended with ${code} before ${pattern}: ${stdout}${stderr}`)))
      }),
  }
}

/** Runs `marlstrom ...args` to its end. */
export function marlstrom(...args: readonly string[]): Promise<Finished> {
  return start(...args).finished
}

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What lies in a run folder; event files, whose names tell the time, are `events`. */
export function runFilesIn(folder: string): string[] {
  const names = readdirSync(folder).map(name => (name.startsWith('events.out.tfevents.') ? 'events' : name))
  return [...new Set(names)].sort()
}

/** What lies in the folder of every run of a scenario that ships with marlstrom, once its training has ended. */
export const runFiles = [
  ...['checkpoints', 'config.json', 'environment.json', 'events', 'metrics.checksums', 'metrics.jsonl'],
]

/** Settings that make a training run of seconds: small batches, narrow networks, learning from the tenth episode on. */
export const tiny = [
  ...['--set', 'learner.batch=32'],
  ...['--set', 'learner.updateAfter=250'],
  ...['--set', 'network.hidden=[16,16]'],
  ...['--set', 'run.logEvery=10'],
  ...['--set', 'run.summaryEpisodes=0'],
]
