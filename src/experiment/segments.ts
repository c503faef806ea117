// The replay buffer on disk: rows in files that are written once, as they fill, so that a checkpoint only has to name them.
import { closeSync, fsync, fsyncSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FileError, isUnreadable } from '../errors.ts'
import type { SavedRows } from '../types.ts'
import { syncFolder, writeFileUnsynced } from './atomic-file.ts'
import { isThere } from './presence.ts'
import { readSafetensors } from './safetensors.ts'
import { encodeSealed } from './write-safetensors.ts'

/** Rows first ... end - 1, in a file named after its content: what a checkpoint names can never be overwritten by anything else. */
export interface Segment {
  readonly file: string
  readonly first: number
  readonly end: number
  readonly sha256: string
}

/** Whether a value from a file is one. */
export function isSegment(value: unknown): value is Segment {
  const { file, first, end, sha256 } = Object(value) as Record<string, unknown>
  const whole = Number.isSafeInteger(first) && Number.isSafeInteger(end)
  return whole && typeof sha256 === 'string' && typeof file === 'string' && segmentName.test(file)
}

export interface Segments {
  /** Writes the rows that fill whole segments. Their way to the disk goes on beside the training. */
  follow(rows: SavedRows): void
  /** Writes what is missing, and waits until all is on the disk: the segments that hold rows from `rows.first` on, in order. */
  settle(rows: SavedRows): readonly Segment[]
  /** Goes on after the segments of a checkpoint that was restored. */
  goOnFrom(segments: readonly Segment[]): void
  /** Removes segments that neither the rows nor a checkpoint needs. */
  removeUnneeded(): void
}

/** Bytes of a segment: what the training waits for when one is written. */
const segmentBytes = 4 * 2 ** 20
/** Smaller buffers are written whole with every checkpoint: that is as quick. */
const wholeBytes = 4 * segmentBytes

const segmentName = /^\d{12,}-[0-9a-f]{16}\.safetensors(\.partial)?$/
const format = 'marlstrom-rows/1'
const tensor = 'rows'

/** Rows that make a segment; infinite: the buffer is so small that it has none. */
export function rowsPerSegment({ capacity, columns }: Pick<SavedRows, 'capacity' | 'columns'>): number {
  const bytes = 4 * columns
  return capacity * bytes <= wholeBytes ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(segmentBytes / bytes))
}

/**
 * The segments in a folder, which is made when there are some. `named`: those that the checkpoints of now need; they are left alone whatever
 * the ring forgets.
 */
export function createSegments(folder: string, named: () => Iterable<Segment>): Segments {
  let chain: readonly Segment[] = []
  let needed: ReadonlySet<string> | null = null
  /** undefined: a checkpoint cannot be looked at now. */
  const isNeeded = (file: string): boolean | undefined => {
    try {
      needed ??= new Set([...named()].map(segment => segment.file))
    } catch (error) {
      if (!isUnreadable(error)) throw error
    }
    return needed?.has(file)
  }
  /** Handles of files that may not be on the disk yet. */
  const unsynced = new Map<string, number>()
  let failure: Error | null = null

  const write = (rows: SavedRows, first: number, end: number): Segment => {
    const data = rowsBetween(rows, first, end)
    const tensors = new Map([[tensor, { shape: [end - first, rows.columns], data }]])
    const { pieces, digests } = encodeSealed(tensors, { format, first: String(first), end: String(end) })
    const sha256 = digests[tensor]!
    const file = `${String(first).padStart(12, '0')}-${sha256.slice(0, 16)}.safetensors`
    if (isNeeded(file)) return { file, first, end, sha256 }
    makeFolder(folder)
    const handle = writeFileUnsynced(join(folder, file), pieces)
    unsynced.set(file, handle)
    fsync(handle, error => {
      if (error !== null && unsynced.get(file) === handle) failure ??= error
      if (unsynced.get(file) === handle) unsynced.delete(file)
      closeSync(handle)
    })
    return { file, first, end, sha256 }
  }

  /** Removes a segment that no checkpoint came to name. */
  const forget = (file: string) => {
    const path = join(folder, file)
    // Where somebody put a folder in its place, that is not this run's to remove.
    if (isNeeded(file) === false && statSync(path, { throwIfNoEntry: false })?.isFile()) rmSync(path, { force: true })
  }

  const follow = (rows: SavedRows) => {
    if (failure !== null) throw failure
    const size = rowsPerSegment(rows)
    const before = chain
    // What has left the buffer, and what it had not come to yet where it stands now.
    chain = chain.filter(({ end }) => end > rows.first && end <= rows.end)
    for (const { file } of before) if (!chain.some(kept => kept.file === file)) forget(file)
    let first = chain.at(-1)?.end ?? rows.first
    for (; rows.end - first >= size; first += size) chain = [...chain, write(rows, first, first + size)]
  }

  return {
    follow,
    settle(rows) {
      follow(rows)
      for (const [file, handle] of [...unsynced]) {
        fsyncSync(handle)
        unsynced.delete(file)
      }
      if (chain.length > 0) syncFolder(folder)
      return chain
    },
    goOnFrom(segments) {
      chain = segments
    },
    removeUnneeded() {
      needed = null
      if (!isThere(folder)) return
      const ofRows = new Set(chain.map(({ file }) => file))
      for (const name of readdirSync(folder)) if (segmentName.test(name) && !ofRows.has(name)) forget(name)
    },
  }
}

/**
 * Rows of a checkpoint: those in segments, read one by one as they are asked for, and the rest. Those of `without` are named as missing.
 */
export function storedRows(
  folder: string,
  segments: readonly Segment[],
  rest: Float32Array,
  about: Omit<SavedRows, 'pieces'>,
  without: readonly Segment[] = [],
): SavedRows {
  const missing = without.map(segment => rowsOf(segment, about))
  const whole = segments.filter(segment => !without.includes(segment))
  return {
    ...about,
    ...(missing.length > 0 ? { missing } : {}),
    pieces: {
      *[Symbol.iterator]() {
        for (const segment of whole) {
          const data = readSegment(folder, segment, about.columns)
          yield data.subarray(Math.max(0, about.first - segment.first) * about.columns)
        }
        if (rest.length > 0) yield rest
      },
    },
  }
}

/** The rows of a segment that a buffer still has. */
export function rowsOf(segment: Segment, { first }: Pick<SavedRows, 'first'>): { first: number; end: number } {
  return { first: Math.max(segment.first, first), end: segment.end }
}

/** What is wrong with a segment, every byte of it looked at; null: nothing. */
export function damageIn(folder: string, segment: Segment, columns: number): FileError | null {
  try {
    readSegment(folder, segment, columns)
    return null
  } catch (error) {
    // What cannot be read now may be whole.
    if (error instanceof FileError && !isUnreadable(error)) return error
    throw error
  }
}

/** Rows `from` ... `to` - 1 of those that are there. */
export function rowsBetween(
  { first, columns, pieces, pieceRows = 0 }: SavedRows,
  from: number,
  to: number,
): Float32Array[] {
  const found: Float32Array[] = []
  const isApart = pieceRows > 0 && Array.isArray(pieces)
  const skipped = isApart ? Math.floor((from - first) / pieceRows) : 0
  let row = first + skipped * pieceRows
  for (const piece of isApart ? pieces.slice(skipped, Math.ceil((to - first) / pieceRows)) : pieces) {
    const end = row + piece.length / columns
    if (end > from && row < to)
      found.push(piece.subarray((Math.max(row, from) - row) * columns, (Math.min(end, to) - row) * columns))
    row = end
  }
  return found
}

/** @throws FileError when it is missing or not what the checkpoint was written with. */
function readSegment(folder: string, { file, first, end, sha256 }: Segment, columns: number): Float32Array {
  const path = join(folder, file)
  const { tensors, metadata } = readSafetensors(path)
  const data = tensors.get(tensor)?.data
  const isRight = metadata.sha256 === JSON.stringify({ [tensor]: sha256 }) && data?.length === (end - first) * columns
  if (metadata.format === format && isRight && data instanceof Float32Array) return data
  throw new FileError(path, `damaged: not the rows ${first} to ${end - 1} that the checkpoint was written with`)
}

function makeFolder(folder: string): void {
  if (isThere(folder)) return
  // Not the folders above it: where they were removed, they stay so.
  mkdirSync(folder)
  syncFolder(dirname(folder))
}
