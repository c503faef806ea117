// What is said where a disk fails under a run: it is full, gone, or may not be written.
import { FileError } from '../errors.ts'
import { shellQuoted } from '../shell-quoted.ts'

/** An error of the system as a sentence with its remedy; others as they are. `folder`: of the run. */
export function diskTrouble(folder: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error
  const { message, path } = error as NodeJS.ErrnoException
  return new FileError(
    path ?? folder,
    `cannot be written: ${message}; the run stands at its newest checkpoint, and when the disk is mended, train --resume ${shellQuoted(folder)} ` +
      'goes on from there',
  )
}
