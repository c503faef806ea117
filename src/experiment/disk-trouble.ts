// Messages for disk failures during a run: full, gone, not writable, or the run folder was removed.
import { statSync } from 'node:fs'
import { FileError } from '../errors.ts'
import { shellQuoted } from '../text/shell-quoted.ts'

/** An error of the system as a sentence with its remedy; others as they are, unless the folder is gone. `folder`: of the run. */
export function diskTrouble(folder: string, error: unknown): unknown {
  if (isGone(folder))
    return new Error(
      `the run folder ${folder} is gone; it was removed or renamed while this process trained in it, which stops here and writes ` +
        'nothing more',
      { cause: error },
    )
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error
  const { message, path } = error as NodeJS.ErrnoException
  return new FileError(
    path ?? folder,
    `cannot be written: ${message}; the run stands at its newest checkpoint, and when the disk is repaired, train --resume ${shellQuoted(folder)} ` +
      'goes on from there',
  )
}

/** Only what the system says does not exist is gone; what cannot be looked at may be there. */
function isGone(folder: string): boolean {
  try {
    statSync(folder)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}
