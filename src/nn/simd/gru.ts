// One gated recurrent layer over whole sequences (its formula: GruLayer). Products over all steps at once where no step waits for
// another; only h U + c and the gates go step by step.
import type { Random } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import type { LayerStatistics } from '../curvature.ts'
import { drawParameters, type TensorSpec, tensorsOf } from '../network.ts'
import { type DenseShape, denseBackward, denseForward, denseInputGradient, type Workspace } from './dense.ts'
import { activationCode } from './kernels.ts'
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

/** The numbers of one pass over a window, by address. */
interface Pass {
  readonly window: Window
  /** [steps * batch, inputs] */
  readonly x: number
  /** [steps * batch, 3 size]: r z n, and h U + c. */
  readonly gates: number
  readonly recurrent: number
  /** [steps * batch, size]: h, zero where an episode begins; and h'. */
  readonly before: number
  readonly output: Matrix
}

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
  readonly #forward: Rooms
  readonly #infer: Rooms
  readonly #gradients: { readonly [name in 'gates' | 'recurrent' | 'direct' | 'through' | 'later']: Area }
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
    layer: { readonly inputs: number; readonly size: number; readonly column: number },
    random: Random,
    { parameters, gradients }: ParameterAddresses,
  ) {
    const { inputs, size, column } = layer
    this.#memory = memory
    this.#workspace = workspace
    this.#inputs = inputs
    this.#size = size
    this.#column = column
    this.tensors = tensorsOf({ inputs, layers: [{ kind: 'gru', size }] })
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
    const area = () => new Area(memory)
    this.#forward = roomsOf(memory)
    this.#infer = roomsOf(memory)
    this.#gradients = { gates: area(), recurrent: area(), direct: area(), through: area(), later: area() }
    this.#inputGradient = new Results(memory)
    this.#tangents = new Tangents(memory, workspace)
    this.#tangentRooms = { gates: area(), recurrent: area(), before: area() }
    this.#tangent = new Results(memory)
    this.#moments = new Moments(memory, workspace)
  }

  /** [steps * batch, inputs] -> [steps * batch, size]; keeps what going back needs. */
  forward(x: Matrix, window: Window): Matrix {
    this.#kept = this.#run(x, window, this.#forward)
    return this.#kept.output
  }

  infer(x: Matrix, window: Window): Matrix {
    return this.#run(x, window, this.#infer).output
  }

  #run(input: Matrix, window: Window, rooms: Rooms): Pass {
    const { steps, batch, keep, state, next, stateSize } = window
    const { kernels } = this.#memory
    const rows = steps * batch
    const size = this.#size
    const width = 4 * batch * size
    const x = input.data.byteOffset
    const gates = rooms.gates.at(3 * steps * width)
    const recurrent = rooms.recurrent.at(3 * steps * width)
    const before = rooms.before.at(steps * width)
    const output = rooms.output.of(rows, size)
    const after = output.data.byteOffset
    denseForward(this.#memory, this.#workspace, this.#ofInput, rows, x, gates)
    for (let t = 0; t < steps; t++) {
      const kept = keep === 0 ? 0 : keep + 4 * t * batch
      const h = before + t * width
      if (t === 0) kernels.keepRows(state + 4 * this.#column, 4 * stateSize, 0, kept, h, batch, size)
      else kernels.keepRows(after + (t - 1) * width, 4 * size, 0, kept, h, batch, size)
      const q = recurrent + 3 * t * width
      denseForward(this.#memory, this.#workspace, this.#ofState, batch, h, q)
      kernels.gruForward(gates + 3 * t * width, q, h, after + t * width, batch, size)
    }
    if (next !== 0) {
      const last = after + (steps - 1) * width
      kernels.copyRows(last, 4 * size, next + 4 * this.#column, 4 * stateSize, batch, 4 * size)
    }
    return { window, x, gates, recurrent, before, output }
  }

  /** Adds the parameter gradients of the last `forward`. */
  backward(outputGradient: Matrix): void {
    this.#accumulate(this.#back(outputGradient))
  }

  /** `backward` and `inputGradient` in one walk. */
  backwardThrough(outputGradient: Matrix): Matrix {
    const gradients = this.#back(outputGradient)
    this.#accumulate(gradients)
    return this.#gradientAtInput(gradients.gates, { from: 0, to: this.#inputs })
  }

  inputGradient(outputGradient: Matrix, columns: Columns = { from: 0, to: this.#inputs }): Matrix {
    return this.#gradientAtInput(this.#back(outputGradient).gates, columns)
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
      },
      {
        weight: recurrentWeight,
        bias: recurrentBias,
        inputs: this.#moments.withOne(rows, before, this.#size),
        gradients: this.#moments.plain(rows, recurrent, 3 * this.#size),
      },
    ]
  }

  /** Back through time: the gradients at x W + b and at h U + c; the one at the initial state stays in `later`. */
  #back(outputGradient: Matrix): { readonly gates: number; readonly recurrent: number } {
    const pass = this.#last()
    const { steps, batch, keep } = pass.window
    const { kernels } = this.#memory
    const size = this.#size
    const width = 4 * batch * size
    const gates = this.#gradients.gates.at(3 * steps * width)
    const recurrent = this.#gradients.recurrent.at(3 * steps * width)
    const direct = this.#gradients.direct.at(width)
    const through = this.#gradients.through.at(width)
    const later = this.#gradients.later.at(width)
    for (let t = steps - 1; t >= 0; t--) {
      kernels.gruBackward(
        pass.gates + 3 * t * width,
        pass.recurrent + 3 * t * width,
        pass.before + t * width,
        outputGradient.data.byteOffset + t * width,
        t === steps - 1 ? 0 : later,
        gates + 3 * t * width,
        recurrent + 3 * t * width,
        direct,
        batch,
        size,
      )
      const q = recurrent + 3 * t * width
      const { identity } = activationCode
      denseInputGradient(this.#memory, this.#workspace, this.#ofState, batch, q, 0, size, 0, identity, through)
      // Nothing goes back past the beginning of an episode: there h was zero, whatever the step before had left.
      const kept = keep === 0 ? 0 : keep + 4 * t * batch
      kernels.keepRows(direct, 4 * size, through, kept, later, batch, size)
    }
    return { gates, recurrent }
  }

  #accumulate({ gates, recurrent }: { readonly gates: number; readonly recurrent: number }): void {
    const { window, x, before } = this.#last()
    const rows = window.steps * window.batch
    denseBackward(this.#memory, this.#workspace, this.#ofInput, rows, x, gates)
    denseBackward(this.#memory, this.#workspace, this.#ofState, rows, before, recurrent)
  }

  #gradientAtInput(gates: number, { from, to }: Columns): Matrix {
    const { steps, batch } = this.#last().window
    const rows = steps * batch
    const result = this.#inputGradient.of(rows, to - from)
    const { identity } = activationCode
    const target = result.data.byteOffset
    denseInputGradient(this.#memory, this.#workspace, this.#ofInput, rows, gates, from, to, 0, identity, target)
    return result
  }

  #last(): Pass {
    if (this.#kept === undefined) throw new Error('gru: call sequence first; there is nothing to go back through')
    return this.#kept
  }
}

/** Where the numbers of a pass stand; they grow with the longest window. */
interface Rooms {
  readonly gates: Area
  readonly recurrent: Area
  readonly before: Area
  readonly output: Results
}

function roomsOf(memory: SimdMemory): Rooms {
  return {
    gates: new Area(memory),
    recurrent: new Area(memory),
    before: new Area(memory),
    output: new Results(memory),
  }
}
