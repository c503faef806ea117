// Files that are either whole or not there: temp file, fsync, rename, fsync of the folder.
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const temporary = '.partial'

/** Writes the pieces one after the other. The file appears whole or, after a crash at any moment, not at all. */
export function writeFileAtomic(file: string, pieces: Iterable<Uint8Array>): void {
  closeSync(writeAside(file, pieces, fsyncSync))
  syncFolder(dirname(file))
}

/**
 * Writes a file that nothing refers to yet: whole where a process is killed, but on the disk only once the handle that comes back, and
 * the folder, have been synchronised.
 */
export function writeFileUnsynced(file: string, pieces: Iterable<Uint8Array>): number {
  return writeAside(file, pieces, () => {})
}

/** Under another name first; the handle stays open. */
function writeAside(file: string, pieces: Iterable<Uint8Array>, finish: (handle: number) => void): number {
  const partial = `${file}${temporary}`
  const handle = openSync(partial, 'w')
  try {
    for (const piece of joined(pieces)) {
      for (let at = 0; at < piece.length; ) at += writeSync(handle, piece, at, piece.length - at)
    }
    finish(handle)
    renameSync(partial, file)
    return handle
  } catch (error) {
    closeSync(handle)
    rmSync(partial, { force: true })
    throw error
  }
}

/** Small pieces put together, since every one written costs a call; large ones as they are. */
function* joined(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  const small = Buffer.alloc(2 ** 18)
  let filled = 0
  for (const piece of pieces) {
    if (filled + piece.length > small.length) {
      yield small.subarray(0, filled)
      filled = 0
    }
    if (piece.length > small.length) yield piece
    else {
      small.set(piece, filled)
      filled += piece.length
    }
  }
  yield small.subarray(0, filled)
}

/** Makes `to` a second name of a whole file, or a copy where the file system has no such names; it appears whole or not at all. */
export function linkFileAtomic(from: string, to: string): void {
  const partial = `${to}${temporary}`
  rmSync(partial, { force: true })
  try {
    linkSync(from, partial)
  } catch {
    writeFileAtomic(to, [readFileSync(from)])
    return
  }
  renameSync(partial, to)
  // Where both were names of one file already, renaming does nothing.
  rmSync(partial, { force: true })
  syncFolder(dirname(to))
}

/** Removes what a crash left half written in a folder. */
export function sweepPartialFiles(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith(temporary)) rmSync(join(folder, name), { force: true })
}

/** A rename is only durable once its folder is; Windows cannot open folders and needs no such call. */
export function syncFolder(folder: string): void {
  if (process.platform !== 'win32') syncFile(folder)
}

/** What was written to a file before is on the disk afterwards. */
export function syncFile(file: string): void {
  const handle = openSync(file, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
