// Save and restore for a learner: the parameters of its networks by tensor, and what else keeps state.
import { copySaved } from '../saved.ts'
import type { Saved, SavedTensor, Stateful, TypedArray } from '../types.ts'
import { type Network, tensorLength } from './network.ts'

/** The `save` and `restore` of named networks and named parts together. */
export function saveNetworks(
  networks: Readonly<Record<string, Network>>,
  parts: Readonly<Record<string, Stateful>>,
): Stateful {
  return {
    save: () => ({
      ...Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, saveNetwork(network)])),
      ...Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.save()])),
    }),
    restore(saved) {
      const state = partsOf(saved, [...Object.keys(networks), ...Object.keys(parts)])
      for (const [name, network] of Object.entries(networks)) restoreNetwork(network, state[name]!)
      for (const [name, part] of Object.entries(parts)) part.restore(state[name]!)
    },
  }
}

/**
 * What was saved of each part, by name.
 * @throws RangeError naming the first part that is missing: the file belongs to something else.
 */
export function partsOf(saved: Saved, names: readonly string[]): Record<string, Saved> {
  const state = (typeof saved === 'object' && saved !== null ? saved : {}) as Record<string, Saved>
  const missing = names.find(name => !Object.hasOwn(state, name))
  if (missing === undefined) return state
  throw new RangeError(`nothing was saved of ${missing}; expected ${names.join(', ')}`)
}

/** Restores a part as a whole or not at all: where something does not fit, it is as it was before. */
export function restoreWhole(part: Stateful, saved: Saved): void {
  const before = copySaved(part.save())
  try {
    part.restore(saved)
  } catch (error) {
    part.restore(before)
    throw error
  }
}

/** Parameters by tensor name: `layer0.weight`, row-major [inputs, size]. */
export function saveNetwork(network: Network): Saved {
  return Object.fromEntries(
    network.tensors.map(tensor => {
      const data = network.parameters.subarray(tensor.offset, tensor.offset + tensorLength(tensor))
      return [tensor.name, tensor.shape.length === 1 ? data : { shape: tensor.shape, data }]
    }),
  )
}

/** @throws RangeError naming the tensor that is missing, of another shape or no float32 numbers; then nothing was changed. */
export function restoreNetwork(network: Network, saved: Saved): void {
  const state = (typeof saved === 'object' && saved !== null ? saved : {}) as Record<string, Saved | undefined>
  const found = network.tensors.map(tensor => {
    const { shape, data } = tensorOf(state[tensor.name])
    if (data === undefined || shape.join() !== tensor.shape.join())
      throw new RangeError(
        `tensor ${tensor.name}: expected shape [${tensor.shape}], got ${data === undefined ? 'none' : `[${shape}]`}`,
      )
    if (!(data instanceof Float32Array))
      throw new RangeError(`tensor ${tensor.name}: expected float32 numbers, got a ${data.constructor.name}`)
    return data
  })
  found.forEach((data, i) => {
    network.parameters.set(data, network.tensors[i]!.offset)
  })
}

/** Vectors are saved as they are, other tensors with their shape. */
function tensorOf(value: Saved | undefined): { shape: readonly number[]; data: TypedArray | undefined } {
  if (ArrayBuffer.isView(value)) return { shape: [(value as TypedArray).length], data: value as TypedArray }
  const { shape, data } = (value ?? {}) as Partial<SavedTensor>
  return shape !== undefined && ArrayBuffer.isView(data) ? { shape, data } : { shape: [], data: undefined }
}
