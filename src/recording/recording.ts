// A recording that is read: any frame by its number, without the rest of the file.
import { type FileHandle, open } from 'node:fs/promises'
import type { Frame } from '../envs/frame.ts'
import { FileError } from '../errors.ts'
import type { Opening } from '../experiment/show.ts'
import { decodeFrame } from '../stream/frame-codec.ts'
import {
  channel,
  decodeGame,
  decodeOpening,
  decodeStep,
  frameNanoseconds,
  type RecordedGame,
  recordingFormat,
  recordingName,
} from './format.ts'
import { type ChunkMap, type ChunkMessage, type ChunkPlace, findChunks, readChunk } from './mcap-chunks.ts'
import { loadCompression } from './zstd.ts'

/** What happened at one frame. */
export interface RecordedMoment {
  readonly frame: Frame
  readonly opening: Opening | null
  /** 64 bits of the game's state; null: not known. */
  readonly fingerprint: bigint | null
}

export interface Recording {
  readonly file: string
  /** As `encodeAbout` wrote it. */
  readonly about: ReadonlyMap<string, string>
  /** Numbers of the first and the last frame. */
  readonly first: number
  readonly last: number
  /** False: it was cut off, or is still growing. */
  readonly whole: boolean
  /** The first frame whose number is `number` or more, with all that belongs to it; null: there is none. @throws FileError where the file is damaged */
  at(number: number): Promise<RecordedMoment | null>
  /** Frames from a number on, in order. @throws FileError where the file is damaged */
  from(number: number): AsyncGenerator<RecordedMoment>
  /** The game that a frame belongs to. */
  gameAt(number: number): Promise<RecordedGame>
  /** The newest opening up to a frame, with its number; null: the recording began in the middle of an episode. */
  openingBefore(number: number): Promise<RecordedMoment | null>
  close(): Promise<void>
}

/** Chunks that stay decoded. */
const keptChunks = 8

/** @throws FileError when it is missing, no recording of marlstrom's, of a later format, or without a single whole chunk */
export async function openRecording(path: string): Promise<Recording> {
  const compression = await loadCompression()
  const file = await open(path, 'r').catch((error: Error) => {
    throw new FileError(path, `cannot be read: ${error.message}`)
  })
  try {
    const map = await findChunks(file)
    refuseForeign(map)
    return await createRecording(path, file, map, place => readChunk(file, place, compression))
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

async function createRecording(
  path: string,
  file: FileHandle,
  { chunks, metadata, whole }: ChunkMap,
  read: (place: ChunkPlace) => Promise<ChunkMessage[]>,
): Promise<Recording> {
  const begin = chunks[0]!
  const messages = async (index: number) => {
    const place = chunks[index]!
    return read(place).catch((error: Error) => {
      const frames = `frames ${numberAt(place.first)} ... ${numberAt(place.last)}`
      throw new FileError(path, `is damaged at byte ${place.offset}: ${frames} cannot be read, ${error.message}`)
    })
  }
  let first = 0
  const numberAt = (logTime: bigint) => first + Number((logTime - begin.first) / frameNanoseconds)
  first = decodeStep((await messages(0)).find(message => message.channel === channel.step)!.data).number
  const last = numberAt(chunks.at(-1)!.last)

  /** Games that were met, by chunk, with the number of their first frame; frames may be of a game that an earlier chunk describes. */
  const games = new Map<number, readonly (readonly [number, RecordedGame])[]>()
  const gamesOf = async (index: number) => {
    const met = games.get(index)
    if (met !== undefined) return met
    const found = (await messages(index)).filter(message => message.channel === channel.game)
    const decoded = found.map(({ logTime, data }) => [numberAt(logTime), decodeGame(data)] as const)
    games.set(index, decoded)
    return decoded
  }
  const gameUpTo = async (number: number): Promise<RecordedGame> => {
    for (let index = indexOf(number); index >= 0; index--) {
      if (!chunks[index]!.channels.has(channel.game)) continue
      const game = (await gamesOf(index)).findLast(([from]) => from <= number)
      if (game !== undefined) return game[1]
    }
    throw new FileError(path, `does not say what game frame ${number} is of`)
  }
  /** The last chunk that begins at or before a frame. */
  const indexOf = (number: number) => {
    const time = begin.first + BigInt(number - first) * frameNanoseconds
    let [low, high] = [0, chunks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (chunks[middle]!.first <= time) low = middle
      else high = middle - 1
    }
    return low
  }

  const decoded = new Map<number, Promise<readonly RecordedMoment[]>>()
  const momentsOf = (index: number): Promise<readonly RecordedMoment[]> => {
    const kept = decoded.get(index) ?? decode(index)
    decoded.delete(index)
    decoded.set(index, kept)
    kept.catch(() => decoded.delete(index))
    if (decoded.size > keptChunks) decoded.delete(decoded.keys().next().value!)
    return kept
  }
  const decode = async (index: number): Promise<readonly RecordedMoment[]> => {
    let game = await gameUpTo(numberAt(chunks[index]!.first))
    const moments: RecordedMoment[] = []
    let opening: Opening | null = null
    let fingerprint: bigint | null = null
    for (const { channel: id, data } of await messages(index)) {
      if (id === channel.game) game = decodeGame(data)
      else if (id === channel.opening) opening = decodeOpening(data)
      else if (id === channel.step) fingerprint = decodeStep(data).fingerprint
      else if (id === channel.frame) {
        moments.push({ frame: decodeFrame(data, game.schema), opening, fingerprint })
        opening = null
      }
    }
    return moments
  }

  const recording: Recording = {
    file: path,
    about: metadata,
    first,
    last,
    whole,
    async at(number) {
      for await (const moment of recording.from(number)) return moment
      return null
    },
    async *from(number) {
      for (let index = indexOf(number); index < chunks.length; index++) {
        for (const moment of await momentsOf(index)) if (moment.frame.number >= number) yield moment
      }
    },
    gameAt: gameUpTo,
    async openingBefore(number) {
      for (let index = indexOf(number); index >= 0; index--) {
        if (!chunks[index]!.channels.has(channel.opening)) continue
        const moment = (await momentsOf(index)).findLast(({ frame, opening }) => opening && frame.number <= number)
        if (moment !== undefined) return moment
      }
      return null
    },
    close: () => file.close(),
  }
  return recording
}
