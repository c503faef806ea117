// A layer normalisation by itself, between the other parts of a network (its formula: LayerNormLayer).

import type { Random } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import { drawParameters, type TensorSpec, tensorsOf } from '../network.ts'
import type { Workspace } from './dense.ts'
import { chunkRows, normalNanoseconds } from './job.ts'
import { Area, type SimdMemory } from './memory.ts'
import type { ParameterAddresses } from './network.ts'
import { Results } from './plans.ts'
import { Tangents } from './tangent.ts'

/** Where one pass keeps its normalised rows and their scales. */
interface Rooms {
  readonly normal: Area
  readonly scale: Area
  readonly output: Results
}

export class LayerNorm {
  readonly tensors: readonly TensorSpec[]
  readonly #memory: SimdMemory
  readonly #workspace: Workspace
  readonly #size: number
  /** Addresses of gain and shift, and of their gradients. */
  readonly #gain: number
  readonly #gainGradient: number
  readonly #forward: Rooms
  readonly #infer: Rooms
  readonly #gradient: Results
  readonly #someColumns: Results
  readonly #tangents: Tangents
  readonly #tangent: Results
  #rows = 0

  constructor(
    memory: SimdMemory,
    workspace: Workspace,
    size: number,
    random: Random,
    { parameters, gradients }: ParameterAddresses,
  ) {
    this.#memory = memory
    this.#workspace = workspace
    this.#size = size
    this.tensors = tensorsOf({ inputs: size, layers: [{ kind: 'layerNorm', size }] })
    this.#gain = parameters
    this.#gainGradient = gradients
    drawParameters(this.tensors, random, memory.floats(parameters, 2 * size))
    const rooms = () => ({ normal: new Area(memory), scale: new Area(memory), output: new Results(memory) })
    this.#forward = rooms()
    this.#infer = rooms()
    this.#gradient = new Results(memory)
    this.#someColumns = new Results(memory)
    this.#tangents = new Tangents(memory, workspace)
    this.#tangent = new Results(memory)
  }

  forward(x: Matrix): Matrix {
    this.#rows = x.rows
    return this.#pass(x, this.#forward)
  }

  infer(x: Matrix): Matrix {
    return this.#pass(x, this.#infer)
  }

  backward(outputGradient: Matrix): void {
    const size = this.#size
    const rows = this.#rows
    const { pool } = this.#workspace
    pool.words.set([outputGradient.data.byteOffset, this.#normal(), 0, 0, this.#gainGradient, size, rows], 8)
    pool.run('gainGradient', 2, 1, 0, rows * size * normalNanoseconds)
  }

  backwardThrough(outputGradient: Matrix): Matrix {
    this.backward(outputGradient)
    return this.inputGradient(outputGradient)
  }

  inputGradient(outputGradient: Matrix, columns?: Columns): Matrix {
    const [rows, size] = [this.#rows, this.#size]
    const all = this.#gradient.of(rows, size)
    const to = all.data.byteOffset
    this.#run('normalGradient', rows, [
      outputGradient.data.byteOffset,
      this.#normal(),
      this.#scale(),
      this.#gain,
      to,
      size,
    ])
    if (columns === undefined || (columns.from === 0 && columns.to === size)) return all
    const some = this.#someColumns.of(rows, columns.to - columns.from)
    this.#memory.kernels.copyRows(
      to + 4 * columns.from,
      4 * size,
      some.data.byteOffset,
      4 * some.columns,
      rows,
      4 * some.columns,
    )
    return some
  }

  tangent(parameterTangent: Float32Array, inputTangent?: Matrix): Matrix {
    const [rows, size] = [this.#rows, this.#size]
    const gainTangent = this.#tangents.reach(parameterTangent, 2 * size)
    const moving = this.#tangent.of(rows, size)
    if (inputTangent === undefined) moving.data.fill(0)
    else moving.data.set(inputTangent.data)
    const layer = {
      size,
      normal: this.#normal(),
      scale: this.#scale(),
      gain: this.#gain,
      gainTangent,
      shiftTangent: gainTangent + 4 * size,
    }
    this.#tangents.normalise(layer, rows, moving.data.byteOffset)
    return moving
  }

  /** Gain and shift have no weight matrix, so no factors. */
  layerStatistics(): readonly [] {
    return []
  }

  #pass({ rows, data }: Matrix, { normal, scale, output }: Rooms): Matrix {
    const size = this.#size
    const y = output.of(rows, size)
    const places = [
      data.byteOffset,
      normal.at(4 * rows * size),
      scale.at(4 * rows),
      this.#gain,
      y.data.byteOffset,
      size,
    ]
    this.#run('normalise', rows, places)
    return y
  }

  #run(kind: 'normalise' | 'normalGradient', rows: number, places: readonly number[]): void {
    const { pool } = this.#workspace
    pool.words.set(places, 8)
    pool.run(kind, rows, chunkRows, 0, rows * this.#size * normalNanoseconds)
  }

  #normal(): number {
    return this.#forward.normal.at(0)
  }

  #scale(): number {
    return this.#forward.scale.at(0)
  }
}
