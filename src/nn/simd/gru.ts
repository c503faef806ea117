// One gated recurrent layer over whole sequences (its formula: GruLayer). Each walk over a window is one job of the pool, shared out by
// rows of the batch; parameter gradients are sums over all steps at once.
import type { Random } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import type { LayerStatistics } from '../curvature.ts'
import { drawParameters, type GruLayer, type TensorSpec, tensorsOf } from '../network.ts'
import type { DenseShape, Workspace } from './dense.ts'
import { libraryNanoseconds, productNanoseconds, tileRows, weightRows } from './job.ts'
import { activationCode } from './kernels.ts'
import { createLayerTable, type LayerTable, planWords } from './layer-table.ts'
import { Area, type SimdMemory } from './memory.ts'
import { Moments } from './moments.ts'
import type { ParameterAddresses } from './network.ts'
import { Results } from './plans.ts'
import { Tangents } from './tangent.ts'

/** One call's steps, and the addresses of what they share; rows are ordered step * batch + row. */
export interface Window {
  readonly steps: number
  readonly batch: number
  /** [steps * batch], 0 where an episode begins; address 0: nowhere. */
  readonly keep: number
  /** [batch, stateSize] before and after; address 0: nobody asks for the state after. */
  readonly state: number
  readonly next: number
  /** Columns of both. */
  readonly stateSize: number
}

/** The numbers of a forward pass over a window, by address; they grow with the longest window. */
interface Pass {
  readonly window: Window
  /** [steps * batch, inputs] */
  readonly x: number
  /** [steps * batch, 3 size]: r z n, and h U + c. */
  readonly gates: number
  readonly recurrent: number
  /** [steps * batch, size]: h, zero where an episode begins. */
  readonly before: number
}

/** The same by the kernels. */
const chunkRows = 32
/** What the gates of one unit cost, in nanoseconds of one core. */
const gateNanoseconds = 10

export class Gru {
  readonly tensors: readonly TensorSpec[]
  readonly #memory: SimdMemory
  readonly #workspace: Workspace
  readonly #inputs: number
  readonly #size: number
  /** The first of this layer's columns of the state. */
  readonly #column: number
  readonly #parameters: number
  readonly #count: number
  readonly #ofInput: DenseShape
  readonly #ofState: DenseShape
  readonly #rooms: { readonly [name in 'gates' | 'recurrent' | 'before']: Area }
  readonly #output: Results
  readonly #inferred: Results
  readonly #inputTable: LayerTable
  readonly #stateTable: LayerTable
  /** As plans.ts has them: where a product's gradient stands. */
  readonly #plan: Int32Array
  readonly #gradients: { readonly [name in 'gates' | 'recurrent' | 'later']: Area }
  readonly #inputGradient: Results
  readonly #tangents: Tangents
  readonly #tangentRooms: { readonly [name in 'gates' | 'recurrent' | 'before']: Area }
  readonly #tangent: Results
  readonly #moments: Moments
  #kept: Pass | undefined

  /** Draws its parameters into `place`; `column` is the first of its columns of the state. */
  constructor(
    memory: SimdMemory,
    workspace: Workspace,
    layer: Omit<GruLayer, 'kind'> & { readonly inputs: number; readonly column: number },
    random: Random,
    { parameters, gradients }: ParameterAddresses,
  ) {
    const { inputs, column, ...own } = layer
    const { size } = own
    this.#memory = memory
    this.#workspace = workspace
    this.#inputs = inputs
    this.#size = size
    this.#column = column
    this.tensors = tensorsOf({ inputs, layers: [{ kind: 'gru', ...own }] })
    this.#parameters = parameters
    this.#count = 3 * size * (inputs + size + 2)
    drawParameters(this.tensors, random, memory.floats(parameters, this.#count))
    const shape = (rows: number, weight: TensorSpec, bias: TensorSpec): DenseShape => ({
      inputs: rows,
      size: 3 * size,
      activation: activationCode.identity,
      weight: parameters + 4 * weight.offset,
      bias: parameters + 4 * bias.offset,
      weightGradient: gradients + 4 * weight.offset,
      biasGradient: gradients + 4 * bias.offset,
    })
    this.#ofInput = shape(inputs, this.tensors[0]!, this.tensors[1]!)
    this.#ofState = shape(size, this.tensors[2]!, this.tensors[3]!)
    const table = (rows: number, [weight, bias]: readonly TensorSpec[]) =>
      createLayerTable(
        memory,
        { inputs: rows, layers: [{ kind: 'dense', size: 3 * size, activation: 'identity' }] },
        [
          { ...weight!, name: 'layer0.weight' },
          { ...bias!, name: 'layer0.bias' },
        ],
        parameters,
        gradients,
        workspace.library,
      )
    this.#inputTable = table(inputs, this.tensors.slice(0, 2))
    this.#stateTable = table(size, this.tensors.slice(2))
    this.#plan = memory.integers(memory.allocate(4 * planWords), planWords)
    const area = () => new Area(memory)
    this.#rooms = { gates: area(), recurrent: area(), before: area() }
    this.#output = new Results(memory)
    this.#inferred = new Results(memory)
    this.#gradients = { gates: area(), recurrent: area(), later: area() }
    this.#inputGradient = new Results(memory)
    this.#tangents = new Tangents(memory, workspace)
    this.#tangentRooms = { gates: area(), recurrent: area(), before: area() }
    this.#tangent = new Results(memory)
    this.#moments = new Moments(memory, workspace)
  }

  /** [steps * batch, inputs] -> [steps * batch, size]; keeps what going back needs. */
  forward(x: Matrix, window: Window): Matrix {
    const width = 4 * window.batch * this.#size
    const gates = this.#rooms.gates.at(3 * window.steps * width)
    const recurrent = this.#rooms.recurrent.at(3 * window.steps * width)
    const before = this.#rooms.before.at(window.steps * width)
    const output = this.#run(x, window, this.#output, [gates, recurrent, before])
    this.#kept = { window, x: x.data.byteOffset, gates, recurrent, before }
    return output
  }

  infer(x: Matrix, window: Window): Matrix {
    return this.#run(x, window, this.#inferred, [0, 0, 0])
  }

  #run({ data }: Matrix, window: Window, results: Results, kept: readonly number[]): Matrix {
    const { steps, batch, state, next, stateSize } = window
    const size = this.#size
    const output = results.of(steps * batch, size)
    const { words } = this.#workspace.pool
    const { weight, bias } = this.#ofInput
    words.set([data.byteOffset, weight, bias, this.#ofState.weight, this.#ofState.bias, ...kept], 12)
    words[20] = output.data.byteOffset
    words[22] = state + 4 * this.#column
    words[23] = 4 * stateSize
    words[24] = next === 0 ? 0 : next + 4 * this.#column
    const own = kept[0] === 0 ? 3 * 64 + 28 * this.#chunkRows * size : 0
    const room = packedBytes(this.#inputs, 3 * size) + packedBytes(size, 3 * size) + own
    this.#walk('gruForward', window, room, this.#inputs)
    return output
  }

  /** Adds the parameter gradients of the last `forward`. */
  backward(outputGradient: Matrix): void {
    this.#accumulate(this.#back(outputGradient))
  }

  /** `backward` and `inputGradient` in one walk. */
  backwardThrough(outputGradient: Matrix): Matrix {
    const { rows, data } = this.#inputGradient.of(outputGradient.rows, this.#inputs)
    this.#accumulate(this.#back(outputGradient, data.byteOffset))
    return { rows, columns: this.#inputs, data }
  }

  inputGradient(outputGradient: Matrix, columns: Columns = { from: 0, to: this.#inputs }): Matrix {
    const result = this.#inputGradient.of(outputGradient.rows, columns.to - columns.from)
    this.#back(outputGradient, result.data.byteOffset, columns)
    return result
  }

  /** Writes the gradient at the initial state of the last walk back into this layer's columns of `to` [batch, stateSize]. */
  stateGradient(to: Matrix): void {
    const { batch, stateSize } = this.#last().window
    const from = this.#gradients.later.at(4 * batch * this.#size)
    const width = 4 * this.#size
    this.#memory.kernels.copyRows(from, width, to.data.byteOffset + 4 * this.#column, 4 * stateSize, batch, width)
  }

  /** The Jacobian-vector product at the last `forward`, [steps * batch, size]; the initial state stands still. */
  tangent(parameterTangent: Float32Array, inputTangent?: Matrix): Matrix {
    const { window, x, gates, recurrent, before } = this.#last()
    const { steps, batch, keep } = window
    const { kernels } = this.#memory
    const size = this.#size
    const width = 4 * batch * size
    const shift = this.#tangents.reach(parameterTangent, this.#count) - this.#parameters
    const gatesTangent = this.#tangentRooms.gates.at(3 * steps * width)
    const recurrentTangent = this.#tangentRooms.recurrent.at(3 * width)
    const beforeTangent = this.#tangentRooms.before.at(width)
    const result = this.#tangent.of(steps * batch, size)
    const after = result.data.byteOffset
    const { weight, bias } = this.#ofInput
    const ofInput = this.#tangents.shape(this.#ofInput, weight + shift, bias + shift)
    this.#tangents.product(ofInput, steps * batch, x, inputTangent?.data.byteOffset ?? 0, gatesTangent)
    const ofState = this.#tangents.shape(this.#ofState, this.#ofState.weight + shift, this.#ofState.bias + shift)
    this.#memory.floats(beforeTangent, batch * size).fill(0)
    for (let t = 0; t < steps; t++) {
      const kept = keep === 0 ? 0 : keep + 4 * t * batch
      if (t > 0) kernels.keepRows(after + (t - 1) * width, 4 * size, 0, kept, beforeTangent, batch, size)
      const h = before + t * width
      this.#tangents.product(ofState, batch, h, beforeTangent, recurrentTangent)
      kernels.gruTangent(
        gates + 3 * t * width,
        recurrent + 3 * t * width,
        h,
        gatesTangent + 3 * t * width,
        recurrentTangent,
        beforeTangent,
        after + t * width,
        batch,
        size,
      )
    }
    return result
  }

  /** Of the input's weights and of the state's. */
  layerStatistics(outputGradient: Matrix): readonly LayerStatistics[] {
    const { gates, recurrent } = this.#back(outputGradient)
    const { window, x, before } = this.#last()
    const rows = window.steps * window.batch
    const [weight, bias, recurrentWeight, recurrentBias] = this.tensors as [
      TensorSpec,
      TensorSpec,
      TensorSpec,
      TensorSpec,
    ]
    return [
      {
        weight,
        bias,
        inputs: this.#moments.withOne(rows, x, this.#inputs),
        gradients: this.#moments.plain(rows, gates, 3 * this.#size),
        rows,
      },
      {
        weight: recurrentWeight,
        bias: recurrentBias,
        inputs: this.#moments.withOne(rows, before, this.#size),
        gradients: this.#moments.plain(rows, recurrent, 3 * this.#size),
        rows,
      },
    ]
  }

  /**
   * Back through time: the gradients at x W + b and at h U + c; the one at the initial state stays in `later`, the one at some of the
   * input's columns goes to `toInput`, unless that is 0.
   */
  #back(
    outputGradient: Matrix,
    toInput = 0,
    { from, to }: Columns = { from: 0, to: this.#inputs },
  ): { readonly gates: number; readonly recurrent: number } {
    const { window, gates, recurrent, before } = this.#last()
    const { steps, batch } = window
    const size = this.#size
    const width = 4 * batch * size
    const ofGates = this.#gradients.gates.at(3 * steps * width)
    const ofRecurrent = this.#gradients.recurrent.at(3 * steps * width)
    const columns = toInput === 0 ? 0 : to - from
    const { words } = this.#workspace.pool
    words[12] = outputGradient.data.byteOffset
    words[13] = this.#ofInput.weight
    words[14] = from
    words[15] = this.#ofState.weight
    words[16] = columns
    words[17] = gates
    words[18] = recurrent
    words[19] = before
    words[20] = ofRecurrent
    words[22] = ofGates
    words[23] = this.#gradients.later.at(width)
    words[24] = toInput
    const passing = 2 * (64 + 4 * this.#chunkRows * size)
    const room = packedBytes(3 * size, size) + packedBytes(3 * size, columns) + passing
    this.#walk('gruBackward', window, room, columns)
    return { gates: ofGates, recurrent: ofRecurrent }
  }

  #accumulate({ gates, recurrent }: { readonly gates: number; readonly recurrent: number }): void {
    const { window, x, before } = this.#last()
    const rows = window.steps * window.batch
    this.#addGradients(this.#inputTable, rows, x, gates)
    this.#addGradients(this.#stateTable, rows, before, recurrent)
  }

  /** Adds x^T g to a weight's gradient and the sum of g's rows to its bias's. */
  #addGradients({ address, pieces, pieceCount, products }: LayerTable, rows: number, x: number, g: number): void {
    const { pool, learnsByLibrary } = this.#workspace
    this.#plan[3] = g
    const { words } = pool
    words[8] = address
    words[10] = this.#plan.byteOffset
    words[11] = x
    words[12] = pieces
    words[13] = rows
    words[14] = weightRows
    if (learnsByLibrary) pool.run('libraryWeights', pieceCount, 1, 0, rows * products * libraryNanoseconds)
    else pool.run('parameterGradient', pieceCount, 1, 0, rows * products * productNanoseconds)
  }

  /** Runs a job whose other words were written; `columns`: of the input, as far as it takes part. */
  #walk(kind: 'gruForward' | 'gruBackward', { steps, batch, keep }: Window, room: number, columns: number): void {
    const { pool, learnsByLibrary } = this.#workspace
    const { words } = pool
    words[25] = learnsByLibrary ? 1 : 0
    words[8] = this.#inputs
    words[9] = this.#size
    words[10] = steps
    words[11] = batch
    words[21] = keep
    const nanoseconds = learnsByLibrary ? libraryNanoseconds : productNanoseconds
    const each = 3 * (columns + this.#size) * nanoseconds + gateNanoseconds
    pool.run(kind, batch, this.#chunkRows, 64 + room, batch * steps * this.#size * each)
  }

  /** Rows of the batch that a thread takes at a time. */
  get #chunkRows(): number {
    if (!this.#workspace.learnsByLibrary) return chunkRows
    return this.#size <= 64 ? 64 : tileRows(3 * this.#size)
  }

  #last(): Pass {
    if (this.#kept === undefined) throw new Error('gru: call sequence first; there is nothing to go back through')
    return this.#kept
  }
}

/** Bytes of packed weights, as kernels/gru-passes.ts counts them. */
function packedBytes(inner: number, columns: number): number {
  return 64 + 32 * inner * Math.ceil(columns / 8)
}
