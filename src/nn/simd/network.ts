// A network whose parameters, gradients and activations live in the backend's WebAssembly memory.
import type { Random } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import {
  drawParameters,
  type Network,
  type NetworkSpec,
  outputSize,
  type TensorSpec,
  tensorLength,
  tensorsOf,
} from '../network.ts'
import { type DenseShape, denseBackward, denseForward, denseInputGradient, type Workspace } from './dense.ts'
import { activationCode } from './kernels.ts'
import type { SimdMemory } from './memory.ts'
import { type Plan, Plans, Results } from './plans.ts'
import { checkColumns, checkCount, checkMatrix } from './shapes.ts'

export class SimdNetwork implements Network {
  readonly tensors: readonly TensorSpec[]
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  readonly memory: SimdMemory
  readonly #workspace: Workspace
  readonly #layers: readonly DenseShape[]
  readonly #outputs: number
  readonly #forward: Plans
  readonly #infer: Plans
  readonly #outputGradient: Results
  readonly #inputGradient: Results
  /** What the last `forward` left: its plan and the address of its input. */
  #kept: { readonly plan: Plan; readonly input: number } | undefined

  constructor(
    memory: SimdMemory,
    workspace: Workspace,
    readonly spec: NetworkSpec,
    random: Random,
  ) {
    checkCount('simd: network inputs', spec.inputs, 1)
    checkCount('simd: number of layers', spec.layers.length, 1)
    spec.layers.forEach((layer, index) => {
      checkCount(`simd: size of layer ${index}`, layer.size, 1)
    })
    this.memory = memory
    this.#workspace = workspace
    this.#outputs = outputSize(spec)
    this.tensors = tensorsOf(spec)
    const count = this.tensors.reduce((sum, tensor) => sum + tensorLength(tensor), 0)
    const stride = 4 * count + (64 - ((4 * count) % 64))
    const block = memory.allocate(2 * stride)
    this.parameters = memory.floats(block, count)
    this.gradients = memory.floats(block + stride, count)
    drawParameters(this.tensors, random, this.parameters)
    this.#layers = spec.layers.map((layer, index) => {
      const weight = this.tensors[2 * index]!
      const bias = this.tensors[2 * index + 1]!
      return {
        inputs: weight.shape[0]!,
        size: layer.size,
        activation: activationCode[layer.activation],
        weight: block + 4 * weight.offset,
        bias: block + 4 * bias.offset,
        weightGradient: block + stride + 4 * weight.offset,
        biasGradient: block + stride + 4 * bias.offset,
      }
    })
    const sizes = spec.layers.map(layer => layer.size)
    this.#forward = new Plans(memory, spec.inputs, sizes, true)
    this.#infer = new Plans(memory, spec.inputs, sizes, false)
    this.#outputGradient = new Results(memory)
    this.#inputGradient = new Results(memory)
  }

  forward(input: Matrix): Matrix {
    checkMatrix('forward: input', input, this.spec.inputs)
    const plan = this.#forward.of(input.rows)
    const x = this.#reach(input, plan.staged)
    let from = x
    for (let l = 0; l < this.#layers.length; l++) {
      denseForward(this.memory, this.#workspace, this.#layers[l]!, plan.rows, from, plan.results[l]!)
      from = plan.results[l]!
    }
    this.#kept = { plan, input: x }
    return plan.output
  }

  infer(input: Matrix): Matrix {
    checkMatrix('infer: input', input, this.spec.inputs)
    const plan = this.#infer.of(input.rows)
    const last = this.#layers.length - 1
    let from = this.#reach(input, plan.staged)
    for (let l = 0; l <= last; l++) {
      const layer = this.#layers[l]!
      const to = l === last ? plan.results[0]! : this.#workspace.between(l, plan.rows, layer.size)
      denseForward(this.memory, this.#workspace, layer, plan.rows, from, to)
      from = to
    }
    return plan.output
  }

  backward(outputGradient: Matrix): void {
    const { plan, input } = this.#last('backward')
    let gradient = this.#beforeActivation('backward', plan, outputGradient)
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      denseBackward(this.memory, this.#layers[l]!, plan.rows, l === 0 ? input : plan.results[l - 1]!, gradient)
      if (l > 0) gradient = this.#hiddenGradient(l, plan, gradient)
    }
  }

  inputGradient(outputGradient: Matrix, columns: Columns = { from: 0, to: this.spec.inputs }): Matrix {
    checkColumns('inputGradient: columns', columns, this.spec.inputs)
    const { plan } = this.#last('inputGradient')
    let gradient = this.#beforeActivation('inputGradient', plan, outputGradient)
    for (let l = this.#layers.length - 1; l > 0; l--) gradient = this.#hiddenGradient(l, plan, gradient)
    const { from, to } = columns
    const result = this.#inputGradient.of(plan.rows, to - from)
    const target = result.data.byteOffset
    denseInputGradient(
      this.memory,
      this.#workspace,
      this.#layers[0]!,
      plan.rows,
      gradient,
      from,
      to,
      0,
      activationCode.identity,
      target,
    )
    return result
  }

  /** The gradient before the activation of layer l - 1, from that of layer l. */
  #hiddenGradient(l: number, plan: Plan, gradient: number): number {
    const before = this.#layers[l - 1]!
    const to = this.#workspace.between(l - 1, plan.rows, before.size)
    const kept = plan.results[l - 1]!
    const { activation, size } = before
    denseInputGradient(
      this.memory,
      this.#workspace,
      this.#layers[l]!,
      plan.rows,
      gradient,
      0,
      size,
      kept,
      activation,
      to,
    )
    return to
  }

  /** The address of the gradient before the last layer's activation. */
  #beforeActivation(where: string, plan: Plan, outputGradient: Matrix): number {
    checkMatrix(`${where}: output gradient`, outputGradient, this.#outputs, plan.rows)
    const last = this.#layers.length - 1
    const { activation } = this.#layers[last]!
    const owned = this.memory.owns(outputGradient)
    if (owned && activation === activationCode.identity) return outputGradient.data.byteOffset
    const staged = this.#outputGradient.of(plan.rows, this.#outputs)
    if (!owned) staged.data.set(outputGradient.data)
    const to = staged.data.byteOffset
    if (activation !== activationCode.identity) {
      const from = owned ? outputGradient.data.byteOffset : to
      this.memory.kernels.deriveAll(from, plan.results[last]!, to, plan.rows * this.#outputs, activation)
    }
    return to
  }

  #last(where: string) {
    if (this.#kept === undefined) throw new Error(`${where}: call forward first; there is nothing to go back through`)
    return this.#kept
  }

  /** The address of a matrix; one from outside is copied to `staged` first. */
  #reach(matrix: Matrix, staged: Matrix): number {
    if (this.memory.owns(matrix)) return matrix.data.byteOffset
    staged.data.set(matrix.data)
    return staged.data.byteOffset
  }
}
