// The standardisation of a network's input, before its other parts (its formula: StandardLayer).

import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import { type StandardLayer, type TensorSpec, tensorLength, tensorsOf } from '../network.ts'
import { type Standards, standardColumns, standardise, standardiseBack } from '../standard.ts'
import type { SimdMemory } from './memory.ts'
import type { ParameterAddresses } from './network.ts'
import { Results } from './plans.ts'

export class Standard {
  readonly tensors: readonly TensorSpec[]
  readonly #size: number
  readonly #standards: Standards
  readonly #forward: Results
  readonly #infer: Results
  readonly #gradient: Results
  #kept: Matrix | undefined

  constructor(memory: SimdMemory, layer: StandardLayer, { parameters }: ParameterAddresses) {
    const { size } = layer
    this.#size = size
    this.tensors = tensorsOf({ inputs: size, layers: [layer] })
    const numbers = memory.floats(parameters, 2 * tensorLength(this.tensors[0]!))
    const columns = standardColumns(layer)
    numbers.fill(0, 0, columns.length).fill(1, columns.length)
    this.#standards = { columns, mean: numbers.subarray(0, columns.length), scale: numbers.subarray(columns.length) }
    this.#forward = new Results(memory)
    this.#infer = new Results(memory)
    this.#gradient = new Results(memory)
  }

  forward(x: Matrix): Matrix {
    this.#kept = this.#pass(x, this.#forward)
    return this.#kept
  }

  infer(x: Matrix): Matrix {
    return this.#pass(x, this.#infer)
  }

  /** Its numbers are not learnt. */
  backward(): void {}

  backwardThrough(outputGradient: Matrix): Matrix {
    return this.inputGradient(outputGradient)
  }

  inputGradient({ rows, data }: Matrix, { from, to }: Columns = { from: 0, to: this.#size }): Matrix {
    const size = this.#size
    const all = Float32Array.from(data)
    standardiseBack(all, this.#kept!.data, size, this.#standards)
    const some = this.#gradient.of(rows, to - from)
    for (let row = 0; row < rows; row++) {
      some.data.set(all.subarray(row * size + from, row * size + to), row * some.columns)
    }
    return some
  }

  /** Without a tangent of the input nothing moves. */
  tangent(_: Float32Array, inputTangent?: Matrix): Matrix {
    const moving = this.#gradient.of(this.#kept!.rows, this.#size)
    if (inputTangent === undefined) moving.data.fill(0)
    else {
      moving.data.set(inputTangent.data)
      standardiseBack(moving.data, this.#kept!.data, this.#size, this.#standards)
    }
    return moving
  }

  /** It has no weight matrix, so no factors. */
  layerStatistics(): readonly [] {
    return []
  }

  #pass({ rows, data }: Matrix, results: Results): Matrix {
    const y = results.of(rows, this.#size)
    y.data.set(data)
    standardise(y.data, this.#size, this.#standards)
    return y
  }
}
