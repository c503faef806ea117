// A network of parts one after the other over one block of parameters: runs of dense layers, normalisations, recurrent layers, sets.
import type { Random } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import type { CurvatureNetwork, LayerStatistics } from '../curvature.ts'
import {
  type GruLayer,
  type LayerSpec,
  type NetworkSpec,
  outputSize,
  type SetsLayer,
  type StandardLayer,
  type TensorSpec,
  tensorLength,
  tensorsOf,
} from '../network.ts'
import { type Memory, type RecurrentNetwork, stateSize } from '../recurrence.ts'
import { checkSets } from '../sets.ts'
import { checkColumns, checkCount, checkLayerNorms, checkMatrix } from '../shapes.ts'
import { checkStandards } from '../standard.ts'
import type { Workspace } from './dense.ts'
import { Gru, type Window } from './gru.ts'
import { LayerNorm } from './layer-norm.ts'
import { Area, type SimdMemory } from './memory.ts'
import { type ParameterAddresses, placeOf, SimdNetwork } from './network.ts'
import { Results } from './plans.ts'
import { Sets } from './sets.ts'
import { Standard } from './standard.ts'

/** A run of dense layers, or one layer of another kind. */
interface Part {
  readonly tensors: readonly TensorSpec[]
  forward(x: Matrix, window: Window): Matrix
  infer(x: Matrix, window: Window): Matrix
  backward(outputGradient: Matrix): void
  backwardThrough(outputGradient: Matrix): Matrix
  inputGradient(outputGradient: Matrix, columns?: Columns): Matrix
  tangent(parameterTangent: Float32Array, inputTangent?: Matrix): Matrix
  layerStatistics(outputGradient: Matrix): readonly LayerStatistics[]
}

export class SimdChain implements RecurrentNetwork, CurvatureNetwork {
  readonly tensors: readonly TensorSpec[]
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  readonly stateSize: number
  readonly #workspace: Workspace
  readonly #outputs: number
  readonly #parts: readonly Part[]
  /** Per part, its first parameter. */
  readonly #offsets: readonly number[]
  readonly #forward: Staging
  readonly #infer: Staging
  readonly #outputGradient: Results
  readonly #inputTangent: Results
  readonly #stateGradient: Results
  /** Of the last `sequence`. */
  #kept: Window | undefined

  constructor(
    readonly memory: SimdMemory,
    workspace: Workspace,
    readonly spec: NetworkSpec,
    random: Random,
    place?: ParameterAddresses,
  ) {
    checkCount('simd: network inputs', spec.inputs, 1)
    checkSets('simd', spec)
    spec.layers.forEach((layer, index) => {
      checkCount(`simd: size of layer ${index}`, layer.size, 1)
    })
    checkLayerNorms('simd', spec)
    checkStandards('simd', spec)
    this.#workspace = workspace
    this.tensors = tensorsOf(spec)
    this.stateSize = stateSize(spec)
    this.#outputs = outputSize(spec)
    const count = this.tensors.reduce((sum, tensor) => sum + tensorLength(tensor), 0)
    const block = place ?? placeOf(memory, count)
    this.parameters = memory.floats(block.parameters, count)
    this.gradients = memory.floats(block.gradients, count)
    const offsets: number[] = []
    let offset = 0
    let column = 0
    // The parts draw their parameters in the order of the layers: the numbers are those of drawParameters over all tensors.
    this.#parts = partsOf(spec).map(({ inputs, layers }) => {
      const place = { parameters: block.parameters + 4 * offset, gradients: block.gradients + 4 * offset }
      const { kind, size } = layers[0]!
      const part =
        kind === 'gru'
          ? new Gru(memory, workspace, { ...(layers[0] as GruLayer), inputs, column }, random, place)
          : kind === 'layerNorm'
            ? new LayerNorm(memory, workspace, size, random, place)
            : kind === 'sets'
              ? new Sets(
                  memory,
                  layers[0] as SetsLayer,
                  inputs,
                  (spec, at) => createSimdNetwork(memory, workspace, spec, random, at),
                  place,
                )
              : kind === 'standard'
                ? new Standard(memory, layers[0] as StandardLayer, place)
                : new SimdNetwork(memory, workspace, { inputs, layers }, random, place)
      offsets.push(offset)
      offset += lengthOf(part)
      if (kind === 'gru') column += size
      return part
    })
    this.#offsets = offsets
    this.#forward = new Staging(memory)
    this.#infer = new Staging(memory)
    this.#outputGradient = new Results(memory)
    this.#inputTangent = new Results(memory)
    this.#stateGradient = new Results(memory)
  }

  forward(input: Matrix): Matrix {
    if (this.stateSize > 0) {
      throw new TypeError('forward: this network is recurrent; call sequence with the state that it starts from')
    }
    return this.sequence(input, withoutState(input))
  }

  sequence(input: Matrix, memory: Memory): Matrix {
    const window = this.#window('sequence', input, memory, this.#forward)
    let x = reach(this.memory, input, this.#forward.input)
    for (const part of this.#parts) x = part.forward(x, window)
    this.#kept = window
    deliver(this.memory, memory, this.#forward)
    return x
  }

  infer(input: Matrix, memory?: Memory): Matrix {
    if (memory === undefined) {
      if (this.stateSize === 0) return this.infer(input, withoutState(input))
      throw new TypeError('infer: this network is recurrent; expected the memory that it starts from, got none')
    }
    const window = this.#window('infer', input, memory, this.#infer)
    let x = reach(this.memory, input, this.#infer.input)
    for (const part of this.#parts) x = part.infer(x, window)
    deliver(this.memory, memory, this.#infer)
    return x
  }

  act(input: Matrix, memory?: Memory): Matrix {
    return this.#workspace.acting(() => this.infer(input, memory))
  }

  backward(outputGradient: Matrix): void {
    let gradient = this.#gradient('backward', outputGradient)
    // In front of what learns nothing no gradient is wanted.
    const first = this.#parts[0] instanceof Standard ? 1 : 0
    for (let i = this.#parts.length - 1; i > first; i--) gradient = this.#parts[i]!.backwardThrough(gradient)
    this.#parts[first]!.backward(gradient)
  }

  inputGradient(outputGradient: Matrix, columns: Columns = { from: 0, to: this.spec.inputs }): Matrix {
    checkColumns('inputGradient: columns', columns, this.spec.inputs)
    let gradient = this.#gradient('inputGradient', outputGradient)
    for (let i = this.#parts.length - 1; i > 0; i--) gradient = this.#parts[i]!.inputGradient(gradient)
    return this.#parts[0]!.inputGradient(gradient, columns)
  }

  stateGradient(outputGradient: Matrix): Matrix {
    let gradient = this.#gradient('stateGradient', outputGradient)
    const result = this.#stateGradient.of(this.#last('stateGradient').batch, this.stateSize)
    for (let i = this.#parts.length - 1; i >= 0; i--) {
      const part = this.#parts[i]!
      gradient = part.inputGradient(gradient)
      if (part instanceof Gru) part.stateGradient(result)
    }
    return result
  }

  tangent(parameterTangent: Float32Array, inputTangent?: Matrix): Matrix {
    const { steps, batch } = this.#last('tangent')
    const { length } = this.parameters
    if (!(parameterTangent instanceof Float32Array) || parameterTangent.length !== length) {
      throw new TypeError(
        `tangent: parameter tangent must hold ${length} float32 numbers, got ${parameterTangent?.length ?? 'none'}`,
      )
    }
    let moving: Matrix | undefined
    if (inputTangent) {
      checkMatrix('tangent: input tangent', inputTangent, this.spec.inputs, steps * batch)
      moving = reach(this.memory, inputTangent, this.#inputTangent)
    }
    this.#parts.forEach((part, i) => {
      const from = this.#offsets[i]!
      moving = part.tangent(parameterTangent.subarray(from, from + lengthOf(part)), moving)
    })
    return moving!
  }

  layerStatistics(outputGradient: Matrix): readonly LayerStatistics[] {
    let gradient = this.#gradient('layerStatistics', outputGradient)
    const statistics: LayerStatistics[] = []
    for (let i = this.#parts.length - 1; i >= 0; i--) {
      const part = this.#parts[i]!
      const own = (tensor: TensorSpec) =>
        this.tensors.find(other => other.offset === this.#offsets[i]! + tensor.offset)!
      const found = part.layerStatistics(gradient)
      statistics.unshift(...found.map(each => ({ ...each, weight: own(each.weight), bias: own(each.bias) })))
      if (i > 0) gradient = part.inputGradient(gradient)
    }
    return statistics
  }

  /** Checks a call's shapes, and brings its memory to where the kernels can read it. */
  #window(where: string, input: Matrix, { state, restarted, next }: Memory, staging: Staging): Window {
    checkMatrix(`${where}: input`, input, this.spec.inputs)
    checkMatrix(`${where}: memory.state`, state, this.stateSize)
    if (next) checkMatrix(`${where}: memory.next`, next, this.stateSize, state.rows)
    const batch = state.rows
    const steps = input.rows / batch
    if (!Number.isInteger(steps) || steps < 1) {
      throw new TypeError(`${where}: input must have steps * ${batch} rows (rows of memory.state), got ${input.rows}`)
    }
    if (restarted && restarted.length !== input.rows) {
      throw new TypeError(`${where}: memory.restarted must have ${input.rows} numbers, got ${restarted.length}`)
    }
    let keep = 0
    if (restarted) {
      keep = staging.keep.at(4 * input.rows)
      const numbers = this.memory.floats(keep, input.rows)
      for (let i = 0; i < numbers.length; i++) numbers[i] = restarted[i] === 0 ? 1 : 0
    }
    return {
      steps,
      batch,
      keep,
      state: reach(this.memory, state, staging.state).data.byteOffset,
      next: next ? placed(this.memory, next, staging.next).data.byteOffset : 0,
      stateSize: this.stateSize,
    }
  }

  #gradient(where: string, outputGradient: Matrix): Matrix {
    const { steps, batch } = this.#last(where)
    checkMatrix(`${where}: output gradient`, outputGradient, this.#outputs, steps * batch)
    return reach(this.memory, outputGradient, this.#outputGradient)
  }

  #last(where: string): Window {
    if (this.#kept === undefined) throw new Error(`${where}: call sequence first; there is nothing to go back through`)
    return this.#kept
  }
}

/** The network of a spec: of dense layers alone, or of parts. `place`: where its parameters stand within a larger network's. */
export function createSimdNetwork(
  memory: SimdMemory,
  workspace: Workspace,
  spec: NetworkSpec,
  random: Random,
  place?: ParameterAddresses,
): SimdNetwork | SimdChain {
  return spec.layers.some(layer => layer.kind !== 'dense')
    ? new SimdChain(memory, workspace, spec, random, place)
    : new SimdNetwork(memory, workspace, spec, random, place)
}

/** Where a call's matrices from outside, and its restarts, are copied to. */
class Staging {
  readonly input: Results
  readonly state: Results
  readonly next: Results
  readonly keep: Area

  constructor(memory: SimdMemory) {
    this.input = new Results(memory)
    this.state = new Results(memory)
    this.next = new Results(memory)
    this.keep = new Area(memory)
  }
}

/** The matrix, or its like in the kernels' memory. */
function placed(memory: SimdMemory, matrix: Matrix, room: Results): Matrix {
  return memory.owns(matrix) ? matrix : room.of(matrix.rows, matrix.columns)
}

/** The matrix with its numbers where the kernels can read them. */
function reach(memory: SimdMemory, matrix: Matrix, room: Results): Matrix {
  const found = placed(memory, matrix, room)
  if (found !== matrix) found.data.set(matrix.data)
  return found
}

/** Brings the state afterwards to a matrix from outside. */
function deliver(memory: SimdMemory, { next }: Memory, staging: Staging): void {
  if (next && !memory.owns(next)) next.data.set(staging.next.of(next.rows, next.columns).data)
}

/** The memory of a network without recurrent layers. */
function withoutState({ rows }: Matrix): Memory {
  return { state: { rows, columns: 0, data: new Float32Array(0) } }
}

/** A spec cut at its layers that are not dense. */
function partsOf(spec: NetworkSpec): { inputs: number; layers: LayerSpec[] }[] {
  const parts: { inputs: number; layers: LayerSpec[] }[] = []
  let inputs = spec.inputs
  spec.layers.forEach((layer, index) => {
    const before = spec.layers[index - 1]
    if (layer.kind === 'dense' && before?.kind === 'dense') parts[parts.length - 1]!.layers.push(layer)
    else parts.push({ inputs, layers: [layer] })
    inputs = layer.size
  })
  return parts
}

/** Numbers in a part's parameters. */
function lengthOf(part: { readonly tensors: readonly TensorSpec[] }): number {
  return part.tensors.reduce((sum, tensor) => sum + tensorLength(tensor), 0)
}
