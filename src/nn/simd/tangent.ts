// Forward mode: how the results of dense layers move when parameters and inputs move.
import { type DenseShape, denseForward, packedRows, type Workspace } from './dense.ts'
import { blockRows, chunkRows, productNanoseconds } from './job.ts'
import { activationCode } from './kernels.ts'
import { Area, type SimdMemory } from './memory.ts'

/** A product and its tangent: the rows [x dx] times the tangent of W over W itself; `inputs` are those of x. */
export interface TangentShape {
  readonly inputs: number
  /** For rows x alone, where the input stands still. */
  readonly still: DenseShape
  /** For rows [x dx]. */
  readonly moving: DenseShape
}

/** A layer normalisation that a forward went through: where its normalised sums x', their scale per row, and its parameters stand. */
export interface NormalisedLayer {
  readonly size: number
  readonly normal: number
  readonly scale: number
  readonly gain: number
  readonly gainTangent: number
  readonly shiftTangent: number
}

/** Working space of one network for its tangents, made when the first is asked for. */
export class Tangents {
  readonly #memory: SimdMemory
  readonly #workspace: Workspace
  readonly #vector: Area
  readonly #weights: Area
  readonly #rows: Area

  constructor(memory: SimdMemory, workspace: Workspace) {
    this.#memory = memory
    this.#workspace = workspace
    this.#vector = new Area(memory)
    this.#weights = new Area(memory)
    this.#rows = new Area(memory)
  }

  /** The address of a vector like `parameters`; one from outside is copied in. @throws TypeError for another length. */
  reach(vector: Float32Array, count: number): number {
    if (!(vector instanceof Float32Array) || vector.length !== count) {
      throw new TypeError(
        `tangent: parameter tangent must hold ${count} float32 numbers, got ${vector?.length ?? 'none'}`,
      )
    }
    if (this.#memory.owns({ rows: 1, columns: count, data: vector })) return vector.byteOffset
    const pointer = this.#vector.at(4 * count)
    this.#memory.floats(pointer, count).set(vector)
    return pointer
  }

  /** A layer's product x W + b with the tangents of W and b; valid until the next call. */
  shape(layer: DenseShape, weightTangent: number, biasTangent: number): TangentShape {
    const { inputs, size, weight } = layer
    const bytes = 4 * inputs * size
    const both = this.#weights.at(2 * bytes)
    this.#memory.kernels.copyRows(weightTangent, bytes, both, bytes, 1, bytes)
    this.#memory.kernels.copyRows(weight, bytes, both + bytes, bytes, 1, bytes)
    const still = { ...layer, weight: weightTangent, bias: biasTangent, activation: activationCode.identity }
    return { inputs, still, moving: { ...still, inputs: 2 * inputs, weight: both } }
  }

  /** to [rows, size] = (x dW + dx W + db) activation'(h), in one product; `dx` 0: the input stands still, `h` 0: there is no activation. */
  product(shape: TangentShape, rows: number, x: number, dx: number, to: number, h = 0, activation = 0): void {
    const { inputs, still, moving } = shape
    const { learnsByLibrary, pool } = this.#workspace
    const { size } = still
    if (!learnsByLibrary && size > 1 && rows >= packedRows) {
      const { weight, bias, inputs: inner } = dx === 0 ? still : moving
      const packed = this.#workspace.packed(inner, size)
      this.#memory.kernels.packColumns(weight, 4 * size, inner, size, packed)
      pool.words.set([x, dx, packed, bias, to, inputs, size, h, activation], 8)
      pool.run('tangent', rows, chunkRows, 64 + 8 * blockRows * inputs, rows * inner * size * productNanoseconds)
      return
    }
    this.#plainProduct(shape, rows, x, dx, to)
    if (h !== 0) this.#memory.kernels.deriveAll(to, h, to, rows * size, activation)
  }

  /** x dW + dx W + db, on the calling thread or by a native library. */
  #plainProduct({ inputs, still, moving }: TangentShape, rows: number, x: number, dx: number, to: number): void {
    if (dx === 0) {
      denseForward(this.#memory, this.#workspace, still, rows, x, to)
      return
    }
    const bytes = 4 * inputs
    const both = this.#rows.at(2 * rows * bytes)
    this.#memory.kernels.copyRows(x, bytes, both, 2 * bytes, rows, bytes)
    this.#memory.kernels.copyRows(dx, bytes, both + bytes, 2 * bytes, rows, bytes)
    denseForward(this.#memory, this.#workspace, moving, rows, both, to)
  }

  /**
   * dx [rows, size], the tangent at the sums, becomes that of gain * x' + shift, x' = (x - mean x) scale:
   * gain * dx' + dgain * x' + dshift with dx' = scale (dx - mean dx - x' mean(x' dx)). A pass of few operations: in JavaScript.
   */
  normalise(layer: NormalisedLayer, rows: number, dx: number): void {
    const { size } = layer
    const [normals, scales] = [this.#memory.floats(layer.normal, rows * size), this.#memory.floats(layer.scale, rows)]
    const [gain, gainTangent, shiftTangent] = [layer.gain, layer.gainTangent, layer.shiftTangent].map(address =>
      this.#memory.floats(address, size),
    ) as [Float32Array, Float32Array, Float32Array]
    const values = this.#memory.floats(dx, rows * size)
    for (let row = 0, at = 0; row < rows; row++, at += size) {
      let mean = 0
      let slope = 0
      for (let j = 0; j < size; j++) {
        mean += values[at + j]! / size
        slope += (values[at + j]! * normals[at + j]!) / size
      }
      for (let j = 0; j < size; j++) {
        const normal = normals[at + j]!
        const moved = scales[row]! * (values[at + j]! - mean - normal * slope)
        values[at + j] = gain[j]! * moved + gainTangent[j]! * normal + shiftTangent[j]!
      }
    }
  }
}
