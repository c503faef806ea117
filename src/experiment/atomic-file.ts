// Files that are either whole or not there: temp file, fsync, rename, fsync of the folder.
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

const temporary = '.partial'

/** Writes the pieces one after the other. The file appears whole or, after a crash at any moment, not at all. */
export function writeFileAtomic(file: string, pieces: Iterable<Uint8Array>): void {
  const partial = `${file}${temporary}`
  const handle = openSync(partial, 'w')
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) at += writeSync(handle, piece, at, piece.length - at)
    }
    fsyncSync(handle)
  } catch (error) {
    closeSync(handle)
    rmSync(partial, { force: true })
    throw error
  }
  closeSync(handle)
  try {
    renameSync(partial, file)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
  syncFolder(dirname(file))
}

/** Removes what a crash left half written in a folder. */
export function sweepPartialFiles(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith(temporary)) rmSync(join(folder, name), { force: true })
}

/** A rename is only durable once its folder is; Windows cannot open folders and needs no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
