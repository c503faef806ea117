// The checkpoints of a run folder: which there are, which are kept, and the segments of the replay buffer that they name.
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FileError, isUnreadable } from '../errors.ts'
import type { Saved, SavedRows } from '../types.ts'
import { linkFileAtomic } from './atomic-file.ts'
import { type DamagedRows, damagedRowsOf, readCheckpoint, segmentsOf, writeCheckpoint } from './checkpoint.ts'
import type { LoggedLines } from './metrics.ts'
import type { MetricsFile } from './metrics-file.ts'
import { isThere } from './presence.ts'
import { createSegments } from './segments.ts'

/** A checkpoint by its episodes, the newest, or the actors with the best training return. */
export type CheckpointChoice = number | 'last' | 'best'

export interface WriteOptions {
  /** The point to which a run goes back stays until the next one, whatever checkpoints come after it. */
  readonly isRollbackPoint?: boolean
  /** Checkpoints kept, this one included. Default: 1. */
  readonly keep?: number
  /** Written between those that were planned: stays only until the next one, and takes the place of none that is kept. */
  readonly isInBetween?: boolean
}

export interface ReadOptions {
  /** Leaves out the rows of the replay buffer whose segments are damaged or gone. */
  readonly withoutDamagedRows?: boolean
}

export interface CheckpointFiles {
  /** Writes rows that fill whole segments of the replay buffer, so that the next checkpoint only has to name them. */
  writeRows(rows: SavedRows): void
  /**
   * Writes a checkpoint named after the episodes trained, then removes older ones and what only they needed. Returns the file, and the
   * bytes written for it alone.
   */
  writeCheckpoint(episodes: number, saved: Saved, options?: WriteOptions): { file: string; bytes: number }
  /**
   * Keeps what was saved of actors, as `best`, if `value` is higher than that of those kept before, or those were chosen by something else.
   * `by`: what they are chosen by, default `return`.
   */
  keepBest(episodes: number, value: number, saved: () => Saved, by?: string): void
  readonly hasCheckpoint: boolean
  readonly hasBest: boolean
  /** Episodes of the checkpoints that are there, oldest first. */
  readonly checkpoints: readonly number[]
  /**
   * A checkpoint, by default the newest; whole, or only the tensors that `wanted` accepts. The run goes on from a whole one.
   * @throws FileError when it is not there or damaged.
   */
  readCheckpoint(
    wanted?: ((path: string) => boolean) | undefined,
    choice?: CheckpointChoice,
    options?: ReadOptions,
  ): Saved
  /**
   * What is wrong with a checkpoint, every byte that it needs looked at; null: nothing.
   * @throws FileError when it cannot be looked at now: nothing is known of it then.
   */
  damageOf(episodes: number): FileError | null
  /** Which rows of the replay buffer are damaged, of how many in all. @throws FileError when the checkpoint itself is damaged. */
  damagedRowsOf(episodes: number): { readonly damaged: readonly DamagedRows[]; readonly of: number }
  /** Renames a damaged checkpoint, so that it is no longer one; its new name. */
  setAside(episodes: number): string
  /**
   * Renames everything that was saved after so many environment steps, so that the newest checkpoint is one from before; the new names.
   * @throws FileError when there is none from before: then nothing is renamed
   */
  setAsideAfter(envSteps: number): readonly string[]
  readonly hasRollbackPoint: boolean
  /** @throws FileError when there is none or it is damaged. */
  readRollbackPoint(): Saved
  /** Renames the rollback point if it is damaged, so that it is none any more; its new name, null: it is whole, or not there. */
  setAsideDamagedRollbackPoint(): string | null
  /** Removes checkpoints of later episodes: the run has gone back. */
  cutCheckpoints(episodes: number): void
}

const suffix = '.safetensors'

/** The checkpoints below a run folder; each knows which of its metrics there were. */
export function createCheckpointFiles(path: string, metrics?: MetricsFile): CheckpointFiles {
  const folder = join(path, 'checkpoints')
  const rowsFolder = join(path, 'replay')
  const rollbackPoint = join(path, `rollback${suffix}`)
  const best = join(path, `best${suffix}`)
  /** Episodes of a checkpoint that stays only until the next one. */
  let inBetween: number | null = null
  const fileOf = (episodes: number) => join(folder, `${String(episodes).padStart(9, '0')}${suffix}`)
  const checkpoints = () =>
    isThere(folder)
      ? readdirSync(folder)
          .flatMap(name => (/^\d+\.safetensors$/.test(name) ? [Number.parseInt(name, 10)] : []))
          .sort((a, b) => a - b)
      : []
  const segments = createSegments(rowsFolder, () =>
    [...checkpoints().map(fileOf), ...(isThere(rollbackPoint) ? [rollbackPoint] : [])].flatMap(segmentsOrNone),
  )
  /** What is read in whole is what the run goes on from. */
  const read = (file: string, wanted?: (path: string) => boolean, withoutDamagedRows = false) => {
    const saved = readCheckpoint(file, wanted, rowsFolder, withoutDamagedRows)
    if (wanted !== undefined) return saved
    // Rows that move together are other rows: they are written anew.
    segments.goOnFrom(missesRows(saved) ? [] : segmentsOf(file))
    metrics?.goOnFrom(loggedIn(saved))
    return saved
  }
  const chosen = (choice: CheckpointChoice) => {
    const all = checkpoints()
    if (choice === 'best') {
      if (isThere(best)) return best
      throw new FileError(
        path,
        'the run keeps no best checkpoint; train with --set run.keepBest=true, or use --checkpoint last',
      )
    }
    const episodes = choice === 'last' ? all.at(-1) : all.find(one => one === choice)
    if (episodes !== undefined) return fileOf(episodes)
    if (choice === 'last') throw new FileError(folder, 'holds no checkpoint yet; train longer')
    throw new FileError(folder, `holds no checkpoint of episode ${choice}; there is ${all.join(', ') || 'none'}`)
  }

  return {
    writeRows: rows => segments.follow(rows),
    writeCheckpoint(episodes, saved, { isRollbackPoint = false, keep = 1, isInBetween = false } = {}) {
      const file = fileOf(episodes)
      const isNew = !isThere(file)
      // Lines that came before a checkpoint are never written again: they have to last as long as it does.
      metrics?.cover(loggedIn(saved))
      // The point comes first: a run that goes on from the checkpoint must find the one that belongs to it.
      if (isRollbackPoint) {
        writeCheckpoint(rollbackPoint, saved, segments.settle)
        linkFileAtomic(rollbackPoint, file)
      } else writeCheckpoint(file, saved, segments.settle)
      if (inBetween !== null && inBetween < episodes) rmSync(fileOf(inBetween), { force: true })
      const older = checkpoints().filter(one => one < episodes)
      const most = isInBetween ? keep : keep - 1
      for (const one of older.slice(0, Math.max(0, older.length - most))) rmSync(fileOf(one), { force: true })
      inBetween = isInBetween && (isNew || inBetween === episodes) ? episodes : null
      segments.removeUnneeded()
      return { file, bytes: statSync(file).size }
    },
    keepBest(episodes, value, saved, by = 'return') {
      const kept = isThere(best) ? bestOf(best, by) : Number.NEGATIVE_INFINITY
      if (value > kept) writeCheckpoint(best, { ...(saved() as Record<string, Saved>), best: { episodes, value, by } })
    },
    get hasBest() {
      return isThere(best)
    },
    get hasCheckpoint() {
      return checkpoints().length > 0
    },
    get checkpoints() {
      return checkpoints()
    },
    readCheckpoint(wanted, choice = 'last', { withoutDamagedRows = false } = {}) {
      const file = chosen(choice)
      try {
        return read(file, wanted, withoutDamagedRows)
      } catch (error) {
        throw withRemedy(
          error,
          file,
          checkpoints().filter(one => fileOf(one) < file),
        )
      }
    },
    damageOf(episodes) {
      try {
        readThrough(readCheckpoint(fileOf(episodes), undefined, rowsFolder))
        return null
      } catch (error) {
        if (error instanceof FileError && !isUnreadable(error)) return error
        throw error
      }
    },
    damagedRowsOf: episodes => damagedRowsOf(fileOf(episodes), rowsFolder),
    setAside(episodes) {
      const aside = `${fileOf(episodes)}.damaged`
      renameSync(fileOf(episodes), aside)
      return aside
    },
    setAsideAfter(envSteps) {
      const all = checkpoints().map(fileOf)
      const isLater = (file: string) => stepsOf(file) > envSteps
      if (all.every(isLater)) {
        const known = all.map(stepsOf).join(', ') || 'none'
        throw new FileError(folder, `holds no checkpoint up to environment step ${envSteps}; there is ${known}`)
      }
      return [...all, ...[rollbackPoint, best].filter(isThere)].filter(isLater).map(file => {
        renameSync(file, `${file}.later`)
        return `${file}.later`
      })
    },
    get hasRollbackPoint() {
      return isThere(rollbackPoint)
    },
    readRollbackPoint() {
      if (!isThere(rollbackPoint)) throw new FileError(rollbackPoint, 'is not there; the run keeps no rollback points')
      return read(rollbackPoint)
    },
    setAsideDamagedRollbackPoint() {
      if (!isThere(rollbackPoint)) return null
      try {
        readThrough(readCheckpoint(rollbackPoint, undefined, rowsFolder))
        return null
      } catch (error) {
        if (!(error instanceof FileError) || isUnreadable(error)) throw error
      }
      const aside = `${rollbackPoint}.damaged`
      renameSync(rollbackPoint, aside)
      return aside
    },
    cutCheckpoints(episodes) {
      for (const one of checkpoints()) if (one > episodes) rmSync(fileOf(one))
    },
  }
}

/** A damaged checkpoint needs nothing any more; one that cannot be looked at now needs what it needs. */
function segmentsOrNone(file: string): ReturnType<typeof segmentsOf> {
  try {
    return segmentsOf(file)
  } catch (error) {
    if (error instanceof FileError && !isUnreadable(error)) return []
    throw error
  }
}

/** Environment steps that a checkpoint was written after; one that does not say, or is damaged, is later than all. */
function stepsOf(file: string): number {
  try {
    const { envSteps } = readCheckpoint(file, () => false) as { envSteps?: number }
    return envSteps ?? Number.POSITIVE_INFINITY
  } catch (error) {
    if (error instanceof FileError && !isUnreadable(error)) return Number.POSITIVE_INFINITY
    throw error
  }
}

/** A damaged file is written anew; one that cannot be looked at now is left as it is. */
function bestOf(file: string, by: string): number {
  try {
    const { best } = readCheckpoint(file, () => false) as { best?: { value?: number; by?: string } }
    return best === undefined || (best.by ?? 'return') !== by
      ? Number.NEGATIVE_INFINITY
      : (best.value ?? Number.NEGATIVE_INFINITY)
  } catch (error) {
    return isUnreadable(error) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }
}

/** Which lines had been logged; null: a run that does not say. */
function loggedIn(saved: Saved): LoggedLines | null {
  const { logged } = Object(saved) as { logged?: LoggedLines }
  return logged ?? null
}

/** Whether rows were left out of what was read. */
function missesRows(saved: Saved): boolean {
  if (typeof saved !== 'object' || saved === null || ArrayBuffer.isView(saved)) return false
  if ('pieces' in saved) return (saved as SavedRows).missing !== undefined
  return Object.values(saved).some(inner => missesRows(inner as Saved))
}

/** Looks at every row of what was read. */
function readThrough(saved: Saved): void {
  if (typeof saved !== 'object' || saved === null || ArrayBuffer.isView(saved)) return
  if ('pieces' in saved) for (const _ of (saved as SavedRows).pieces);
  for (const inner of Object.values(saved)) readThrough(inner as Saved)
}

function withRemedy(error: unknown, file: string, older: readonly number[]): unknown {
  if (!(error instanceof FileError)) return error
  const reason = error.message.slice(`${error.file}: `.length)
  if (older.length > 0) return new FileError(error.file, `${reason}; --checkpoint ${older.at(-1)} is the one before`)
  return new FileError(error.file, error.file === file ? `${reason}; there is no checkpoint before it` : reason)
}
