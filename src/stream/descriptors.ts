// Limits on open files and connections of this process, so that connections leave enough descriptors for the run.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { devNull } from 'node:os'

export interface Descriptors {
  /** What the system allows the process, files and connections together; infinite: it does not say. */
  readonly limit: number
  /** How many connections fit beside what is open now. */
  room(): number
  /** Whether what is open now, the connection just accepted included, leaves the reserve untouched. */
  isRoom(): boolean
}

/**
 * Kept free for the run: marks, metrics, checkpoints and segments on their way to the disk, a recording, recordings taken home, and the pipes
 * and queues of a few threads.
 */
const RESERVE = 96

/** `limit`: of the process; absent: as the system says. */
export function createDescriptors(limit = descriptorLimit()): Descriptors {
  const ceiling = limit - Math.min(RESERVE, Math.floor(limit / 2))
  const room = () => (Number.isFinite(ceiling) ? Math.max(0, ceiling - lowestFree()) : Number.POSITIVE_INFINITY)
  return { limit, room, isRoom: () => room() > 0 }
}

/** The soft limit of open files, which Node.js itself raises to the hard one when it starts. */
function descriptorLimit(): number {
  return limitOf(openFiles())
}

/** proc(5): `Max open files  1024  4096  files`, the soft limit first; elsewhere as Node.js reports it. */
function openFiles(): unknown {
  if (process.platform === 'win32') return undefined
  try {
    return /^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
  } catch {
    const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
    return userLimits?.open_files?.soft
  }
}

function limitOf(said: unknown): number {
  const limit = Number(said)
  return Number.isSafeInteger(limit) && limit > 0 ? limit : Number.POSITIVE_INFINITY
}

/** The system gives out the lowest number that is free (POSIX, open), so what comes back tells how many are taken. */
function lowestFree(): number {
  try {
    const handle = openSync(devNull, 'r')
    closeSync(handle)
    return handle
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
