// Whether a file exists: false only where the system says that there is none, not where it cannot be looked at.
import { statSync } from 'node:fs'
import { codeOf, FileError } from '../errors.ts'

/** @throws FileError when the system does not say, as where a folder above may not be looked into. */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    // Below what is no folder there is nothing.
    if (codeOf(error) === 'ENOTDIR') return false
    throw new FileError(path, `cannot be looked at: ${(error as Error).message}`, { cause: error })
  }
}
