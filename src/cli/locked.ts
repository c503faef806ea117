// Work on a run folder that this process alone may train in.
import pc from 'picocolors'
import { beforeStuckEnd } from '../authoring/played-here.ts'
import { diskTrouble } from '../experiment/disk-trouble.ts'
import { lockTrainer, type TrainerLock } from '../index.ts'
import { printError } from './print.ts'

/**
 * Locks a folder and works on it; the lock stays held for the training that follows, unless the work fails. Says on stderr whom the
 * folder was taken over from.
 * @throws ConfigError at `option` saying who trains there.
 */
export async function locked<T>(
  folder: string,
  option: '--out' | '--resume',
  takeover: boolean | undefined,
  work: (lock: TrainerLock) => Promise<T>,
  onLocked: () => void = () => {},
): Promise<T> {
  const lock = lockTrainer(folder, { option, takeover: takeover === true })
  onLocked()
  // The run can be resumed at once, from its last checkpoint.
  beforeStuckEnd(() => lock.release())
  if (lock.takenFrom !== null) printError(`${pc.yellow('note:')} ${lock.takenFrom}; this process goes on in its place`)
  try {
    return await work(lock)
  } catch (error) {
    lock.release()
    throw diskTrouble(folder, error)
  }
}
