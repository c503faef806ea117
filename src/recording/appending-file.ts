// A file that is appended to in the background, with a bound on the bytes that wait.
import { type FileHandle, open } from 'node:fs/promises'

export interface AppendingFile {
  /** Bytes that were handed over and are not in the file yet. */
  readonly pending: number
  /** Bytes in the file. */
  readonly written: number
  /** Takes bytes; never waits. Nothing is taken after a failure. */
  append(bytes: Uint8Array): void
  /** Resolves when what was taken so far is in the file, or never will be. */
  settled(): Promise<void>
  /** Resolves when everything taken is in the file, on the disk, and the file is closed. Never rejects. */
  close(): Promise<void>
}

/**
 * Creates a file to append to; `failed` hears once why it stopped growing, as where the disk is full.
 * @throws Error of node:fs when there is such a file, or it cannot be created.
 */
export async function createAppendingFile(path: string, failed: (error: Error) => void): Promise<AppendingFile> {
  const file = await open(path, 'wx')
  let pending = 0
  let written = 0
  let broken = false
  let queue: Promise<void> = Promise.resolve()
  const write = async (bytes: Uint8Array) => {
    if (broken) return
    try {
      await writeWhole(file, bytes)
      written += bytes.length
    } catch (error) {
      broken = true
      // What is cut off is of no use, and its place is wanted by others.
      await file.truncate(written).catch(() => {})
      failed(error as Error)
    } finally {
      pending -= bytes.length
    }
  }
  return {
    get pending() {
      return pending
    },
    get written() {
      return written
    },
    append(bytes) {
      if (broken) return
      pending += bytes.length
      queue = queue.then(() => write(bytes))
    },
    settled: () => queue,
    async close() {
      await queue
      await file.sync().catch(() => {})
      await file.close().catch(() => {})
    },
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
}
