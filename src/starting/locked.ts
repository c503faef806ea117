// Work on a run folder that this process alone may train in.
import { beforeStuckEnd } from '../authoring/played-here.ts'
import { diskTrouble } from '../experiment/disk-trouble.ts'
import { lockTrainer, type TrainerLock } from '../experiment/trainer-lock.ts'

export interface LockedOptions {
  /** Takes the folder over from a process that trains there. */
  readonly takeover: boolean | undefined
  /** Is told whom the folder was taken over from. */
  readonly note: (sentence: string) => void
  /** Is called as soon as the folder is locked. */
  readonly onLocked: (() => void) | undefined
}

/**
 * Locks a folder and works on it; the lock stays held for the training that follows, unless the work fails.
 * @throws ConfigError at `option` saying who trains there.
 */
export async function locked<T>(
  folder: string,
  option: '--out' | '--resume',
  { takeover, note, onLocked }: LockedOptions,
  work: (lock: TrainerLock) => Promise<T>,
): Promise<T> {
  const lock = lockTrainer(folder, { option, takeover: takeover === true })
  onLocked?.()
  // The run can be resumed at once, from its last checkpoint.
  beforeStuckEnd(() => lock.release())
  if (lock.takenFrom !== null) note(`${lock.takenFrom}; this process goes on in its place`)
  try {
    return await work(lock)
  } catch (error) {
    lock.release()
    throw diskTrouble(folder, error)
  }
}
