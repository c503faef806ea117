// A network on TensorFlow.js tensors. Its parameters are the numbers on the heap; the variables follow them.
import type { Tensor2D, Variable } from '@tensorflow/tfjs-core'
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import { clearConstant, type Network, type NetworkSpec, type TensorSpec, tensorLength } from '../network.ts'
import { checkColumns, checkMatrix } from '../shapes.ts'
import type { TensorLayer } from './tensor-layer.ts'
import { activate, type Carrier, type TensorFlow } from './tensorflow.ts'

/** What the networks of one backend have in common. */
export interface Surroundings {
  readonly tf: TensorFlow
  readonly carrier: Carrier
  /** The backend was disposed. */
  readonly closed: boolean
}

export class TfjsNetwork implements Network {
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  readonly surroundings: Surroundings
  readonly #layers: readonly TensorLayer[]
  readonly #outputs: number
  /** The parameters as the variables have them. */
  readonly #uploaded: Float32Array
  /** The input of the last `forward` and the results of its layers. */
  #kept: readonly Tensor2D[] = []
  readonly #results = { forward: new ResultRoom(), infer: new ResultRoom(), inputGradient: new ResultRoom() }

  /** The variables must hold `parameters` already; the network owns neither them nor the layers. */
  constructor(
    surroundings: Surroundings,
    readonly spec: NetworkSpec,
    readonly tensors: readonly TensorSpec[],
    parameters: Float32Array,
    layers: readonly TensorLayer[],
    outputs: number,
  ) {
    this.surroundings = surroundings
    this.parameters = parameters
    this.gradients = new Float32Array(parameters.length)
    this.#uploaded = parameters.slice()
    this.#layers = layers
    this.#outputs = outputs
  }

  forward(input: Matrix): Matrix {
    const kept = this.#run('forward', input)
    this.#forget()
    this.#kept = kept
    return this.#results.forward.take(kept[kept.length - 1]!)
  }

  infer(input: Matrix): Matrix {
    const passed = this.#run('infer', input)
    const result = this.#results.infer.take(passed[passed.length - 1]!)
    for (const tensor of passed) tensor.dispose()
    return result
  }

  act(input: Matrix): Matrix {
    return this.infer(input)
  }

  backward(outputGradient: Matrix): void {
    const { tf } = this.#begin('backward')
    tf.tidy(() => {
      let gradient = this.#outputGradient('backward', outputGradient)
      let tensor = this.tensors.length
      for (let l = this.#layers.length - 1; l >= 0; l--) {
        const layer = this.#layers[l]!
        const size = this.#kept[l]!.shape[1]
        const wanted = { parameters: true, input: l === 0 ? null : { from: 0, to: size } }
        const pulled = layer.pullback(this.#kept[l]!, this.#kept[l + 1]!, gradient, wanted)
        tensor -= layer.variables.length
        pulled.parameters.forEach((ofVariable, i) => {
          if (ofVariable !== null) this.#add(this.tensors[tensor + i]!, ofVariable.dataSync() as Float32Array)
        })
        if (l > 0) gradient = pulled.input!
      }
    })
    clearConstant(this.tensors, this.gradients)
  }

  inputGradient(outputGradient: Matrix, columns: Columns = { from: 0, to: this.spec.inputs }): Matrix {
    checkColumns('inputGradient: columns', columns, this.spec.inputs)
    const { tf } = this.#begin('inputGradient')
    let result!: Matrix
    tf.tidy(() => {
      let gradient = this.#outputGradient('inputGradient', outputGradient)
      for (let l = this.#layers.length - 1; l >= 0; l--) {
        const input = this.#kept[l]!
        const wanted = { parameters: false, input: l === 0 ? columns : { from: 0, to: input.shape[1] } }
        gradient = this.#layers[l]!.pullback(input, this.#kept[l + 1]!, gradient, wanted).input!
      }
      result = this.#results.inputGradient.take(gradient)
    })
    return result
  }

  /** Frees the tensors that `forward` kept. */
  dispose(): void {
    this.#forget()
  }

  /** The input and the result of every layer, as tensors that the caller disposes. */
  #run(where: string, input: Matrix): Tensor2D[] {
    checkMatrix(`${where}: input`, input, this.spec.inputs)
    const { tf } = this.#ready(where)
    return tf.tidy(() => {
      const passed = [tf.tensor2d(input.data, [input.rows, input.columns])]
      for (const layer of this.#layers) passed.push(layer.apply(passed[passed.length - 1]!))
      const { shape } = passed[passed.length - 1]!
      if (shape.length !== 2 || shape[0] !== input.rows || shape[1] !== this.#outputs)
        throw new TypeError(`${where}: the network must give [${input.rows}, ${this.#outputs}], got [${shape}]`)
      return passed
    })
  }

  #begin(where: string): Surroundings {
    if (this.#kept.length === 0) throw new Error(`${where}: call forward first; there is nothing to go back through`)
    return this.#ready(where)
  }

  #outputGradient(where: string, gradient: Matrix): Tensor2D {
    const rows = this.#kept[0]!.shape[0]
    checkMatrix(`${where}: output gradient`, gradient, this.#outputs, rows)
    return this.surroundings.tf.tensor2d(gradient.data, [rows, this.#outputs])
  }

  #add({ offset }: TensorSpec, numbers: Float32Array): void {
    for (let i = 0; i < numbers.length; i++) this.gradients[offset + i]! += numbers[i]!
  }

  /** The right carrier active, the variables up to date: parameters are plain numbers that anybody may have written. */
  #ready(where: string): Surroundings {
    const { tf, carrier, closed } = this.surroundings
    if (closed) throw new Error(`${where}: the backend was disposed`)
    activate(tf, carrier)
    if (sameBits(this.parameters, this.#uploaded)) return this.surroundings
    this.#uploaded.set(this.parameters)
    const variables = this.#layers.flatMap(layer => layer.variables)
    this.tensors.forEach((tensor, i) => {
      assign(tf, variables[i]!, this.parameters, tensor)
    })
    return this.surroundings
  }

  #forget(): void {
    for (const tensor of this.#kept) tensor.dispose()
    this.#kept = []
  }
}

/** Gives a variable its numbers. */
function assign(tf: TensorFlow, variable: Variable, parameters: Float32Array, tensor: TensorSpec): void {
  const numbers = parameters.slice(tensor.offset, tensor.offset + tensorLength(tensor))
  const value = tf.tensor(numbers, [...tensor.shape])
  variable.assign(value as never)
  value.dispose()
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return bytes(a).equals(bytes(b))
}

function bytes(array: Float32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}

/** A matrix on the heap for what a tensor holds; made anew only when the shape changes. */
class ResultRoom {
  readonly #matrices = new Map<string, Matrix>()

  take(tensor: Tensor2D): Matrix {
    const [rows, columns] = tensor.shape
    const key = `${rows}x${columns}`
    let matrix = this.#matrices.get(key)
    if (matrix === undefined) {
      matrix = { rows, columns, data: new Float32Array(rows * columns) }
      this.#matrices.set(key, matrix)
    }
    matrix.data.set(tensor.dataSync())
    return matrix
  }
}
