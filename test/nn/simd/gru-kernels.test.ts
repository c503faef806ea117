// The gates' kernels by themselves: nothing outside their outputs is written, nothing past an input matters, parts of the rows give
// the bits of the whole, and far from zero the gates saturate.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { instantiateKernels, type Kernels } from '../../../src/nn/simd/kernels.ts'
import { createRandom } from '../../../src/random.ts'
import { expectClose, expectSameBits, randomMatrix } from '../../support/matrices.ts'

let kernels: Kernels
let numbers: Float32Array
beforeAll(async () => {
  const memory = new WebAssembly.Memory({ initial: 512, maximum: 65536, shared: true })
  kernels = await instantiateKernels(memory)
  numbers = new Float32Array(memory.buffer)
})

const first = 1 << 18

/** Areas one after the other, NaN around each: columns per row, times rows. Gives the address of a row of each. */
function lay(rows: number, columns: readonly number[], fill: (area: number) => Float32Array) {
  const starts: number[] = []
  let at = first
  columns.forEach((width, area) => {
    numbers.fill(Number.NaN, at, at + 17)
    starts.push(at + 17)
    numbers.set(fill(area), at + 17)
    at += 17 + rows * width
  })
  numbers.fill(Number.NaN, at, at + 17)
  return {
    row: (area: number, row: number) => 4 * (starts[area]! + row * columns[area]!),
    read: (area: number) => numbers.slice(starts[area]!, starts[area]! + rows * columns[area]!),
    all: () => numbers.slice(first, at + 17),
    outside: (outputs: readonly number[]) => {
      const copy = numbers.slice(first, at + 17)
      for (const area of outputs) copy.fill(0, starts[area]! - first, starts[area]! - first + rows * columns[area]!)
      return copy
    },
  }
}

/** Each kernel: its areas' widths as multiples of the size, which it writes, and its call over some rows. */
const passes: readonly {
  name: string
  widths: readonly number[]
  writes: readonly number[]
  run: (at: (area: number) => number, rows: number, size: number) => void
}[] = [
  {
    name: 'gruForward',
    widths: [3, 3, 1, 1],
    writes: [0, 3],
    run: (at, rows, size) => kernels.gruForward(at(0), at(1), at(2), at(3), rows, size),
  },
  {
    name: 'gruBackward',
    widths: [3, 3, 1, 1, 1, 3, 3, 1],
    writes: [5, 6, 7],
    run: (at, rows, size) => kernels.gruBackward(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), rows, size),
  },
  {
    name: 'gruTangent',
    widths: [3, 3, 1, 3, 3, 1, 1],
    writes: [6],
    run: (at, rows, size) => kernels.gruTangent(at(0), at(1), at(2), at(3), at(4), at(5), at(6), rows, size),
  },
  {
    name: 'keepRows',
    widths: [1, 1, 1],
    writes: [2],
    run: (at, rows, size) => kernels.keepRows(at(0), 4 * size, at(1), 0, at(2), rows, size),
  },
]

describe('kernels of the gates', () => {
  it.each(passes)(
    '$name: parts give the bits of the whole, and nothing outside is written',
    ({ widths, writes, run }) => {
      const shape = fc.record({
        rows: fc.integer({ min: 1, max: 9 }),
        size: fc.integer({ min: 1, max: 21 }),
        seed: fc.nat(),
      })
      fc.assert(
        fc.property(shape, ({ rows, size, seed }) => {
          const columns = widths.map(width => width * size)
          const fill = (area: number) => randomMatrix(createRandom(seed, area), rows, columns[area]!, 3).data
          const cut = seed % rows
          const results = [
            [[0, rows]],
            [
              [0, cut],
              [cut, rows],
            ],
          ].map(parts => {
            const memory = lay(rows, columns, fill)
            const before = memory.outside(writes)
            for (const [from, to] of parts) run(area => memory.row(area, from!), to! - from!, size)
            expectSameBits(memory.outside(writes), before)
            for (const area of writes) expect(memory.read(area).every(Number.isFinite)).toBe(true)
            return memory.all()
          })
          expectSameBits(results[1]!, results[0]!)
        }),
        { numRuns: 40 },
      )
    },
  )

  it('gruForward saturates without overflow, and hands a NaN on', () => {
    const inputs = [-1e30, -200, -88, -20, -1e-6, 0, 1e-6, 20, 88, 200, 1e30, Number.NaN]
    const size = inputs.length
    const gates = Float32Array.from([...inputs, ...inputs, ...inputs])
    const memory = lay(1, [3 * size, 3 * size, size, size], area =>
      area === 0 ? gates : new Float32Array([3, 3, 1, 1][area]! * size),
    )
    kernels.gruForward(memory.row(0, 0), memory.row(1, 0), memory.row(2, 0), memory.row(3, 0), 1, size)
    const sigmoid = inputs.map(x => 1 / (1 + Math.exp(-x)))
    const expected = [...sigmoid, ...sigmoid, ...inputs.map(Math.tanh)]
    const result = memory.read(0)
    expected.forEach((value, i) => {
      if (Number.isNaN(value)) expect(result[i]).toBeNaN()
      else expectClose(result.subarray(i, i + 1), [value], 2e-7)
    })
    expect(memory.read(3)[size - 1]).toBeNaN()
    expect([...memory.read(3)].slice(0, size - 1).every(Number.isFinite)).toBe(true)
  })

  it('keepRows leaves zeros where a row is not kept, whatever stood there', () => {
    const memory = lay(3, [2, 2, 1, 2], area =>
      Float32Array.from(
        [
          [1, 2, Number.NaN, 4, 5, 6],
          [10, 20, 30, 40, 50, 60],
          [1, 0, 1],
          [7, 7, 7, 7, 7, 7],
        ][area]!,
      ),
    )
    kernels.keepRows(memory.row(0, 0), 8, memory.row(1, 0), memory.row(2, 0), memory.row(3, 0), 3, 2)
    expect([...memory.read(3)]).toEqual([11, 22, 0, 0, 55, 66])
    kernels.keepRows(memory.row(0, 0), 8, 0, 0, memory.row(3, 0), 1, 2)
    expect([...memory.read(3)]).toEqual([1, 2, 0, 0, 55, 66])
  })
})
