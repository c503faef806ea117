// environment.json of a run folder: what was trained, with which code, on which machine; one entry per start.
import { execFileSync } from 'node:child_process'
import { readFileSync, renameSync } from 'node:fs'
import { availableParallelism, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { FileError } from '../errors.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { isThere } from './presence.ts'
import { processorName } from './processor.ts'

/** How a process came to train a run. */
export interface RunStart {
  readonly how: 'train' | 'resume' | 'fork'
  /** Episodes trained before it. */
  readonly episodes: number
  /** Of a fork: the run, its episodes and its config at that moment. */
  readonly parent?: { readonly run: string; readonly episodes: number; readonly config: string }
  /** What the run is trained as; see identityOf. */
  readonly config: { readonly sha256: string }
  readonly seed: number
  readonly backend: string
  readonly kernels: string
  /** Threads that share the work, this one included. */
  readonly threads: number
  /** false: the bits depend on which of its actors were faster. Absent: the same seed gives the same bits. */
  readonly reproducible?: false
  /** Version of marlstrom. */
  readonly version: string
  /** What was damaged when it started and what became of it, in sentences; absent: nothing. */
  readonly remarks?: readonly string[]
}

/** A start with when and where it happened. */
export interface Environment extends RunStart {
  /** ISO 8601, UTC. */
  readonly started: string
  readonly node: string
  readonly os: string
  readonly cpu: string
  readonly cores: number
  /** Bytes. */
  readonly memory: number
  /** Of the working directory; `dirty`: files under version control differ from the commit. null: no repository, or no git. */
  readonly git: { readonly commit: string; readonly dirty: boolean } | null
}

const format = 'marlstrom-environment/1'

/**
 * Appends an entry to the environment.json of a run folder; the file is whole at any moment. One that is damaged is kept under another
 * name and begun anew.
 */
export function noteStart(folder: string, start: RunStart): void {
  const file = environmentFile(folder)
  const { starts, problem } = startsIn(folder)
  if (problem !== null) renameSync(file, damagedName(file))
  const all = [...starts, { ...start, ...machine() }]
  writeFileAtomic(file, [Buffer.from(`${JSON.stringify({ format, starts: all }, null, 2)}\n`)])
}

/** The entries of a run folder as far as they can be read, oldest first; `problem`: a sentence where they cannot, else null. */
export function startsIn(folder: string): { readonly starts: readonly Environment[]; readonly problem: string | null } {
  try {
    return { starts: readStarts(folder), problem: null }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return { starts: [], problem: error.message }
  }
}

/** What a damaged environment.json is renamed to by `noteStart`. */
export function damagedName(file: string): string {
  return `${file}.damaged`
}

/**
 * The entries of a run folder, oldest first; none where the run is older than such files.
 * @throws FileError when the file is damaged or of another version.
 */
export function readStarts(folder: string): readonly Environment[] {
  const file = environmentFile(folder)
  if (!isThere(file)) return []
  const { format: found, starts } = parse(file)
  const isEntry = (start: unknown) => typeof start === 'object' && start !== null
  if (found !== format || !Array.isArray(starts) || !starts.every(isEntry)) {
    throw new FileError(
      file,
      `expected an object of format ${format} with starts, got ${JSON.stringify(found ?? null)}`,
    )
  }
  return starts as Environment[]
}

export function environmentFile(folder: string): string {
  return join(folder, 'environment.json')
}

function parse(file: string): { readonly format?: unknown; readonly starts?: unknown } {
  try {
    return Object(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new FileError(file, `damaged: ${(error as Error).message}; move it away, the run does not need it`)
  }
}

function machine(): Omit<Environment, keyof RunStart> {
  return {
    started: new Date().toISOString(),
    node: process.versions.node,
    os: `${type()} ${release()} ${process.arch}`,
    cpu: processorName(),
    cores: availableParallelism(),
    memory: totalmem(),
    git: gitOf(process.cwd()),
  }
}

/** One call says both: the commit, and whether files differ from it. */
function gitOf(folder: string): Environment['git'] {
  const arguments_ = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude', '*']
  try {
    const said = execFileSync('git', arguments_, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 })
    const [, commit, dirty] = /^([0-9a-f]{40,64})(-dirty)?\s*$/.exec(said.toString()) ?? []
    return commit === undefined ? null : { commit, dirty: dirty !== undefined }
  } catch {
    return null
  }
}
