// Second moments over a batch, as K-FAC needs them: made on demand, in JavaScript's own memory.
import type { Matrix } from '../../types.ts'
import { type DenseShape, denseBackward, type Workspace } from './dense.ts'
import { activationCode } from './kernels.ts'
import { Area, type SimdMemory } from './memory.ts'

export class Moments {
  readonly #memory: SimdMemory
  readonly #area: Area

  readonly #workspace: Workspace

  constructor(memory: SimdMemory, workspace: Workspace) {
    this.#memory = memory
    this.#workspace = workspace
    this.#area = new Area(memory)
  }

  /** mean over rows of x^T x, [columns, columns], for x [rows, columns]. */
  plain(rows: number, x: number, columns: number): Matrix {
    return this.#gather(rows, x, columns, columns)
  }

  /** mean over rows of [x 1]^T [x 1], [columns + 1, columns + 1]. */
  withOne(rows: number, x: number, columns: number): Matrix {
    return this.#gather(rows, x, columns, columns + 1)
  }

  /** The sums are a weight's and a bias's gradient, with x for both the input and the gradient. */
  #gather(rows: number, x: number, columns: number, size: number): Matrix {
    const products = this.#area.at(4 * columns * (columns + 1))
    const sums = products + 4 * columns * columns
    const numbers = this.#memory.floats(products, columns * (columns + 1)).fill(0)
    const shape: DenseShape = {
      inputs: columns,
      size: columns,
      activation: activationCode.identity,
      weight: 0,
      bias: 0,
      weightGradient: products,
      biasGradient: sums,
    }
    denseBackward(this.#memory, this.#workspace, shape, rows, x, x)
    const data = new Float32Array(size * size)
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        // Row `columns` of the numbers holds the sums of x: the moments with the one.
        const [from, to] = [Math.min(i, j), Math.max(i, j)]
        const sum = to < columns ? numbers[from * columns + to]! : numbers[columns * columns + from]!
        data[i * size + j] = i === columns && j === columns ? 1 : sum / rows
      }
    }
    return { rows: size, columns: size, data }
  }
}
