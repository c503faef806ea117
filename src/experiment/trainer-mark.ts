// The mark of the process that trains in a run folder: written while it trains, left behind when it is killed.
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { FileError, isMissing } from '../errors.ts'

/** The file with the mark. */
export const trainerFile = 'trainer.pid'

/** A process that trains, or did until it was killed. What a system does not tell is null, and so is all but the id in marks of earlier versions. */
export interface Trainer {
  readonly pid: number
  readonly host: string | null
  /** Of the host, its boot and its space of process ids: where the id means this process. */
  readonly system: string | null
  /** When the process began, by the system's own count: an id that was given out again is another process. */
  readonly began: string | null
  /** Tells the marks of one process apart. */
  readonly token: string | null
}

/** A trainer renews its mark so often, in milliseconds; one that is silent for longer than `silentAfter` is given up from afar. */
export const renewEvery = 5_000
export const silentAfter = 60_000

/** This process. */
export function thisTrainer(token: string): Trainer {
  return { pid: process.pid, host: hostname(), system: systemHere(), began: beginningOf(process.pid), token }
}

/**
 * The process that marked a folder; null: none. A mark that says nothing is of a process with no id.
 * @throws FileError when there is a mark and it cannot be read.
 */
export function trainerOf(folder: string): Trainer | null {
  const text = readMark(join(folder, trainerFile))
  return text === null ? null : parseMark(text)
}

/**
 * The text of a mark; null: there is no such file. Any other answer of the system, as that too many files are open, is asked for again.
 * @throws FileError when it stays at that.
 */
export function readMark(file: string): string | null {
  for (let attempt = 1; ; attempt++) {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      if (isMissing(error)) return null
      if (attempt === 3) throw new FileError(file, `cannot be read: ${(error as Error).message}`, { cause: error })
      pause(10)
    }
  }
}

/** Waits, this thread included. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

/** A mark as it is written. */
export function parseMark(text: string): Trainer {
  const unknown = { host: null, system: null, began: null, token: null }
  try {
    const mark: unknown = JSON.parse(text)
    if (typeof mark === 'object' && mark !== null && 'pid' in mark) return { ...unknown, ...mark } as Trainer
    return { ...unknown, pid: typeof mark === 'number' ? mark : Number.NaN }
  } catch {
    return { ...unknown, pid: Number.NaN }
  }
}

/** alive, gone: as this system knows; elsewhere: another host, or another space of process ids, which it cannot look into. */
export function whereabouts({ pid, host, system, began, token }: Trainer): 'alive' | 'gone' | 'elsewhere' {
  if (Number.isNaN(pid)) return 'elsewhere'
  // Earlier versions wrote the id alone; this version does not.
  if (token === null && pid === process.pid) return 'gone'
  if ((host !== null && host !== hostname()) || (system !== null && system !== systemHere())) return 'elsewhere'
  if (!isAlive(pid)) return 'gone'
  const found = beginningOf(pid)
  return began === null || found === null || began === found ? 'alive' : 'gone'
}

/** Whether somebody trains in a folder now, as far as can be known from here: from afar a mark counts while it is renewed. */
export function isTraining(folder: string, trainer: Trainer): boolean {
  const where = whereabouts(trainer)
  if (where !== 'elsewhere') return where === 'alive'
  if (Number.isNaN(trainer.pid)) return false
  const renewed = statSync(join(folder, trainerFile), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return Date.now() - renewed <= silentAfter
}

/** `process 4711`, `process 4711 on node-3` */
export function describe({ pid, host }: Trainer): string {
  if (Number.isNaN(pid)) return 'a process whose mark cannot be read'
  return host === null ? `process ${pid}` : `process ${pid} on ${host}`
}

/** Whether a process of this id runs on this system; one that has ended and only waits to be noticed does not. */
export function isAlive(id: number): boolean {
  // Of zero and less the system takes whole groups of processes.
  if (!(id > 0)) return false
  try {
    process.kill(id, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return !'ZX'.includes(statusOf(id)?.[0] ?? 'R')
}

/** proc(5): of /proc/<pid>/stat, what comes after the name: state, then numbers, the twentieth being the time of the start; null: not told. */
function statusOf(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return null
  }
}

function beginningOf(pid: number): string | null {
  return statusOf(pid)?.[19] ?? null
}

let system: string | null = null

/** Asked until there is an answer, which never changes. */
function systemHere(): string | null {
  try {
    system ??= `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return null
  }
  return system
}
