// The chunks of a recording as moments: found by the numbers of frames, decoded when they are asked for, and the last ones kept.
import type { Frame } from '../envs/frame.ts'
import { FileError } from '../errors.ts'
import type { Opening } from '../experiment/show.ts'
import { decodeFrame } from '../stream/frame-codec.ts'
import { channel, decodeGame, decodeOpening, decodeStep, frameNanoseconds, type RecordedGame } from './format.ts'
import type { ChunkMessage, ChunkPlace } from './mcap-chunks.ts'

/** What happened at one frame. */
export interface RecordedMoment {
  readonly frame: Frame
  readonly opening: Opening | null
  /** 64 bits of the game's state; null: not known. */
  readonly fingerprint: bigint | null
  /** What it is a frame of; the same object as long as the game is the same. */
  readonly game: RecordedGame
}

export interface ChunkReader {
  readonly count: number
  /** Numbers of the first and the last frame. */
  readonly first: number
  readonly last: number
  /** The last chunk that begins at or before a frame. */
  indexOf(number: number): number
  /** Whether a chunk may have messages of a channel. */
  has(index: number, channel: number): boolean
  /** @throws FileError where the chunk is damaged */
  moments(index: number): Promise<readonly RecordedMoment[]>
}

/** Chunks that stay decoded. */
const keptChunks = 8

/** `chunks`: at least one. @throws FileError when the first chunk is damaged, or has no frame */
export async function createChunkReader(
  path: string,
  chunks: readonly ChunkPlace[],
  read: (place: ChunkPlace) => Promise<ChunkMessage[]>,
): Promise<ChunkReader> {
  const begin = chunks[0]!.first
  let first = 0
  const numberAt = (logTime: bigint) => first + Number((logTime - begin) / frameNanoseconds)
  const messages = async (index: number) => {
    const place = chunks[index]!
    try {
      return await read(place)
    } catch (error) {
      const lost = `frames ${numberAt(place.first)} ... ${numberAt(place.last)} cannot be read`
      throw new FileError(path, `is damaged at byte ${place.offset}: ${lost}, ${(error as Error).message}`)
    }
  }
  const step = (await messages(0)).find(message => message.channel === channel.step)
  if (step === undefined) throw new FileError(path, 'begins without a frame')
  first = decodeStep(step.data).number

  const indexOf = (number: number) => {
    const time = begin + BigInt(number - first) * frameNanoseconds
    let [low, high] = [0, chunks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (chunks[middle]!.first <= time) low = middle
      else high = middle - 1
    }
    return low
  }

  /** The games that chunks describe, each once, with the number of its first frame. */
  const games = new Map<number, readonly (readonly [number: number, game: RecordedGame])[]>()
  const gamesOf = async (index: number) => {
    const met = games.get(index)
    if (met !== undefined) return met
    const found = (await messages(index)).filter(message => message.channel === channel.game)
    const decoded = found.map(({ logTime, data }) => [numberAt(logTime), decodeGame(data)] as const)
    games.set(index, decoded)
    return decoded
  }
  /** What a frame is of may stand in an earlier chunk. */
  const gameOf = async (number: number): Promise<RecordedGame> => {
    for (let index = indexOf(number); index >= 0; index--) {
      if (!chunks[index]!.channels.has(channel.game)) continue
      const game = (await gamesOf(index)).findLast(([from]) => from <= number)
      if (game !== undefined) return game[1]
    }
    throw new FileError(path, `does not say what game frame ${number} is of`)
  }

  const decode = async (index: number): Promise<readonly RecordedMoment[]> => {
    const moments: RecordedMoment[] = []
    let game = await gameOf(numberAt(chunks[index]!.first))
    let opening: Opening | null = null
    let fingerprint: bigint | null = null
    for (const { channel: id, logTime, data } of await messages(index)) {
      if (id === channel.game) game = await gameOf(numberAt(logTime))
      else if (id === channel.opening) opening = decodeOpening(data)
      else if (id === channel.step) fingerprint = decodeStep(data).fingerprint
      else if (id === channel.frame) {
        moments.push({ frame: decodeFrame(data, game.schema), opening, fingerprint, game })
        opening = null
      }
    }
    return moments
  }
  const kept = new Map<number, Promise<readonly RecordedMoment[]>>()
  return {
    count: chunks.length,
    first,
    last: numberAt(chunks.at(-1)!.last),
    indexOf,
    has: (index, id) => chunks[index]!.channels.has(id),
    moments(index) {
      const moments = kept.get(index) ?? decode(index)
      // The one that was asked for last is forgotten last.
      kept.delete(index)
      kept.set(index, moments)
      moments.catch(() => kept.delete(index))
      if (kept.size > keptChunks) kept.delete(kept.keys().next().value!)
      return moments
    },
  }
}
