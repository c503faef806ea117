// The kernels by themselves: nothing is written past an output, nothing past an input matters, and parts of the work give
// the bits of the whole (so that threads may share it).
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { activationCode, instantiateKernels, type Kernels } from '../../../src/nn/simd/kernels.ts'
import { createRandom } from '../../../src/random.ts'
import { expectClose, expectSameBits, randomMatrix } from '../../support/matrices.ts'

let kernels: Kernels
let numbers: Float32Array
beforeAll(async () => {
  const memory = new WebAssembly.Memory({ initial: 512, maximum: 65536, shared: true })
  kernels = await instantiateKernels(memory)
  numbers = new Float32Array(memory.buffer)
})

const sentinel = Math.fround(12345.678)
/** Numbers between two areas: more than a kernel may read past an end. */
const gap = 16

/**
 * Puts arrays into memory one after the other, at addresses that only float32 alignment is promised for, with `around`
 * between them. Gives their addresses, a reader, and a check that everything around them is as it was.
 */
function lay(arrays: readonly Float32Array[], around: number) {
  const places: number[] = []
  let at = 1 << 18
  for (const array of arrays) {
    numbers.fill(around, at, at + gap + 1)
    at += gap + 1
    numbers.set(array, at)
    places.push(at)
    at += array.length
  }
  numbers.fill(around, at, at + gap)
  const read = (i: number) => numbers.slice(places[i]!, places[i]! + arrays[i]!.length)
  const expectUntouchedAround = () => {
    places.forEach((place, i) => {
      const end = place + arrays[i]!.length
      for (const range of [numbers.subarray(place - gap, place), numbers.subarray(end, end + gap)]) {
        expect(range.every(x => Object.is(x, around))).toBe(true)
      }
    })
  }
  return { at: places.map(place => 4 * place), read, expectUntouchedAround }
}

const panels = (inner: number, columns: number) => new Float32Array(8 * inner * Math.ceil(columns / 8))
const shape = fc.record({
  rows: fc.integer({ min: 1, max: 70 }),
  inner: fc.integer({ min: 1, max: 70 }),
  columns: fc.integer({ min: 1, max: 70 }),
  activation: fc.constantFrom(activationCode.identity, activationCode.relu),
  // NaN around every area: whatever is read past an end must not reach a result.
  around: fc.constantFrom(sentinel, Number.NaN),
  seed: fc.nat(),
})

describe('products', () => {
  it('are the same bits packed, direct and in parts, and stay inside their output', () => {
    fc.assert(
      fc.property(shape, ({ rows, inner, columns, activation, around, seed }) => {
        const random = createRandom(seed)
        const x = randomMatrix(random, rows, inner).data
        const w = randomMatrix(random, inner, columns).data
        const bias = randomMatrix(random, 1, columns).data
        const y = new Float32Array(rows * columns)
        const memory = lay([x, w, bias, panels(inner, columns), y, y, y], around)
        const [xAt, wAt, biasAt, packedAt, y0, y1, y2] = memory.at as [
          number,
          number,
          number,
          number,
          number,
          number,
          number,
        ]
        const [xs, ws] = [4 * inner, 4 * columns]
        kernels.packColumns(wAt, ws, inner, columns, packedAt)
        kernels.productForward(xAt, xs, packedAt, biasAt, y0, ws, rows, inner, columns, activation)
        kernels.productDirect(xAt, xs, wAt, ws, biasAt, y1, ws, rows, inner, columns, activation)
        const cut = random.integer(rows + 1)
        for (const [from, count] of [
          [0, cut],
          [cut, rows - cut],
        ] as const) {
          const [xp, yp] = [xAt + from * xs, y2 + from * ws]
          kernels.productForward(xp, xs, packedAt, biasAt, yp, ws, count, inner, columns, activation)
        }
        memory.expectUntouchedAround()
        const expected = memory.read(4)
        expectSameBits(memory.read(5), expected)
        expectSameBits(memory.read(6), expected)
        const plain = new Float64Array(rows * columns)
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < columns; c++) {
            let sum = bias[c]!
            for (let k = 0; k < inner; k++) sum += x[r * inner + k]! * w[k * columns + c]!
            plain[r * columns + c] = activation === activationCode.relu ? Math.max(0, sum) : sum
          }
        }
        expectClose(expected, plain, 2e-6 * Math.sqrt(inner))
      }),
      { numRuns: 150 },
    )
  })

  it('of one column are the same bits in parts, and stay inside their output', () => {
    fc.assert(
      fc.property(shape, ({ rows, inner, activation, around, seed }) => {
        const random = createRandom(seed)
        const x = randomMatrix(random, rows, inner).data
        const w = randomMatrix(random, inner, 1).data
        const y = new Float32Array(rows)
        const memory = lay([x, w, Float32Array.of(0.25), y, y], around)
        const [xAt, wAt, biasAt, y0, y1] = memory.at as [number, number, number, number, number]
        kernels.productColumn(xAt, 4 * inner, wAt, biasAt, y0, 4, rows, inner, activation)
        for (let r = 0; r < rows; r++) {
          kernels.productColumn(xAt + 4 * r * inner, 4 * inner, wAt, biasAt, y1 + 4 * r, 4, 1, inner, activation)
        }
        memory.expectUntouchedAround()
        expectSameBits(memory.read(4), memory.read(3))
        const plain = Float64Array.from(y, (_, r) => {
          let sum = 0.25
          for (let k = 0; k < inner; k++) sum += x[r * inner + k]! * w[k]!
          return activation === activationCode.relu ? Math.max(0, sum) : sum
        })
        expectClose(memory.read(3), plain, 2e-6 * Math.sqrt(inner))
      }),
      { numRuns: 100 },
    )
  })

  it('with the transpose and a derivative stay inside their output', () => {
    fc.assert(
      fc.property(shape, ({ rows, inner, columns, activation, around, seed }) => {
        const random = createRandom(seed)
        const g = randomMatrix(random, rows, inner).data
        const w = randomMatrix(random, columns, inner).data
        const h = randomMatrix(random, rows, columns).data
        const y = new Float32Array(rows * columns)
        const memory = lay([g, w, h, panels(inner, columns), y], around)
        const [gAt, wAt, hAt, packedAt, yAt] = memory.at as [number, number, number, number, number]
        const stride = 4 * columns
        kernels.packRows(wAt, 4 * inner, inner, columns, packedAt)
        kernels.productDerive(gAt, 4 * inner, packedAt, hAt, stride, yAt, stride, rows, inner, columns, activation)
        memory.expectUntouchedAround()
        const plain = Float64Array.from(y, (_, i) => {
          if (activation === activationCode.relu && h[i]! <= 0) return 0
          const [r, c] = [Math.floor(i / columns), i % columns]
          let sum = 0
          for (let k = 0; k < inner; k++) sum += g[r * inner + k]! * w[c * inner + k]!
          return sum
        })
        expectClose(memory.read(4), plain, 2e-6 * Math.sqrt(inner))
      }),
      { numRuns: 100 },
    )
  })
})

describe('weight and bias gradients', () => {
  it('add to what stands there, in parts as in one, and stay inside', () => {
    fc.assert(
      fc.property(shape, ({ rows, inner: inputs, columns, around, seed }) => {
        const random = createRandom(seed)
        const x = randomMatrix(random, rows, inputs).data
        const g = randomMatrix(random, rows, columns).data
        const dw = randomMatrix(random, inputs, columns).data
        const db = randomMatrix(random, 1, columns).data
        const memory = lay([x, g, dw, dw, db], around)
        const [xAt, gAt, whole, parts, dbAt] = memory.at as [number, number, number, number, number]
        const [xs, gs] = [4 * inputs, 4 * columns]
        kernels.weightGradient(xAt, xs, gAt, gs, whole, gs, rows, inputs, columns)
        kernels.biasGradient(gAt, gs, dbAt, rows, columns)
        // By inputs, as threads would share it.
        const cut = random.integer(inputs + 1)
        kernels.weightGradient(xAt, xs, gAt, gs, parts, gs, rows, cut, columns)
        kernels.weightGradient(xAt + 4 * cut, xs, gAt, gs, parts + cut * gs, gs, rows, inputs - cut, columns)
        memory.expectUntouchedAround()
        expectSameBits(memory.read(3), memory.read(2))
        const plain = Float64Array.from(dw, (start, i) => {
          const [k, c] = [Math.floor(i / columns), i % columns]
          let sum = start
          for (let r = 0; r < rows; r++) sum += x[r * inputs + k]! * g[r * columns + c]!
          return sum
        })
        expectClose(memory.read(2), plain, 2e-6 * Math.sqrt(rows))
        const sums = Float64Array.from(db, (start, c) => {
          let sum = start
          for (let r = 0; r < rows; r++) sum += g[r * columns + c]!
          return sum
        })
        expectClose(memory.read(4), sums, 2e-6 * Math.sqrt(rows))
      }),
      { numRuns: 150 },
    )
  })

  it('of one column agree with those of many', () => {
    fc.assert(
      fc.property(shape, ({ rows, inner: inputs, around, seed }) => {
        const random = createRandom(seed)
        const x = randomMatrix(random, rows, inputs).data
        const g = randomMatrix(random, rows, 1).data
        const dw = randomMatrix(random, inputs, 1).data
        const memory = lay([x, g, dw, dw], around)
        const [xAt, gAt, one, many] = memory.at as [number, number, number, number]
        kernels.weightGradientColumn(xAt, 4 * inputs, gAt, 4, one, rows, inputs)
        kernels.weightGradient(xAt, 4 * inputs, gAt, 4, many, 4, rows, inputs, 1)
        memory.expectUntouchedAround()
        expectSameBits(memory.read(2), memory.read(3))
      }),
      { numRuns: 60 },
    )
  })
})

describe('kernels over whole blocks', () => {
  it.each([1, 2, 3, 4, 5, 31, 64, 1001])('stay inside %s numbers', count => {
    const random = createRandom(count)
    const [p, g, m, online] = [1, 2, 3, 4].map(() => randomMatrix(random, 1, count).data)
    const v = p!.map(Math.abs)
    const memory = lay([p!, g!, m!, v, online!, p!], sentinel)
    const [pAt, gAt, mAt, vAt, onlineAt, targetAt] = memory.at as [number, number, number, number, number, number]
    expectClose([kernels.sumOfSquares(gAt, count)], [g!.reduce((sum, x) => sum + x * x, 0)], 1e-12 + 1e-6)
    kernels.tanhAll(onlineAt, count)
    expectClose(memory.read(4), online!.map(Math.tanh), 1.5e-7)
    kernels.deriveAll(gAt, onlineAt, gAt, count, activationCode.tanh)
    expectClose(
      memory.read(1),
      g!.map((x, i) => x * (1 - Math.tanh(online![i]!) ** 2)),
      3e-7,
    )
    kernels.softUpdate(targetAt, onlineAt, count, 0.25, 0.75)
    expectClose(
      memory.read(5),
      p!.map((x, i) => 0.25 * Math.tanh(online![i]!) + 0.75 * x),
      3e-7,
    )
    kernels.adam(pAt, gAt, mAt, vAt, count, 0.5, 0.9, 0.999, 1e-8, 0.01)
    expect(memory.read(1).every(x => x === 0)).toBe(true)
    memory.expectUntouchedAround()
  })

  it('give tanh to two units in the last place, over its whole range', () => {
    const x = Float32Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 2_000)
    const edge = Float32Array.of(0, 1e-30, -1e-30, 0.6, 0.59999996, 100, -100, 3e38, Infinity, -Infinity, 88, 89)
    for (const values of [x, x.map(v => v / 1000), edge]) {
      const memory = lay([values], sentinel)
      kernels.tanhAll(memory.at[0]!, values.length)
      memory.read(0).forEach((actual, i) => {
        const expected = Math.tanh(values[i]!)
        expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2 * 2 ** -23 * Math.abs(expected))
      })
    }
    for (const count of [1, 8]) {
      const memory = lay([new Float32Array(count).fill(Number.NaN)], sentinel)
      kernels.tanhAll(memory.at[0]!, count)
      expect(memory.read(0).every(Number.isNaN)).toBe(true)
    }
  })

  it('give the same tanh whether numbers come alone, in fours or in eights', () => {
    const far = Float32Array.of(0, -0, 0.6, -0.6, 0.59999996, 3e38, Infinity, -Infinity)
    const values = Float32Array.from({ length: 800 }, (_, i) => (i < far.length ? far[i]! : (i - 400) / 70))
    const inParts = (of: number) => {
      const memory = lay([values], sentinel)
      for (let i = 0; i < values.length; i += of) kernels.tanhAll(memory.at[0]! + 4 * i, of)
      return memory.read(0)
    }
    const whole = inParts(values.length)
    for (const of of [1, 4, 8]) expectSameBits(inParts(of), whole)
  })
})
