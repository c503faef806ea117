// A network whose parameters, gradients and activations live in the backend's WebAssembly memory.
import type { Random } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import type { CurvatureNetwork, KeptForward, LayerStatistics } from '../curvature.ts'
import { clearConstant, drawParameters, type NetworkSpec, outputSize, type TensorSpec, tensorsOf } from '../network.ts'
import { checkColumns, checkMatrix } from '../shapes.ts'
import { type DenseShape, denseInputGradient, type Workspace } from './dense.ts'
import { chunkRows, type JobKind, libraryNanoseconds, productNanoseconds, weightRows } from './job.ts'
import { activationCode } from './kernels.ts'
import { checkSpec, createLayerTable, type LayerTable, parameterCount, planWords } from './layer-table.ts'
import { Area, type SimdMemory } from './memory.ts'
import { Moments } from './moments.ts'
import { type Plan, Plans, Results } from './plans.ts'
import { type NormalisedLayer, Tangents } from './tangent.ts'

/** Addresses of parameters and of their gradients within a larger network's. */
export interface ParameterAddresses {
  readonly parameters: number
  readonly gradients: number
}

/** Tensors of another network, by their places in its blocks of `count` numbers. */
export interface PartOfNetwork extends ParameterAddresses {
  readonly tensors: readonly TensorSpec[]
  readonly count: number
}

/** What a `forward` leaves: its plan and the address of its input. */
interface Kept {
  readonly plan: Plan
  readonly input: number
}

/** A network of dense layers. Each pass over its layers is one job of the pool, shared out by rows. */
export class SimdNetwork implements CurvatureNetwork {
  readonly tensors: readonly TensorSpec[]
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  readonly memory: SimdMemory
  readonly #workspace: Workspace
  readonly #table: LayerTable
  readonly #layers: readonly DenseShape[]
  readonly #outputs: number
  readonly #forward: Plans
  readonly #infer: Plans
  /** Of forwards that are kept, by their places. */
  readonly #places: Plans[] = []
  readonly #outputGradient: Results
  readonly #inputGradient: Results
  readonly #tangents: Tangents
  readonly #tangent: Results
  readonly #inputTangent: Results
  readonly #moments: Moments
  #kept: Kept | undefined

  constructor(
    memory: SimdMemory,
    workspace: Workspace,
    readonly spec: NetworkSpec,
    random: Random | null,
    place?: ParameterAddresses | PartOfNetwork,
  ) {
    checkSpec(spec)
    this.memory = memory
    this.#workspace = workspace
    this.#outputs = outputSize(spec)
    const part = place !== undefined && 'tensors' in place ? place : null
    this.tensors = part?.tensors ?? tensorsOf(spec)
    const count = part?.count ?? parameterCount(this.tensors)
    const { parameters, gradients } = place ?? placeOf(memory, count)
    this.parameters = memory.floats(parameters, count)
    this.gradients = memory.floats(gradients, count)
    if (random !== null) drawParameters(this.tensors, random, this.parameters)
    this.#table = createLayerTable(memory, spec, this.tensors, parameters, gradients, workspace.library)
    this.#layers = spec.layers.map((_, l) => shapeOf(this.#table, this.tensors, l, parameters, gradients))
    this.#forward = new Plans(memory, spec.inputs, this.#table, true)
    this.#infer = new Plans(memory, spec.inputs, this.#table, false)
    this.#outputGradient = new Results(memory)
    this.#inputGradient = new Results(memory)
    this.#tangents = new Tangents(memory, workspace)
    this.#tangent = new Results(memory)
    this.#inputTangent = new Results(memory)
    this.#moments = new Moments(memory, workspace)
  }

  forward(input: Matrix): Matrix {
    checkMatrix('forward: input', input, this.spec.inputs)
    const plan = this.#forward.of(input.rows)
    const x = this.#reach(input, plan.staged)
    this.#passForward(plan, x)
    this.#kept = { plan, input: x }
    return plan.output
  }

  keep(input: Matrix, place: number): KeptForward {
    checkMatrix('keep: input', input, this.spec.inputs)
    this.#places[place] ??= new Plans(this.memory, this.spec.inputs, this.#table, true)
    const plan = this.#places[place].of(input.rows)
    // The matrix is the caller's: it may hold the next batch by the time that this one is gone back to.
    plan.staged.data.set(input.data)
    const kept = { plan, input: plan.staged.data.byteOffset }
    this.#passForward(plan, kept.input)
    this.#kept = kept
    return { outputs: plan.output, recall: () => void (this.#kept = kept) }
  }

  infer(input: Matrix): Matrix {
    checkMatrix('infer: input', input, this.spec.inputs)
    const plan = this.#infer.of(input.rows)
    this.#passForward(plan, this.#reach(input, plan.staged))
    return plan.output
  }

  act(input: Matrix): Matrix {
    return this.#workspace.learnsByLibrary ? this.#workspace.acting(() => this.infer(input)) : this.infer(input)
  }

  backward(outputGradient: Matrix): void {
    const kept = this.#last('backward')
    this.#passBack('backward', kept.plan, outputGradient)
    this.#accumulate(kept)
  }

  inputGradient(outputGradient: Matrix, columns: Columns = { from: 0, to: this.spec.inputs }): Matrix {
    checkColumns('inputGradient: columns', columns, this.spec.inputs)
    const { plan } = this.#last('inputGradient')
    const gradient = this.#outputGradientAt('inputGradient', plan, outputGradient)
    const { pool } = this.#workspace
    const { address, sizes, products, rooms, roomBytes } = this.#table
    const result = this.#inputGradient.of(plan.rows, columns.to - columns.from)
    const { words } = pool
    words[8] = address
    words[9] = sizes.length
    words[10] = plan.table
    words[11] = gradient
    words[12] = result.data.byteOffset
    words[13] = rooms
    words[14] = roomBytes
    words[15] = columns.from
    words[16] = columns.to
    const done = products - (this.spec.inputs - result.columns) * sizes[0]!
    this.#run('inputGradient', 'libraryInputGradient', plan.rows, plan.rows * done)
    return result
  }

  /** `backward` and `inputGradient` in one walk. */
  backwardThrough(outputGradient: Matrix): Matrix {
    const kept = this.#last('backward')
    const gradient = this.#passBack('backward', kept.plan, outputGradient)
    this.#accumulate(kept)
    return this.#gradientAtInput(kept.plan.rows, gradient)
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
      const x = l === 0 ? input : plan.results[l - 1]!
      const { activation } = layer
      const h = activation === activationCode.identity ? 0 : plan.results[l]!
      if (this.#table.normalised[l]) {
        this.#tangents.product(shape, rows, x, moving, to)
        this.#tangents.normalise(this.#normalisation(l, plan, shift), rows, to)
        if (h !== 0) this.memory.kernels.deriveAll(to, h, to, rows * layer.size, activation)
      } else this.#tangents.product(shape, rows, x, moving, to, h, activation)
      moving = to
    })
    return result
  }

  layerStatistics(outputGradient: Matrix): readonly LayerStatistics[] {
    const { plan, input } = this.#last('layerStatistics')
    this.#passBack('layerStatistics', plan, outputGradient)
    return this.#layers.map(({ inputs, size }, l) => ({
      weight: this.#tensor(l, 'weight'),
      bias: this.#tensor(l, 'bias'),
      inputs: this.#moments.withOne(plan.rows, l === 0 ? input : plan.results[l - 1]!, inputs),
      gradients: this.#moments.plain(plan.rows, plan.words[planWords * l + 3]! >>> 0, size),
      rows: plan.rows,
    }))
  }

  /** `shift`: from a parameter to its tangent. */
  #normalisation(l: number, plan: Plan, shift: number): NormalisedLayer {
    const gain = this.parameters.byteOffset + 4 * this.#tensor(l, 'gain').offset
    return {
      size: this.#layers[l]!.size,
      normal: plan.words[planWords * l + 1]! >>> 0,
      scale: plan.words[planWords * l + 2]! >>> 0,
      gain,
      gainTangent: gain + shift,
      shiftTangent: this.parameters.byteOffset + 4 * this.#tensor(l, 'shift').offset + shift,
    }
  }

  #tensor(layer: number, name: string): TensorSpec {
    return this.tensors.find(tensor => tensor.name === `layer${layer}.${name}`)!
  }

  #passForward(plan: Plan, x: number): void {
    const { pool } = this.#workspace
    const { address, sizes, products, rooms, roomBytes } = this.#table
    const { words } = pool
    words[8] = address
    words[9] = sizes.length
    words[10] = plan.table
    words[11] = x
    words[12] = plan.output.data.byteOffset
    words[13] = rooms
    words[14] = roomBytes
    this.#run('forward', 'libraryForward', plan.rows, plan.rows * products)
  }

  /** The gradients at every layer's sums, where the plan's words say; the address of the first layer's. */
  #passBack(where: string, plan: Plan, outputGradient: Matrix): number {
    const gradient = this.#outputGradientAt(where, plan, outputGradient)
    const { pool } = this.#workspace
    const { address, sizes, products, activations, normalised } = this.#table
    const last = sizes.length - 1
    sizes.forEach((size, l) => {
      // Where nothing happens between two of them, they are one.
      const before =
        l === last && activations[l] === activationCode.identity
          ? gradient
          : this.#workspace.gradient(l, 1, plan.rows, size)
      plan.words[planWords * l + 3] = normalised[l] ? this.#workspace.gradient(l, 0, plan.rows, size) : before
      plan.words[planWords * l + 4] = before
    })
    const { words } = pool
    words[8] = address
    words[9] = sizes.length
    words[10] = plan.table
    words[11] = gradient
    const done = products - this.spec.inputs * sizes[0]!
    this.#run('gradient', 'libraryGradient', plan.rows, plan.rows * done)
    return plan.words[3]! >>> 0
  }

  /** Adds the parameter gradients, from what `#passBack` left. */
  #accumulate({ plan, input }: Kept): void {
    const { pool } = this.#workspace
    const { address, products, pieces, pieceCount } = this.#table
    const { words } = pool
    words[8] = address
    words[10] = plan.table
    words[11] = input
    words[12] = pieces
    words[13] = plan.rows
    words[14] = weightRows
    const [kind, nanoseconds] = this.#workspace.learnsByLibrary
      ? (['libraryWeights', libraryNanoseconds] as const)
      : (['parameterGradient', productNanoseconds] as const)
    pool.run(kind, pieceCount, 1, 0, plan.rows * products * nanoseconds)
    clearConstant(this.tensors, this.gradients)
  }

  /** A pass over rows, by the kernels or with products by the native library. */
  #run(kind: JobKind, byLibrary: JobKind, rows: number, products: number): void {
    const { pool, learnsByLibrary } = this.#workspace
    const { room, blockRows } = this.#table
    if (learnsByLibrary) pool.run(byLibrary, rows, blockRows, room, products * libraryNanoseconds)
    else pool.run(kind, rows, chunkRows, room, products * productNanoseconds)
  }

  #gradientAtInput(rows: number, gradient: number): Matrix {
    const { inputs } = this.spec
    const result = this.#inputGradient.of(rows, inputs)
    const first = this.#layers[0]!
    const { identity } = activationCode
    const to = result.data.byteOffset
    denseInputGradient(this.memory, this.#workspace, first, rows, gradient, 0, inputs, 0, identity, to)
    return result
  }

  /** The address of the gradient at the outputs; one from outside is copied in. */
  #outputGradientAt(where: string, plan: Plan, outputGradient: Matrix): number {
    checkMatrix(`${where}: output gradient`, outputGradient, this.#outputs, plan.rows)
    if (this.memory.owns(outputGradient)) return outputGradient.data.byteOffset
    const staged = this.#outputGradient.of(plan.rows, this.#outputs)
    staged.data.set(outputGradient.data)
    return staged.data.byteOffset
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

/** Room for so many parameters and, 64-byte aligned behind them or in a workspace, their gradients, which are zeros but while they are added up. */
export function placeOf(memory: SimdMemory, count: number): ParameterAddresses {
  const stride = 4 * count + (64 - ((4 * count) % 64))
  if (memory.isShared) return { parameters: memory.allocate(stride), gradients: new Area(memory).at(stride) }
  const parameters = memory.allocate(2 * stride)
  return { parameters, gradients: parameters + stride }
}

/** A layer as the kernels of single layers take it. */
function shapeOf(
  { sizes, activations }: LayerTable,
  tensors: readonly TensorSpec[],
  l: number,
  parameters: number,
  gradients: number,
): DenseShape {
  const weight = tensors.find(tensor => tensor.name === `layer${l}.weight`)!
  const bias = tensors.find(tensor => tensor.name === `layer${l}.bias`)!
  return {
    inputs: weight.shape[0]!,
    size: sizes[l]!,
    activation: activations[l]!,
    weight: parameters + 4 * weight.offset,
    bias: parameters + 4 * bias.offset,
    weightGradient: gradients + 4 * weight.offset,
    biasGradient: gradients + 4 * bias.offset,
  }
}
