// Records a show: every moment goes into an MCAP file in the background; what is watched and trained never waits for the disk.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Observable, Subject, Subscription } from 'rxjs'
import type { Moment, Show } from '../experiment/show.ts'
import { createAppendingFile } from './appending-file.ts'
import { type About, encodeAbout, type RecordedGame, recordingName } from './format.ts'
import { createMcapWriter } from './mcap-writer.ts'
import { createMomentWriter } from './moment-writer.ts'
import { loadCompression } from './zstd.ts'

export interface RecorderOptions {
  readonly file: string
  readonly about: About
  /** The code of the scenario that is played now, where it is a user's. */
  readonly source: () => RecordedGame['source']
  /** A chunk is ended after so many bytes, or so many milliseconds: what a killed process loses at most. Absent: 256 KiB, 2 s. */
  readonly chunk?: { readonly bytes: number; readonly milliseconds: number }
}

export interface Recorder {
  readonly file: string
  /** Bytes of the file, after every change. Ends when the recording does. */
  readonly bytes$: Observable<number>
  /** Sentences for people: why it stopped, or what is missing. */
  readonly remarks$: Observable<string>
  /** A whole recording of what there is so far: the first bytes of the file, and what ends them. */
  snapshot(): Promise<{ readonly bytes: number; readonly summary: Uint8Array }>
  /** Everything so far goes to the disk, and the file is ended as it should be. */
  close(): Promise<void>
}

/** What may wait for the disk. Beyond it frames are left out until an episode begins. */
const mostPending = 32 * 1024 * 1024

/**
 * Begins to record.
 * @throws Error of node:fs when there is such a file already, or it cannot be created
 */
export async function recordShow(
  show: Pick<Show, 'schema$' | 'moments$'>,
  options: RecorderOptions,
): Promise<Recorder> {
  const { file, about, source, chunk = { bytes: 256 * 1024, milliseconds: 2000 } } = options
  const compression = await loadCompression()
  mkdirSync(dirname(file), { recursive: true })
  const bytes$ = new Subject<number>()
  const remarks$ = new Subject<string>()
  const listening = new Subscription()
  const stop = (reason: string) => {
    listening.unsubscribe()
    remarks$.next(`the recording has stopped, ${file} keeps what it has so far: ${reason}`)
  }
  const output = await createAppendingFile(file, error => stop(error.message))
  const began = Date.now()
  const writer = createMcapWriter(recordingName, compression)
  const moments = createMomentWriter(writer, began, source)
  let given = 0
  let chunkBegan = 0
  /** Frames that were left out because the disk could not keep up. */
  let missing = 0

  const append = (bytes: Uint8Array) => {
    output.append(bytes)
    given += bytes.length
  }
  const endChunk = () => {
    if (writer.openBytes === 0) return
    append(writer.endChunk())
    bytes$.next(given)
  }
  const endOldChunk = () => {
    if (writer.openBytes >= chunk.bytes || performance.now() - chunkBegan >= chunk.milliseconds) endChunk()
  }
  /** After frames were left out, only an opening leads on. */
  const keepsUp = ({ frame, opening }: Moment): boolean => {
    if (missing === 0) return output.pending < mostPending
    if (opening === null || output.pending > mostPending / 2) return false
    remarks$.next(`the disk could not keep up: the ${missing} frames before frame ${frame.number} are not in ${file}`)
    missing = 0
    return true
  }
  const take = (moment: Moment) => {
    if (!keepsUp(moment)) {
      missing++
      return moments.interrupt()
    }
    if (writer.openBytes === 0) chunkBegan = performance.now()
    moments.write(moment)
    endOldChunk()
  }

  append(writer.begin(encodeAbout(about, began)))
  const error = (cause: unknown) => stop(cause instanceof Error ? cause.message : String(cause))
  listening.add(show.schema$.subscribe({ next: moments.changeSchema, error }))
  listening.add(show.moments$.subscribe({ next: take, error }))
  // A game that is paused tells no moments, and those before the pause shall not wait for its end.
  const timer = setInterval(endOldChunk, chunk.milliseconds / 4).unref()

  const close = async () => {
    clearInterval(timer)
    listening.unsubscribe()
    endChunk()
    append(writer.summary())
    await output.close()
    bytes$.complete()
    remarks$.complete()
  }
  let closing: Promise<void> | null = null
  /** Made once for all who ask before more is written. */
  let ending: { readonly at: number; readonly summary: Uint8Array } | null = null
  const summaryNow = () => {
    if (ending?.at !== given) ending = { at: given, summary: writer.summary() }
    return ending.summary
  }
  return {
    file,
    bytes$,
    remarks$,
    async snapshot() {
      // One that has ended has its summary.
      const [bytes, summary] = [given, closing === null ? summaryNow() : new Uint8Array()]
      await output.settled()
      return output.written < bytes ? { bytes: output.written, summary: new Uint8Array() } : { bytes, summary }
    },
    close: () => (closing ??= close()),
  }
}
