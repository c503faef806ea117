// The three products of one dense layer, each by the kernel that fits its shape on the calling thread, or by a native library on all: what
// recurrent layers and tangents are made of. Whole networks go by passes (network.ts).

import { chunkRows, libraryNanoseconds, productNanoseconds, tileRows, weightInputs, weightRows } from './job.ts'
import { activationCode } from './kernels.ts'
import { Area, type SimdMemory } from './memory.ts'
import type { ThreadPool } from './thread-pool.ts'

/** y = activation(x W + b), W [inputs, size]; addresses of the weight, the bias and their gradients. */
export interface DenseShape {
  readonly inputs: number
  readonly size: number
  readonly activation: number
  readonly weight: number
  readonly bias: number
  readonly weightGradient: number
  readonly biasGradient: number
}

/** Fewer rows than this are multiplied by the weights as they stand; packing them first would cost more than it saves. */
export const packedRows = 4

/** Inputs whose weights make one piece of a layer's gradient by the kernels. */
const pieceInputs = 16

/** Working space that all networks of a backend share; nothing in it outlives a call. */
export class Workspace {
  readonly #pack: Area
  readonly #even: Area
  readonly #odd: Area
  readonly #memory: SimdMemory
  /** Per layer, the gradient at its sums and the one before its activation. */
  readonly #gradients: Area[] = []
  #acts = false

  /** `library`: whether the memory's kernels have products by a native library. */
  constructor(
    memory: SimdMemory,
    readonly pool: ThreadPool,
    readonly library: boolean,
  ) {
    this.#memory = memory
    this.#pack = new Area(memory)
    this.#even = new Area(memory)
    this.#odd = new Area(memory)
  }

  /** Whether products go to the native library: those of learning do. */
  get learnsByLibrary(): boolean {
    return this.library && !this.#acts
  }

  /** Does some work by the kernels alone, whose bits are the same on every machine and for every batch. */
  acting<T>(work: () => T): T {
    if (!this.learnsByLibrary) return work()
    this.#acts = true
    try {
      return work()
    } finally {
      this.#acts = false
    }
  }

  /** Room for packed weights. */
  packed(inner: number, columns: number): number {
    return this.#pack.at(32 * inner * Math.ceil(columns / 8))
  }

  /** Room for the gradients of a layer, kept until all parameters have theirs; `kind` 0: at the sums, 1: before the activation. */
  gradient(layer: number, kind: 0 | 1, rows: number, size: number): number {
    const index = 2 * layer + kind
    while (this.#gradients.length <= index) this.#gradients.push(new Area(this.#memory))
    return this.#gradients[index]!.at(4 * rows * size)
  }

  /** Room for what lies between two layers; layers with an even and an odd index have different rooms. */
  between(layer: number, rows: number, size: number): number {
    return (layer % 2 === 0 ? this.#even : this.#odd).at(4 * rows * size)
  }
}

/** y [rows, size] = activation(x [rows, inputs] W + b). */
export function denseForward(
  memory: SimdMemory,
  workspace: Workspace,
  layer: DenseShape,
  rows: number,
  x: number,
  y: number,
): void {
  const { inputs, size, activation, weight, bias } = layer
  const { kernels } = memory
  if (workspace.learnsByLibrary && size > 1) {
    const { pool } = workspace
    pool.words.set([x, weight, bias, y, inputs, size, activation], 8)
    pool.run('libraryLayer', rows, tileRows(Math.max(inputs, size)), 0, rows * inputs * size * libraryNanoseconds)
    return
  }
  if (size === 1) {
    kernels.productColumn(x, 4 * inputs, weight, bias, y, 4, rows, inputs, activation)
  } else if (rows < packedRows) {
    kernels.productDirect(x, 4 * inputs, weight, 4 * size, bias, y, 4 * size, rows, inputs, size, activation)
  } else {
    const packed = workspace.packed(inputs, size)
    kernels.packColumns(weight, 4 * size, inputs, size, packed)
    kernels.productForward(x, 4 * inputs, packed, bias, y, 4 * size, rows, inputs, size, activation)
  }
  if (activation === activationCode.tanh) kernels.tanhAll(y, rows * size)
}

/**
 * Adds x^T g to the weight's gradient and the sum of g's rows to the bias's; g is the gradient before the activation. Where it is x itself, only
 * what is on the diagonal of x^T x and to its right is sure to be there.
 */
export function denseBackward(
  memory: SimdMemory,
  workspace: Workspace,
  layer: DenseShape,
  rows: number,
  x: number,
  g: number,
): void {
  const { inputs, size, weightGradient, biasGradient } = layer
  const { kernels } = memory
  if (workspace.learnsByLibrary && size > 1) {
    const { pool } = workspace
    const piece = weightInputs(size)
    pool.words.set([x, g, weightGradient, biasGradient, inputs, size, rows, piece, weightRows], 8)
    const items = Math.ceil(inputs / piece) + 1
    pool.run('libraryLayerWeights', items, 1, 0, rows * inputs * size * libraryNanoseconds)
    return
  }
  if (size === 1) {
    kernels.weightGradientColumn(x, 4 * inputs, g, 4, weightGradient, rows, inputs)
    kernels.biasGradient(g, 4 * size, biasGradient, rows, size)
    return
  }
  const { pool } = workspace
  pool.words.set([x, g, weightGradient, biasGradient, inputs, size, rows, pieceInputs, x === g ? 1 : 0], 8)
  const items = Math.ceil(inputs / pieceInputs) + 1
  pool.run('layerWeights', items, 1, 0, rows * inputs * size * productNanoseconds)
}

/**
 * to [rows, end - from] = (g W^T)[:, from ... end - 1] * activation'(h), h the results [rows, inputs] of the layer before,
 * or 0 for no activation.
 */
export function denseInputGradient(
  memory: SimdMemory,
  workspace: Workspace,
  layer: DenseShape,
  rows: number,
  g: number,
  from: number,
  end: number,
  h: number,
  activation: number,
  to: number,
): void {
  const { inputs, size, weight } = layer
  const count = end - from
  if (workspace.learnsByLibrary) {
    const { pool } = workspace
    if (h !== 0 && count !== inputs) throw new RangeError('simd: some columns are derived through no activation')
    pool.words.set([g, weight + 4 * size * from, h, to, count, size, activation], 8)
    const room = 64 + 4 * size * count
    const tile = tileRows(Math.max(count, size))
    pool.run('libraryLayerInput', rows, tile, room, rows * count * size * libraryNanoseconds)
    return
  }
  const packed = workspace.packed(size, count)
  const { kernels } = memory
  kernels.packRows(weight + 4 * size * from, 4 * size, size, count, packed)
  const { pool } = workspace
  pool.words.set([g, packed, h, to, size, inputs, count, activation], 8)
  pool.run('layerInput', rows, chunkRows, 0, rows * count * size * productNanoseconds)
}
