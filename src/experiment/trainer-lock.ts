// One trainer for each run folder: a lock file that only one process holds; the lock of a dead or silent process can be taken over.
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { ConfigError, codeOf, FileError } from '../errors.ts'
import { standingOf } from './held-mark.ts'
import {
  describe,
  parseMark,
  pause,
  readMark,
  renewEvery,
  silentAfter,
  type Trainer,
  thisTrainer,
  trainerFile,
  trainerOf,
  whereabouts,
} from './trainer-mark.ts'

/** That this process alone trains a run folder; others are refused until it is released or falls silent. */
export interface TrainerLock {
  /** The trainer before, in a sentence, where it did not come to its end; null: there was none. */
  readonly takenFrom: string | null
  /** @throws FileError when another process has taken the folder over. */
  confirm(): void
  /** Takes the mark away. */
  release(): void
}

/** How a run folder is taken. */
export interface LockOptions {
  /** The option that named the folder, for errors. */
  readonly option: string
  /** Takes the folder from a trainer of another host too, whether it is silent or not. */
  readonly takeover?: boolean
}

/**
 * Marks a folder, which is made if need be, as trained in by this process. A trainer that is gone from this system is taken over at once, one of another
 * host when it has been silent for a minute, or by `takeover`.
 * @throws ConfigError saying who trains there, or that the folder cannot be written.
 */
export function lockTrainer(folder: string, { option, takeover = false }: LockOptions): TrainerLock {
  makeFolder(folder, option)
  const file = join(folder, trainerFile)
  const mine = `${JSON.stringify(thisTrainer(randomUUID()))}\n`
  const claim = `${file}.${process.pid}-${randomUUID()}`
  try {
    for (let attempt = 1; ; attempt++) {
      writeFileSync(claim, mine)
      if (createFrom(claim, file)) {
        livingClaims(folder, claim)
        return held(folder, file, mine, null)
      }
      const owner = trainerOf(folder)
      if (owner === null) continue
      const reason = reasonAgainst(owner, silence(file, claim), takeover)
      if (reason !== null) throw new ConfigError(option, `${folder} is being trained by ${describe(owner)}${reason}`)
      // Whoever holds the only claim may replace a mark; where there are two, both step back.
      if (livingClaims(folder, claim) === 0 && sameMark(owner, trainerOf(folder))) {
        renameSync(claim, file)
        return held(folder, file, mine, `${describe(owner)}, which trained here, ${lastWords(owner)}`)
      }
      rmSync(claim)
      pause((process.pid * attempt * 7919) % 50)
    }
  } catch (error) {
    throw error instanceof ConfigError ? error : unwritable(folder, option, error)
  } finally {
    rmSync(claim, { force: true })
  }
}

function makeFolder(folder: string, option: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw unwritable(folder, option, error)
  }
}

function unwritable(folder: string, option: string, error: unknown): ConfigError {
  return new ConfigError(option, `the run folder ${folder} cannot be written (${(error as Error).message})`)
}

function held(folder: string, file: string, mine: string, takenFrom: string | null): TrainerLock {
  // Renewed through the file itself: should another one's mark have taken its place, that one is not touched.
  const handle = openOwn(file)
  const timer = setInterval(() => {
    try {
      writeSync(handle, mine, 0)
    } catch {
      // A disk that is full or gone for a while: what has to be written says so.
    }
  }, renewEvery).unref()
  let released = false
  return {
    takenFrom,
    confirm() {
      const standing = standingOf(file, handle, mine)
      if (standing === 'held') return
      const happened = standing === 'removed' ? 'was removed' : `the run was taken over by ${nameOfOwner(folder)}`
      throw new FileError(file, `${happened}; this process stops and leaves the run as it is`)
    },
    release() {
      if (released) return
      released = true
      clearInterval(timer)
      const isMine = standingOf(file, handle, mine) === 'held'
      closeSync(handle)
      if (isMine) rmSync(file, { force: true })
    },
  }
}

/** Where it cannot be opened, nobody holds the folder. */
function openOwn(file: string): number {
  try {
    return openSync(file, 'r+')
  } catch (error) {
    rmSync(file, { force: true })
    throw error
  }
}

function nameOfOwner(folder: string): string {
  const nobody = 'another process'
  try {
    const owner = trainerOf(folder)
    return owner === null ? nobody : describe(owner)
  } catch {
    return nobody
  }
}

/** Makes `file` what `claim` is; false: it is there already. */
function createFrom(claim: string, file: string): boolean {
  try {
    linkSync(claim, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) throw error
  }
  // A file system that knows no second names.
  try {
    copyFileSync(claim, file, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Why a trainer keeps its folder; null: it does not. */
function reasonAgainst(owner: Trainer, silentFor: number, takeover: boolean): string | null {
  const where = whereabouts(owner)
  if (where === 'alive') return '; wait for it, or stop it first'
  if (where === 'gone' || takeover || silentFor > silentAfter) return null
  return (
    `, last heard of ${Math.max(0, Math.round(silentFor / 1000))} s ago; wait for it, or until it is silent for ` +
    `${silentAfter / 1000} s, or take the run over with --takeover if it is dead`
  )
}

/** Milliseconds between the last renewal of a mark and a claim just made, both by the clock of the folder's own disk. */
function silence(file: string, claim: string): number {
  const [mark, now] = [file, claim].map(name => statSync(name, { throwIfNoEntry: false })?.mtimeMs)
  return mark === undefined || now === undefined ? 0 : now - mark
}

/** How many others want a folder now; what dead ones left behind is removed. */
function livingClaims(folder: string, mine: string): number {
  const claims = readdirSync(folder)
    .filter(name => name.startsWith(`${trainerFile}.`))
    .map(name => join(folder, name))
  return claims.filter(claim => {
    // What cannot be read is a living one's until it is silent.
    const text = claim === mine ? null : textOf(claim)
    if (text === null) return false
    const isLeftBehind = whereabouts(parseMark(text)) === 'gone' || silence(claim, mine) > silentAfter
    if (isLeftBehind) rmSync(claim, { force: true })
    return !isLeftBehind
  }).length
}

/** Empty: it is there and cannot be read; null: it was withdrawn. */
function textOf(claim: string): string | null {
  try {
    return readMark(claim)
  } catch {
    return ''
  }
}

function sameMark(a: Trainer, b: Trainer | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function lastWords(owner: Trainer): string {
  return whereabouts(owner) === 'gone' ? 'is gone' : 'has been given up'
}
