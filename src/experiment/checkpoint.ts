// A checkpoint: everything that a run saves, as one safetensors file. Typed arrays are tensors, the rest is JSON in the metadata.
import { FileError } from '../errors.ts'
import type { Saved, SavedTensor, TypedArray } from '../types.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

/** Rises when a file of an older version can no longer be understood. */
const format = 'marlstrom-checkpoint/2'

/** Writes what a run saved, atomically. Tensor names are the paths in it: `learners/agent_0/actor/layer0.weight`. */
export function writeCheckpoint(file: string, saved: Saved): void {
  const tensors = new Map<string, SavedTensor>()
  const rest = split(saved, '', tensors)
  writeSafetensors(file, tensors, { format, state: JSON.stringify(rest) })
}

/**
 * Reads a checkpoint back, whole or only the tensors whose path `wanted` accepts (others become null).
 * @throws FileError when the file is damaged, foreign, or of another version.
 */
export function readCheckpoint(file: string, wanted?: (path: string) => boolean): Saved {
  const { tensors, metadata } = readSafetensors(file, wanted)
  if (metadata.format !== format)
    throw new FileError(
      file,
      `expected a checkpoint of format ${format}, got ${metadata.format ?? 'a foreign safetensors file'}`,
    )
  const state = parseState(file, metadata.state)
  try {
    return join(state, tensors)
  } catch {
    throw new FileError(file, 'damaged: its state is nested too deeply; use an earlier file')
  }
}

function parseState(file: string, state: string | undefined): Saved {
  try {
    return JSON.parse(state ?? '')
  } catch {
    throw new FileError(file, 'damaged: its state is no JSON; use an earlier file')
  }
}

/**
 * Moves typed arrays out of the tree; where one was stands { $tensor: path }. Numbers that JSON does not know stand as
 * { $number: text }.
 */
function split(saved: Saved, path: string, tensors: Map<string, SavedTensor>): Saved {
  if (typeof saved === 'number' && (!Number.isFinite(saved) || Object.is(saved, -0)))
    return { $number: Object.is(saved, -0) ? '-0' : String(saved) }
  if (saved === null || typeof saved !== 'object') return saved
  if (ArrayBuffer.isView(saved) || isTensor(saved)) {
    if (tensors.has(path)) throw new TypeError(`checkpoint: two tensors have the path ${path}`)
    tensors.set(path, ArrayBuffer.isView(saved) ? vector(saved as TypedArray) : saved)
    return { $tensor: path }
  }
  const below = (key: string | number) => {
    if (String(key).startsWith('$')) throw new TypeError(`checkpoint: ${path}/${key} begins with $, the format's own`)
    return path === '' ? `${key}` : `${path}/${key}`
  }
  if (Array.isArray(saved)) return saved.map((item, index) => split(item, below(index), tensors))
  return Object.fromEntries(
    Object.entries(saved).map(([key, item]) => [key, split(item as Saved, below(key), tensors)]),
  )
}

/** Puts the tensors back where they were. */
function join(rest: Saved, tensors: ReadonlyMap<string, SavedTensor>): Saved {
  if (rest === null || typeof rest !== 'object') return rest
  if (Array.isArray(rest)) return rest.map(item => join(item, tensors))
  const record = rest as { readonly [key: string]: Saved }
  if (typeof record.$number === 'string') return Number(record.$number)
  if (typeof record.$tensor === 'string') {
    const tensor = tensors.get(record.$tensor)
    if (tensor === undefined) return null
    return tensor.shape.length === 1 ? tensor.data : tensor
  }
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, join(item, tensors)]))
}

function vector(data: TypedArray): SavedTensor {
  return { shape: [data.length], data }
}

function isTensor(saved: object): saved is SavedTensor {
  return 'shape' in saved && 'data' in saved && ArrayBuffer.isView(saved.data)
}
