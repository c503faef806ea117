// A network whose parameters, gradients and activations live in the backend's WebAssembly memory.
import type { Random } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import type { CurvatureNetwork, LayerStatistics } from '../curvature.ts'
import {
  type DenseLayer,
  drawParameters,
  type NetworkSpec,
  outputSize,
  type TensorSpec,
  tensorLength,
  tensorsOf,
} from '../network.ts'
import { type DenseShape, denseBackward, denseForward, denseInputGradient, type Workspace } from './dense.ts'
import { activationCode } from './kernels.ts'
import type { SimdMemory } from './memory.ts'
import { Moments } from './moments.ts'
import { type Plan, Plans, Results } from './plans.ts'
import { checkColumns, checkCount, checkMatrix } from './shapes.ts'
import { Tangents } from './tangent.ts'

/** Addresses of parameters and of their gradients within a larger network's. */
export interface Place {
  readonly parameters: number
  readonly gradients: number
}

/** A network of dense layers. */
export class SimdNetwork implements CurvatureNetwork {
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
  readonly #tangents: Tangents
  readonly #tangent: Results
  readonly #inputTangent: Results
  readonly #moments: Moments
  /** What the last `forward` left: its plan and the address of its input. */
  #kept: { readonly plan: Plan; readonly input: number } | undefined

  constructor(
    memory: SimdMemory,
    workspace: Workspace,
    readonly spec: NetworkSpec,
    random: Random,
    place?: Place,
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
    const { parameters, gradients } = place ?? placeOf(memory, count)
    this.parameters = memory.floats(parameters, count)
    this.gradients = memory.floats(gradients, count)
    drawParameters(this.tensors, random, this.parameters)
    this.#layers = spec.layers.map((layer, index) => {
      checkDense(layer.kind, index)
      const weight = this.tensors[2 * index]!
      const bias = this.tensors[2 * index + 1]!
      return {
        inputs: weight.shape[0]!,
        size: layer.size,
        activation: activationCode[(layer as DenseLayer).activation],
        weight: parameters + 4 * weight.offset,
        bias: parameters + 4 * bias.offset,
        weightGradient: gradients + 4 * weight.offset,
        biasGradient: gradients + 4 * bias.offset,
      }
    })
    const sizes = spec.layers.map(layer => layer.size)
    this.#forward = new Plans(memory, spec.inputs, sizes, true)
    this.#infer = new Plans(memory, spec.inputs, sizes, false)
    this.#outputGradient = new Results(memory)
    this.#inputGradient = new Results(memory)
    this.#tangents = new Tangents(memory, workspace)
    this.#tangent = new Results(memory)
    this.#inputTangent = new Results(memory)
    this.#moments = new Moments(memory)
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
    this.#back('backward', outputGradient, this.#accumulate)
  }

  inputGradient(outputGradient: Matrix, columns: Columns = { from: 0, to: this.spec.inputs }): Matrix {
    checkColumns('inputGradient: columns', columns, this.spec.inputs)
    return this.#gradientAtInput(this.#back('inputGradient', outputGradient), columns)
  }

  /** `backward` and `inputGradient` in one walk. */
  backwardThrough(outputGradient: Matrix): Matrix {
    const gradient = this.#back('backward', outputGradient, this.#accumulate)
    return this.#gradientAtInput(gradient, { from: 0, to: this.spec.inputs })
  }

  tangent(parameterTangent: Float32Array, inputTangent?: Matrix): Matrix {
    const { plan, input } = this.#last('tangent')
    const { rows } = plan
    if (inputTangent) checkMatrix('tangent: input tangent', inputTangent, this.spec.inputs, rows)
    const shift = this.#tangents.reach(parameterTangent, this.parameters.length) - this.parameters.byteOffset
    const result = this.#tangent.of(rows, this.#outputs)
    let moving = inputTangent ? this.#reach(inputTangent, this.#inputTangent.of(rows, this.spec.inputs)) : 0
    this.#layers.forEach((layer, l) => {
      const last = l === this.#layers.length - 1
      const to = last ? result.data.byteOffset : this.#workspace.between(l, rows, layer.size)
      const shape = this.#tangents.shape(layer, layer.weight + shift, layer.bias + shift)
      this.#tangents.product(shape, rows, l === 0 ? input : plan.results[l - 1]!, moving, to)
      if (layer.activation !== activationCode.identity) {
        this.memory.kernels.deriveAll(to, plan.results[l]!, to, rows * layer.size, layer.activation)
      }
      moving = to
    })
    return result
  }

  layerStatistics(outputGradient: Matrix): readonly LayerStatistics[] {
    const statistics: LayerStatistics[] = []
    this.#back('layerStatistics', outputGradient, (l, { rows }, x, gradient) => {
      const { inputs, size } = this.#layers[l]!
      statistics.unshift({
        weight: this.tensors[2 * l]!,
        bias: this.tensors[2 * l + 1]!,
        inputs: this.#moments.withOne(rows, x, inputs),
        gradients: this.#moments.plain(rows, gradient, size),
      })
    })
    return statistics
  }

  /** Goes back to before the first layer's activation, by way of each layer's input and gradient; the address of the gradient there. */
  #back(where: string, outputGradient: Matrix, visit?: Visit): number {
    const { plan, input } = this.#last(where)
    let gradient = this.#beforeActivation(where, plan, outputGradient)
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      visit?.(l, plan, l === 0 ? input : plan.results[l - 1]!, gradient)
      if (l > 0) gradient = this.#hiddenGradient(l, plan, gradient)
    }
    return gradient
  }

  readonly #accumulate: Visit = (l, { rows }, x, gradient) => {
    denseBackward(this.memory, this.#layers[l]!, rows, x, gradient)
  }

  #gradientAtInput(gradient: number, { from, to }: Columns): Matrix {
    const { rows } = this.#last('inputGradient').plan
    const result = this.#inputGradient.of(rows, to - from)
    const target = result.data.byteOffset
    const first = this.#layers[0]!
    denseInputGradient(
      this.memory,
      this.#workspace,
      first,
      rows,
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

/** What is done at layer l on the way back, with its input and the gradient before its activation. */
type Visit = (l: number, plan: Plan, input: number, gradient: number) => void

/** Room for so many parameters and, 64-byte aligned behind them, their gradients. */
export function placeOf(memory: SimdMemory, count: number): Place {
  const stride = 4 * count + (64 - ((4 * count) % 64))
  const parameters = memory.allocate(2 * stride)
  return { parameters, gradients: parameters + stride }
}

function checkDense(kind: string, index: number): void {
  if (kind !== 'dense') throw new TypeError(`simd: layer ${index} must be dense here, got ${kind}`)
}
