// Where a network's batches stand in memory: made once per batch size, so that a call in the loop allocates nothing.
import type { Matrix } from '../../types.ts'
import { type LayerTable, planWords } from './layer-table.ts'
import { Area, type SimdMemory } from './memory.ts'

/** Where the numbers of one batch size stand. */
export interface Plan {
  readonly rows: number
  /** Where an input from outside is copied to. */
  readonly staged: Matrix
  /** Per layer, the address of its results. */
  readonly results: readonly number[]
  readonly output: Matrix
  /** Per layer eight words that the passes read (kernels/layers.ts); 0 where nothing is kept. */
  readonly table: number
  readonly words: Int32Array
}

/** The plans of a network by batch size. All share areas that grow with the largest batch. */
export class Plans {
  readonly #memory: SimdMemory
  readonly #inputs: number
  readonly #sizes: readonly number[]
  readonly #normalised: readonly boolean[]
  readonly #every: boolean
  readonly #input: Area
  readonly #areas: readonly Area[]
  readonly #normal: readonly Area[]
  readonly #scale: readonly Area[]
  readonly #plans = new Map<number, Plan>()
  #latest: Plan | undefined

  /** `every`: room for every layer's results, else for the last layer's only. */
  constructor(memory: SimdMemory, inputs: number, layers: LayerTable, every: boolean) {
    this.#memory = memory
    this.#inputs = inputs
    this.#every = every
    this.#sizes = every ? layers.sizes : layers.sizes.slice(-1)
    this.#normalised = layers.normalised
    this.#input = new Area(memory)
    this.#areas = this.#sizes.map(() => new Area(memory))
    this.#normal = this.#sizes.map(() => new Area(memory))
    this.#scale = this.#sizes.map(() => new Area(memory))
  }

  of(rows: number): Plan {
    if (this.#latest?.rows === rows) return this.#latest
    const plan = this.#plans.get(rows) ?? this.#create(rows)
    this.#latest = plan
    return plan
  }

  #create(rows: number): Plan {
    const matrix = (area: Area, columns: number) => {
      const pointer = area.at(4 * rows * columns)
      return { rows, columns, data: this.#memory.floats(pointer, rows * columns) }
    }
    const results = this.#sizes.map((size, l) => matrix(this.#areas[l]!, size))
    const addresses = results.map(result => result.data.byteOffset)
    const length = this.#every ? planWords * this.#sizes.length : 0
    const table = this.#every ? this.#memory.allocate(4 * length) : 0
    const words = this.#memory.integers(table, length)
    if (this.#every) {
      this.#sizes.forEach((size, l) => {
        words[planWords * l] = addresses[l]!
        if (!this.#normalised[l]) return
        words[planWords * l + 1] = this.#normal[l]!.at(4 * rows * size)
        words[planWords * l + 2] = this.#scale[l]!.at(4 * rows)
      })
    }
    const plan = {
      rows,
      staged: matrix(this.#input, this.#inputs),
      results: addresses,
      output: results[results.length - 1]!,
      table,
      words,
    }
    this.#plans.set(rows, plan)
    return plan
  }
}

/** Result matrices by shape, in one area that grows with the largest. */
export class Results {
  readonly #memory: SimdMemory
  readonly #area: Area
  #latest: Matrix | undefined

  constructor(memory: SimdMemory) {
    this.#memory = memory
    this.#area = new Area(memory)
  }

  of(rows: number, columns: number): Matrix {
    if (this.#latest?.rows === rows && this.#latest.columns === columns) return this.#latest
    const pointer = this.#area.at(4 * rows * columns)
    this.#latest = { rows, columns, data: this.#memory.floats(pointer, rows * columns) }
    return this.#latest
  }
}
