// The checkpoints of a run folder: which there are, which are kept, and the segments of the replay buffer that they name.
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FileError, isUnreadable } from '../errors.ts'
import type { Saved, SavedRows } from '../types.ts'
import { linkFileAtomic } from './atomic-file.ts'
import { readCheckpoint, segmentsOf, writeCheckpoint } from './checkpoint.ts'
import { isThere } from './presence.ts'
import { createSegments } from './segments.ts'

/** A checkpoint by its episodes, the newest, or the actors with the best training return. */
export type Choice = number | 'last' | 'best'

export interface WriteOptions {
  /** The point to which a run goes back stays until the next one, whatever checkpoints come after it. */
  readonly isRollbackPoint?: boolean
  /** Checkpoints kept, this one included. Default: 1. */
  readonly keep?: number
}

export interface CheckpointFiles {
  /** Writes rows that fill whole segments of the replay buffer, so that the next checkpoint only has to name them. */
  writeRows(rows: SavedRows): void
  /**
   * Writes a checkpoint named after the episodes trained, then removes older ones and what only they needed. Returns the file, and the
   * bytes written for it alone.
   */
  writeCheckpoint(episodes: number, saved: Saved, options?: WriteOptions): { file: string; bytes: number }
  /** Keeps what was saved of actors, as `best`, if `value` is higher than that of those kept before. */
  keepBest(episodes: number, value: number, saved: () => Saved): void
  readonly hasCheckpoint: boolean
  readonly hasBest: boolean
  /** Episodes of the checkpoints that are there, oldest first. */
  readonly checkpoints: readonly number[]
  /**
   * A checkpoint, by default the newest; whole, or only the tensors that `wanted` accepts. The run goes on from a whole one.
   * @throws FileError when it is not there or damaged.
   */
  readCheckpoint(wanted?: ((path: string) => boolean) | undefined, choice?: Choice): Saved
  /**
   * What is wrong with a checkpoint, every byte that it needs looked at; null: nothing.
   * @throws FileError when it cannot be looked at now: nothing is known of it then.
   */
  damageOf(episodes: number): FileError | null
  /** Renames a damaged checkpoint, so that it is no longer one; its new name. */
  setAside(episodes: number): string
  readonly hasRollbackPoint: boolean
  /** @throws FileError when there is none or it is damaged. */
  readRollbackPoint(): Saved
  /** Removes checkpoints of later episodes: the run has gone back. */
  cutCheckpoints(episodes: number): void
}

const suffix = '.safetensors'

/** The checkpoints below a run folder. */
export function createCheckpointFiles(path: string): CheckpointFiles {
  const folder = join(path, 'checkpoints')
  const rowsFolder = join(path, 'replay')
  const rollbackPoint = join(path, `rollback${suffix}`)
  const best = join(path, `best${suffix}`)
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
  const read = (file: string, wanted?: (path: string) => boolean) => {
    const saved = readCheckpoint(file, wanted, rowsFolder)
    if (wanted === undefined) segments.goOnFrom(segmentsOf(file))
    return saved
  }
  const chosen = (choice: Choice) => {
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
    writeCheckpoint(episodes, saved, { isRollbackPoint = false, keep = 1 } = {}) {
      const file = fileOf(episodes)
      // The point comes first: a run that goes on from the checkpoint must find the one that belongs to it.
      if (isRollbackPoint) {
        writeCheckpoint(rollbackPoint, saved, segments.settle)
        linkFileAtomic(rollbackPoint, file)
      } else writeCheckpoint(file, saved, segments.settle)
      const older = checkpoints().filter(one => one < episodes)
      for (const one of older.slice(0, Math.max(0, older.length - keep + 1))) rmSync(fileOf(one), { force: true })
      segments.removeUnneeded()
      return { file, bytes: statSync(file).size }
    },
    keepBest(episodes, value, saved) {
      const kept = isThere(best) ? bestOf(best) : Number.NEGATIVE_INFINITY
      if (value > kept) writeCheckpoint(best, { ...(saved() as Record<string, Saved>), best: { episodes, value } })
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
    readCheckpoint(wanted, choice = 'last') {
      const file = chosen(choice)
      try {
        return read(file, wanted)
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
    setAside(episodes) {
      const aside = `${fileOf(episodes)}.damaged`
      renameSync(fileOf(episodes), aside)
      return aside
    },
    get hasRollbackPoint() {
      return isThere(rollbackPoint)
    },
    readRollbackPoint() {
      if (!isThere(rollbackPoint)) throw new FileError(rollbackPoint, 'is not there; the run keeps no rollback points')
      return read(rollbackPoint)
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

/** A damaged file is written anew; one that cannot be looked at now is left as it is. */
function bestOf(file: string): number {
  try {
    const { best } = readCheckpoint(file, () => false) as { best?: { value?: number } }
    return best?.value ?? Number.NEGATIVE_INFINITY
  } catch (error) {
    return isUnreadable(error) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }
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
