// What reads the sets among the columns of a network's input (its formula: SetsLayer). The pieces of all rows go through one network as
// one batch; only the pooling is done set by set.
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import type { LayerStatistics } from '../curvature.ts'
import { type NetworkSpec, type SetsLayer, type TensorSpec, tensorLength, tensorsOf } from '../network.ts'
import { pieceSpec, plainColumns, unitsOf } from '../sets.ts'
import { Area, type SimdMemory } from './memory.ts'
import type { ParameterAddresses } from './network.ts'
import { Results } from './plans.ts'

/** The network of pieces. */
interface PieceNetwork {
  readonly tensors: readonly TensorSpec[]
  forward(x: Matrix): Matrix
  infer(x: Matrix): Matrix
  backward(outputGradient: Matrix): void
  inputGradient(outputGradient: Matrix): Matrix
  tangent(parameterTangent: Float32Array, inputTangent?: Matrix): Matrix
  layerStatistics(outputGradient: Matrix): readonly LayerStatistics[]
}

/** One set, and where its numbers stand during a pass. */
interface OneSet {
  readonly from: number
  readonly count: number
  readonly piece: number
  readonly units: number
  /** The first of its columns in the result. */
  readonly column: number
  readonly network: PieceNetwork
  /** Its first parameter within the layer's. */
  readonly offset: number
  readonly forward: Rooms
  readonly infer: Rooms
  /** The gradient at what its pieces became. */
  readonly gradient: Results
  readonly tangent: Results
}

interface Rooms {
  /** [rows * count, piece - 1] The pieces without their first numbers. */
  readonly pieces: Results
  /** [rows, units] Which piece was the largest. */
  readonly chosen: Area
}

export class Sets {
  readonly tensors: readonly TensorSpec[]
  readonly #memory: SimdMemory
  readonly #inputs: number
  readonly #size: number
  readonly #plain: readonly Columns[]
  readonly #sets: readonly OneSet[]
  readonly #forward: Results
  readonly #infer: Results
  readonly #inputGradient: Results
  readonly #tangent: Results
  /** The input of the last `forward`. */
  #kept: { readonly rows: number; readonly x: number } | undefined

  /** `create` makes the network of a set's pieces with its parameters in a place of the layer's. */
  constructor(
    memory: SimdMemory,
    layer: SetsLayer,
    inputs: number,
    create: (spec: NetworkSpec, place: ParameterAddresses) => PieceNetwork,
    { parameters, gradients }: ParameterAddresses,
  ) {
    this.#memory = memory
    this.#inputs = inputs
    this.#size = layer.size
    this.tensors = tensorsOf({ inputs, layers: [layer] })
    this.#plain = plainColumns(inputs, layer.sets)
    let column = this.#plain.reduce((sum, { from, to }) => sum + to - from, 0)
    let offset = 0
    const rooms = () => ({ pieces: new Results(memory), chosen: new Area(memory) })
    this.#sets = layer.sets.map(set => {
      const { from, count, piece } = set
      const units = unitsOf(set)
      const network = create(pieceSpec(set), {
        parameters: parameters + 4 * offset,
        gradients: gradients + 4 * offset,
      })
      const made: OneSet = {
        ...{ from, count, piece, units, column, network, offset, forward: rooms(), infer: rooms() },
        gradient: new Results(memory),
        tangent: new Results(memory),
      }
      column += 2 * units
      offset += lengthOf(network)
      return made
    })
    this.#forward = new Results(memory)
    this.#infer = new Results(memory)
    this.#inputGradient = new Results(memory)
    this.#tangent = new Results(memory)
  }

  forward(x: Matrix): Matrix {
    this.#kept = { rows: x.rows, x: x.data.byteOffset }
    return this.#pass(x, 'forward', this.#forward)
  }

  infer(x: Matrix): Matrix {
    return this.#pass(x, 'infer', this.#infer)
  }

  backward(outputGradient: Matrix): void {
    for (const set of this.#sets) set.network.backward(this.#gradientAtPieces(set, outputGradient))
  }

  backwardThrough(outputGradient: Matrix): Matrix {
    this.backward(outputGradient)
    return this.inputGradient(outputGradient)
  }

  inputGradient(outputGradient: Matrix, columns: Columns = { from: 0, to: this.#inputs }): Matrix {
    const { rows, data } = outputGradient
    const result = this.#inputGradient.of(rows, columns.to - columns.from)
    /** Columns from `first` on, whose gradients stand `stride` bytes apart from `at` on: those of them that are wanted. */
    const put = (at: number, stride: number, first: number, count: number) => {
      const from = Math.max(first, columns.from)
      const bytes = 4 * (Math.min(first + count, columns.to) - from)
      if (bytes <= 0) return
      const to = result.data.byteOffset + 4 * (from - columns.from)
      this.#memory.kernels.copyRows(at + 4 * (from - first), stride, to, 4 * result.columns, rows, bytes)
    }
    let at = data.byteOffset
    for (const { from, to } of this.#plain) {
      put(at, 4 * this.#size, from, to - from)
      at += 4 * (to - from)
    }
    for (const set of this.#sets) {
      const { from, count, piece, network } = set
      if (from >= columns.to || from + count * piece <= columns.from) continue
      const gradient = network.inputGradient(this.#gradientAtPieces(set, outputGradient))
      const width = 4 * (piece - 1)
      for (let p = 0; p < count; p++) {
        const flag = from + p * piece
        put(gradient.data.byteOffset + p * width, count * width, flag + 1, piece - 1)
        // Whether a piece is there is nothing that can be differentiated.
        if (flag < columns.from || flag >= columns.to) continue
        for (let i = flag - columns.from; i < result.data.length; i += result.columns) result.data[i] = 0
      }
    }
    return result
  }

  /** The Jacobian-vector product at the last `forward`. */
  tangent(parameterTangent: Float32Array, inputTangent?: Matrix): Matrix {
    const { rows, x } = this.#last()
    const { kernels } = this.#memory
    const result = this.#tangent.of(rows, this.#size)
    if (inputTangent === undefined) result.data.fill(0)
    else this.#copyPlain(inputTangent.data.byteOffset, result)
    for (const set of this.#sets) {
      const { count, piece, units, network, offset, column, forward } = set
      const moving = inputTangent && this.#piecesOf(set, rows, inputTangent.data.byteOffset, set.tangent)
      const ofPieces = network.tangent(parameterTangent.subarray(offset, offset + lengthOf(network)), moving)
      kernels.poolTangent(
        x + 4 * set.from,
        4 * this.#inputs,
        4 * piece,
        ofPieces.data.byteOffset,
        forward.chosen.at(0),
        result.data.byteOffset + 4 * column,
        4 * this.#size,
        rows,
        count,
        units,
      )
    }
    return result
  }

  /** A set's rows are its pieces, taken as independent; those that are not there have gradients of 0. */
  layerStatistics(outputGradient: Matrix): readonly LayerStatistics[] {
    return this.#sets.flatMap(set => {
      const own = ({ offset }: TensorSpec) => this.tensors.find(tensor => tensor.offset === set.offset + offset)!
      const found = set.network.layerStatistics(this.#gradientAtPieces(set, outputGradient))
      return found.map(each => ({ ...each, weight: own(each.weight), bias: own(each.bias) }))
    })
  }

  #pass({ rows, data }: Matrix, call: 'forward' | 'infer', results: Results): Matrix {
    const x = data.byteOffset
    const result = results.of(rows, this.#size)
    this.#copyPlain(x, result)
    for (const set of this.#sets) {
      const { count, piece, units, network, column } = set
      const { pieces, chosen } = set[call]
      const y = network[call](this.#piecesOf(set, rows, x, pieces))
      this.#memory.kernels.poolPieces(
        x + 4 * set.from,
        4 * this.#inputs,
        4 * piece,
        y.data.byteOffset,
        result.data.byteOffset + 4 * column,
        4 * this.#size,
        chosen.at(4 * rows * units),
        rows,
        count,
        units,
      )
    }
    return result
  }

  #copyPlain(x: number, result: Matrix): void {
    let to = result.data.byteOffset
    for (const { from, to: end } of this.#plain) {
      const bytes = 4 * (end - from)
      this.#memory.kernels.copyRows(x + 4 * from, 4 * this.#inputs, to, 4 * this.#size, result.rows, bytes)
      to += bytes
    }
  }

  /** The pieces of all rows one below the other, without their first numbers. */
  #piecesOf({ from, count, piece }: OneSet, rows: number, x: number, room: Results): Matrix {
    const pieces = room.of(rows * count, piece - 1)
    const width = 4 * (piece - 1)
    for (let p = 0; p < count; p++) {
      const at = x + 4 * (from + p * piece + 1)
      const to = pieces.data.byteOffset + p * width
      this.#memory.kernels.copyRows(at, 4 * this.#inputs, to, count * width, rows, width)
    }
    return pieces
  }

  #gradientAtPieces(set: OneSet, outputGradient: Matrix): Matrix {
    const { rows, x } = this.#last()
    const { from, count, piece, units, column } = set
    const gradient = set.gradient.of(rows * count, units)
    this.#memory.kernels.poolGradient(
      x + 4 * from,
      4 * this.#inputs,
      4 * piece,
      outputGradient.data.byteOffset + 4 * column,
      4 * this.#size,
      set.forward.chosen.at(0),
      gradient.data.byteOffset,
      rows,
      count,
      units,
    )
    return gradient
  }

  #last(): { readonly rows: number; readonly x: number } {
    if (this.#kept === undefined) throw new Error('sets: call forward first; there is nothing to go back through')
    return this.#kept
  }
}

/** Numbers in a network's parameters. */
function lengthOf(network: { readonly tensors: readonly TensorSpec[] }): number {
  return network.tensors.reduce((sum, tensor) => sum + tensorLength(tensor), 0)
}
