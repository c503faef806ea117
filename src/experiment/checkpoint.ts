// A checkpoint: everything that a run saves, as one safetensors file. Typed arrays are tensors, the rest is JSON in the metadata.
import { FileError } from '../errors.ts'
import type { Saved, SavedRows, SavedTensor, TypedArray } from '../types.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { readSafetensors } from './safetensors.ts'
import { damageIn, isSegment, rowsBetween, rowsOf, type Segment, storedRows } from './segments.ts'
import { encodeSealed, type WrittenTensor } from './write-safetensors.ts'

/** Rises when a file of an older version can no longer be understood. */
const format = 'marlstrom-checkpoint/3'
/** Without checksums, and with all rows of the replay buffer block by block; still read. */
const formatBefore = 'marlstrom-checkpoint/2'

/** Rows that cannot be read, and why. */
export interface DamagedRows {
  readonly error: FileError
  readonly rows: number
}

/**
 * Writes what a run saved, atomically and with checksums. Tensor names are the paths in it: `learners/agent_0/actor/layer0.weight`. Rows that
 * `keep` puts into segments are named; others are written like tensors.
 */
export function writeCheckpoint(
  file: string,
  saved: Saved,
  keep: (rows: SavedRows) => readonly Segment[] = () => [],
): void {
  const tensors = new Map<string, WrittenTensor>()
  const segments: Record<string, readonly Segment[]> = {}
  const state = split(saved, '', tensors, (path, rows) => {
    const kept = keep(rows)
    const from = kept.at(-1)?.end ?? rows.first
    tensors.set(path, { shape: [rows.end - from, rows.columns], data: rowsBetween(rows, from, rows.end) })
    if (kept.length > 0) segments[path] = kept
  })
  const metadata = { format, state: JSON.stringify(state), segments: JSON.stringify(segments) }
  writeFileAtomic(file, encodeSealed(tensors, metadata).pieces)
}

/**
 * Reads a checkpoint back, whole or only the tensors whose path `wanted` accepts (others become null). Segments lie in `folder`; they are
 * read when their rows are asked for. `withoutDamagedRows`: rows of segments that are not whole are left out and named as missing.
 * @throws FileError when the file is damaged, foreign, or of another version.
 */
export function readCheckpoint(
  file: string,
  wanted?: (path: string) => boolean,
  folder = '',
  withoutDamagedRows = false,
): Saved {
  const { tensors, metadata } = readSafetensors(file, wanted)
  checkFormat(file, metadata)
  const segments = segmentsIn(file, metadata)
  try {
    return join(parseState(file, metadata.state), tensors, (path, about) => {
      const rest = tensors.get(path)?.data
      if (rest === undefined) return null
      const named = segments[path] ?? []
      const without = withoutDamagedRows
        ? named.filter(segment => damageIn(folder, segment, about.columns) !== null)
        : []
      return storedRows(folder, named, rest as Float32Array, about, without)
    })
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError(file, 'damaged: its state is nested too deeply; use an earlier file')
  }
}

/** The segments that a checkpoint names. @throws FileError when the file is damaged, foreign, or of another version. */
export function segmentsOf(file: string): readonly Segment[] {
  const { metadata } = readSafetensors(file, () => false)
  checkFormat(file, metadata)
  return Object.values(segmentsIn(file, metadata)).flat()
}

/** What is damaged of the rows that a checkpoint names, segment by segment. @throws FileError when the checkpoint itself is. */
export function damagedRowsOf(file: string, folder: string): { readonly damaged: DamagedRows[]; readonly of: number } {
  const { tensors, metadata } = readSafetensors(file)
  checkFormat(file, metadata)
  const segments = segmentsIn(file, metadata)
  const damaged: DamagedRows[] = []
  let of = 0
  join(parseState(file, metadata.state), tensors, (path, about) => {
    of += about.end - about.first
    for (const segment of segments[path] ?? []) {
      const error = damageIn(folder, segment, about.columns)
      const { first, end } = rowsOf(segment, about)
      if (error !== null) damaged.push({ error, rows: end - first })
    }
    return null
  })
  return { damaged, of }
}

function checkFormat(file: string, { format: found, seal }: Readonly<Record<string, string>>): void {
  if (found === format && seal === undefined) throw new FileError(file, 'damaged: its checksums are missing')
  if (found === format || found === formatBefore) return
  throw new FileError(file, `expected a checkpoint of format ${format}, got ${found ?? 'a foreign safetensors file'}`)
}

function segmentsIn(file: string, { segments }: Readonly<Record<string, string>>): Record<string, readonly Segment[]> {
  const found = parseJson(file, segments ?? '{}') as unknown as Record<string, readonly Segment[]>
  if (Object.values(Object(found)).every(list => Array.isArray(list) && list.every(isSegment))) return found
  throw new FileError(file, 'damaged: it names its segments in a way that cannot be read')
}

function parseState(file: string, state: string | undefined): Saved {
  return parseJson(file, state ?? '')
}

function parseJson(file: string, text: string): Saved {
  try {
    return JSON.parse(text)
  } catch {
    throw new FileError(file, 'damaged: its state is no JSON; use an earlier file')
  }
}

/**
 * Moves typed arrays out of the tree; where one was stands { $tensor: path }. Rows, which `keep` moves, stand as { $rows: path } beside
 * what is known of them, numbers that JSON does not know as { $number: text }.
 */
function split(
  saved: Saved,
  path: string,
  tensors: Map<string, WrittenTensor>,
  keep: (path: string, rows: SavedRows) => void,
): Saved {
  if (typeof saved === 'number' && (!Number.isFinite(saved) || Object.is(saved, -0)))
    return { $number: Object.is(saved, -0) ? '-0' : String(saved) }
  if (saved === null || typeof saved !== 'object') return saved
  if (ArrayBuffer.isView(saved) || isTensor(saved)) {
    if (tensors.has(path)) throw new TypeError(`checkpoint: two tensors have the path ${path}`)
    tensors.set(path, ArrayBuffer.isView(saved) ? vector(saved as TypedArray) : saved)
    return { $tensor: path }
  }
  if (isRows(saved)) {
    const { first, end, columns, capacity } = saved
    keep(path, saved)
    return { $rows: path, first, end, columns, capacity }
  }
  const below = (key: string | number) => {
    if (String(key).startsWith('$')) throw new TypeError(`checkpoint: ${path}/${key} begins with $, the format's own`)
    return path === '' ? `${key}` : `${path}/${key}`
  }
  if (Array.isArray(saved)) return saved.map((item, index) => split(item, below(index), tensors, keep))
  return Object.fromEntries(
    Object.entries(saved).map(([key, item]) => [key, split(item as Saved, below(key), tensors, keep)]),
  )
}

/** Puts the tensors and rows back where they were. */
function join(
  rest: Saved,
  tensors: ReadonlyMap<string, SavedTensor>,
  rowsAt: (path: string, about: Omit<SavedRows, 'pieces'>) => Saved,
): Saved {
  if (rest === null || typeof rest !== 'object') return rest
  if (Array.isArray(rest)) return rest.map(item => join(item, tensors, rowsAt))
  const record = rest as { readonly [key: string]: Saved }
  if (typeof record.$number === 'string') return Number(record.$number)
  if (typeof record.$rows === 'string') {
    const { $rows, ...about } = record
    return rowsAt($rows as string, about as unknown as Omit<SavedRows, 'pieces'>)
  }
  if (typeof record.$tensor === 'string') {
    const tensor = tensors.get(record.$tensor)
    if (tensor === undefined) return null
    return tensor.shape.length === 1 ? tensor.data : tensor
  }
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, join(item, tensors, rowsAt)]))
}

function vector(data: TypedArray): SavedTensor {
  return { shape: [data.length], data }
}

function isRows(saved: object): saved is SavedRows {
  return 'pieces' in saved && 'columns' in saved
}

function isTensor(saved: object): saved is SavedTensor {
  return 'shape' in saved && 'data' in saved && ArrayBuffer.isView(saved.data)
}
