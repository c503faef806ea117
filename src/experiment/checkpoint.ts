// A checkpoint: everything that a run saves, as one safetensors file. Typed arrays are tensors, the rest is JSON in the metadata.
import { FileError } from '../errors.ts'
import type { Saved, SavedTensor, TypedArray } from '../types.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

/** Rises when a file of an older version can no longer be understood. */
const format = 'marlstrom-checkpoint/1'

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
  return join(JSON.parse(metadata.state ?? 'null'), tensors)
}

/** Moves typed arrays out of the tree; where one was stands { $tensor: path }. */
function split(saved: Saved, path: string, tensors: Map<string, SavedTensor>): Saved {
  if (saved === null || typeof saved !== 'object') return saved
  if (ArrayBuffer.isView(saved)) {
    const data = saved as TypedArray
    tensors.set(path, { shape: [data.length], data })
    return { $tensor: path }
  }
  if (isTensor(saved)) {
    tensors.set(path, saved)
    return { $tensor: path }
  }
  const below = (key: string | number) => (path === '' ? `${key}` : `${path}/${key}`)
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
  if (typeof record.$tensor === 'string') {
    const tensor = tensors.get(record.$tensor)
    if (tensor === undefined) return null
    return tensor.shape.length === 1 ? tensor.data : tensor
  }
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, join(item, tensors)]))
}

function isTensor(saved: object): saved is SavedTensor {
  return 'shape' in saved && 'data' in saved && ArrayBuffer.isView(saved.data)
}
