// Save and restore for a learner: the parameters of its networks by tensor, and what else keeps state.

import type { Saved, SavedTensor, Stateful } from '../types.ts'
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
      const state = saved as Record<string, Saved>
      for (const [name, network] of Object.entries(networks)) restoreNetwork(network, state[name]!)
      for (const [name, part] of Object.entries(parts)) part.restore(state[name]!)
    },
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

/** @throws RangeError naming the tensor that is missing or has another shape; then nothing was changed. */
export function restoreNetwork(network: Network, saved: Saved): void {
  const state = saved as Record<string, Float32Array | SavedTensor | undefined>
  const found = network.tensors.map(tensor => {
    const value = state[tensor.name]
    const shape = value === undefined ? [] : 'shape' in value ? value.shape : [value.length]
    if (shape.join() !== tensor.shape.join())
      throw new RangeError(
        `tensor ${tensor.name}: expected shape [${tensor.shape}], got ${value ? `[${shape}]` : 'none'}`,
      )
    return value as Float32Array | SavedTensor
  })
  found.forEach((value, i) => {
    network.parameters.set('shape' in value ? value.data : value, network.tensors[i]!.offset)
  })
}
