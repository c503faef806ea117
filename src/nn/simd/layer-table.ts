// A network as a table in memory, which the passes of the kernels read: addresses, sizes, and the room that a pass needs.
import { type DenseLayer, type LayerSpec, type NetworkSpec, type TensorSpec, tensorLength } from '../network.ts'
import { checkActivation, checkCount } from '../shapes.ts'
import { blockRows, tileRows, weightInputs } from './job.ts'
import { activationCode } from './kernels.ts'
import type { SimdMemory } from './memory.ts'

const layerWords = 16
/** Words of one layer in the table of a batch size (plans.ts). */
export const planWords = 8

export interface LayerTable {
  readonly address: number
  readonly sizes: readonly number[]
  readonly activations: readonly number[]
  readonly normalised: readonly boolean[]
  /** Multiplications of one row. */
  readonly products: number
  /** Where the rooms between layers stand in a thread's room, and the bytes of one; bytes of it all. */
  readonly rooms: number
  readonly roomBytes: number
  readonly room: number
  /** The parameters in pieces of about equal work, the largest first: the address of four words each, and their number. */
  readonly pieces: number
  readonly pieceCount: number
  /** Rows that go through all layers together. */
  readonly blockRows: number
}

/** Inputs whose weights make one piece. */
const pieceInputs = 16

/**
 * `parameters` and `gradients`: the addresses of the network's blocks; `library`: for products by a native library.
 * @throws RangeError or TypeError for layers that make no sense.
 */
export function createLayerTable(
  memory: SimdMemory,
  spec: NetworkSpec,
  tensors: readonly TensorSpec[],
  parameters: number,
  gradients: number,
  library: boolean,
): LayerTable {
  const layers = spec.layers.map(denseLayer)
  const address = memory.allocate(4 * layerWords * layers.length)
  const words = memory.integers(address, layerWords * layers.length)
  const offsetOf = (name: string) => {
    const tensor = tensors.find(tensor => tensor.name === name)
    return tensor === undefined ? -1 : 4 * tensor.offset
  }
  const normalised = layers.map(layer => layer.layerNorm === true)
  const pieces: { work: number; words: number[] }[] = []
  let inputs = spec.inputs
  let packed = 64
  let products = 0
  layers.forEach((layer, l) => {
    const { size } = layer
    const offsets = ['weight', 'bias', 'gain', 'shift'].map(name => offsetOf(`layer${l}.${name}`))
    words.set(
      [
        inputs,
        size,
        activationCode[layer.activation],
        normalised[l] ? 1 : 0,
        ...offsets.map(offset => parameters + offset),
        ...offsets.map(offset => gradients + offset),
        packed,
      ],
      layerWords * l,
    )
    // Room for the weights packed as they are or transposed.
    packed += 64 + Math.max(32 * inputs * Math.ceil(size / 8), 32 * size * Math.ceil(inputs / 8))
    products += inputs * size
    // One column is a kernel of its own, which goes over all inputs at once.
    const step = size === 1 ? inputs : library ? weightInputs(size) : pieceInputs
    for (let k = 0; k < inputs; k += step) {
      const count = Math.min(step, inputs - k)
      pieces.push({ work: count * size, words: [l, 0, k, count] })
    }
    pieces.push({ work: size, words: [l, 1, 0, 0] })
    if (normalised[l]) pieces.push({ work: 2 * size, words: [l, 2, 0, 0] })
    inputs = size
  })
  pieces.sort((a, b) => b.work - a.work)
  const table = memory.allocate(16 * pieces.length)
  memory.integers(table, 4 * pieces.length).set(pieces.flatMap(piece => piece.words))
  const sizes = layers.map(layer => layer.size)
  const widest = Math.max(...sizes)
  const rows = library ? tileRows(Math.max(widest, spec.inputs)) : blockRows
  const roomBytes = 64 + Math.ceil((4 * rows * widest) / 64) * 64
  return {
    address,
    sizes,
    activations: layers.map(layer => activationCode[layer.activation]),
    normalised,
    products,
    rooms: packed,
    roomBytes,
    room: packed + 4 * roomBytes,
    pieces: table,
    pieceCount: pieces.length,
    blockRows: rows,
  }
}

function denseLayer(layer: LayerSpec): DenseLayer {
  if (layer.kind === 'dense') return layer
  throw new TypeError(`simd: layers must be dense here, got ${layer.kind}`)
}

/** @throws RangeError or TypeError for a spec that this backend cannot run. */
export function checkSpec(spec: NetworkSpec): void {
  checkCount('simd: network inputs', spec.inputs, 1)
  checkCount('simd: number of layers', spec.layers.length, 1)
  spec.layers.forEach((layer, index) => {
    checkCount(`simd: size of layer ${index}`, layer.size, 1)
    if (layer.kind !== 'dense') throw new TypeError(`simd: layer ${index} must be dense here, got ${layer.kind}`)
    checkActivation('simd', layer.activation, index)
  })
}

/** Parameters of a network in numbers. */
export function parameterCount(tensors: readonly TensorSpec[]): number {
  return tensors.reduce((sum, tensor) => sum + tensorLength(tensor), 0)
}
