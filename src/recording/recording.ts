// A recording that is read: any frame by its number, without the rest of the file.
import { open } from 'node:fs/promises'
import { FileError } from '../errors.ts'
import { type ChunkReader, createChunkReader, type RecordedMoment } from './chunk-reader.ts'
import { channel, recordingFormat, recordingName } from './format.ts'
import { type ChunkMap, findChunks, readChunk } from './mcap-chunks.ts'
import { loadCompression } from './zstd.ts'

export type { RecordedMoment } from './chunk-reader.ts'

export interface Recording {
  readonly file: string
  /** As `encodeAbout` wrote it. */
  readonly about: ReadonlyMap<string, string>
  /** Numbers of the first and the last frame. */
  readonly first: number
  readonly last: number
  /** Of the file. */
  readonly bytes: number
  /** False: it was cut off, or is still growing. */
  readonly whole: boolean
  /** The first frame whose number is `number` or more, with all that belongs to it; null: there is none. @throws FileError where the file is damaged */
  at(number: number): Promise<RecordedMoment | null>
  /** Frames from a number on, in order; `damaged` hears of what cannot be read and is left out. @throws FileError where nobody hears it */
  from(number: number, damaged?: (error: Error) => void): AsyncGenerator<RecordedMoment>
  /** The newest opening up to a frame, with its number; null: the recording began in the middle of an episode. */
  openingBefore(number: number): Promise<RecordedMoment | null>
  close(): Promise<void>
}

/** @throws FileError when it is missing, no recording of marlstrom's, of a later format, or without a single whole chunk */
export async function openRecording(path: string): Promise<Recording> {
  const compression = await loadCompression()
  const file = await open(path, 'r').catch((error: Error) => {
    throw new FileError(path, `cannot be read: ${error.message}`)
  })
  try {
    const map = await findChunks(file)
    refuseForeign(map)
    const reader = await createChunkReader(path, map.chunks, place => readChunk(file, place, compression))
    const { size: bytes } = await file.stat()
    return { file: path, about: map.metadata, bytes, whole: map.whole, ...frames(reader), close: () => file.close() }
  } catch (error) {
    await file.close()
    throw error instanceof FileError ? error : new FileError(path, (error as Error).message)
  }
}

/** @throws Error with a sentence */
function refuseForeign({ metadata, chunks }: ChunkMap): void {
  const format = Number(metadata.get('format'))
  if (!Number.isInteger(format))
    throw new Error(`is no recording of ${recordingName}'s: it says nothing about its format`)
  if (format > recordingFormat) {
    throw new Error(`has format ${format}, this build reads up to ${recordingFormat}; use the marlstrom that wrote it`)
  }
  if (chunks.length === 0) throw new Error('has no whole chunk: it was cut off before anything was recorded')
}

function frames({ first, last, count, indexOf, has, moments }: ChunkReader): FrameAccess {
  async function* from(number: number, damaged?: (error: Error) => void): AsyncGenerator<RecordedMoment> {
    for (let index = indexOf(number); index < count; index++) {
      const chunk = await moments(index).catch(error => {
        if (damaged === undefined) throw error
        damaged(error)
        return []
      })
      for (const moment of chunk) if (moment.frame.number >= number) yield moment
    }
  }
  return {
    first,
    last,
    from,
    async at(number) {
      for await (const moment of from(number)) return moment
      return null
    },
    async openingBefore(number) {
      for (let index = indexOf(number); index >= 0; index--) {
        if (!has(index, channel.opening)) continue
        const found = (await moments(index)).findLast(({ frame, opening }) => opening && frame.number <= number)
        if (found !== undefined) return found
      }
      return null
    },
  }
}

type FrameAccess = Pick<Recording, 'first' | 'last' | 'from' | 'at' | 'openingBefore'>
