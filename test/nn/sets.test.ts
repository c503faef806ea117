// Networks that read sets, on every backend: against plain loops and finite differences, and what the order and absence of pieces change.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { withCurvature } from '../../src/nn/curvature.ts'
import { type Activation, mlp, type Network, type NetworkSpec, outputSize } from '../../src/nn/network.ts'
import { withSequence } from '../../src/nn/recurrence.ts'
import type { SetPlace } from '../../src/nn/sets.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { createRandom, type Random } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { backends } from '../support/backends.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'

/** Plain columns before every set and at the end, and the sets between them. */
interface Layout {
  readonly gaps: readonly number[]
  readonly sets: readonly { readonly count: number; readonly piece: number; readonly within: boolean }[]
}

const layout: fc.Arbitrary<Layout> = fc.record({
  gaps: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 4, maxLength: 4 }),
  sets: fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 6 }), piece: fc.integer({ min: 2, max: 9 }), within: fc.boolean() }),
    { minLength: 1, maxLength: 3 },
  ),
})
const reading = fc.record({
  units: fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 2 }),
  hidden: fc.array(fc.integer({ min: 1, max: 21 }), { maxLength: 2 }),
  activation: fc.constantFrom<Activation>('relu', 'leakyRelu', 'elu', 'tanh'),
  layerNorm: fc.constantFrom(undefined, undefined, 'after' as const, 'before' as const),
  inputNorm: fc.constantFrom(false, false, true),
})
const shape = fc.record({ layout, reading, rows: fc.integer({ min: 1, max: 21 }), seed: fc.nat() })

/** Where the sets stand, and the columns of it all. A piece of 4 numbers or more may hold a set of pieces of 2 numbers itself. */
function placesOf({ gaps, sets }: Layout): { places: SetPlace[]; inputs: number } {
  let inputs = 0
  const places = sets.map(({ count, piece, within }, s) => {
    const from = inputs + gaps[s]!
    inputs = from + count * piece
    const inner = within && piece >= 4 ? [{ from: piece % 2, count: Math.floor((piece - 2) / 2), piece: 2 }] : []
    return { from, count, piece, sets: inner }
  })
  return { places, inputs: inputs + gaps[3]! }
}

type Shape = Parameters<Parameters<typeof shape.map<unknown>>[0]>[0]

function specOf({ layout, reading: { hidden, units, activation, layerNorm, inputNorm } }: Shape): NetworkSpec {
  const { places, inputs } = placesOf(layout)
  return mlp(inputs, hidden, 3, activation, { sets: places, setUnits: units, layerNorm, inputNorm })
}

/** Random numbers; each piece is there with a chance of 3/4, else it is all zeros. */
function inputOf(random: Random, places: readonly SetPlace[], inputs: number, rows: number): Matrix {
  const input = randomMatrix(random, rows, inputs)
  for (let row = 0; row < rows; row++) mark(input.data.subarray(row * inputs, (row + 1) * inputs), places, random)
  return input
}

function mark(row: Float32Array, places: readonly SetPlace[], random: Random): void {
  for (const { from, count, piece, sets = [] } of places) {
    for (let p = 0; p < count; p++) {
      const numbers = row.subarray(from + p * piece, from + (p + 1) * piece)
      if (random.uniform() < 0.25) numbers.fill(0)
      else {
        numbers[0] = 1
        mark(numbers.subarray(1), sets, random)
      }
    }
  }
}

describe.each(backends)('networks of $name that read sets', ({ create, batchRounding }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  const networkOf = (spec: NetworkSpec, seed: number) =>
    moved(backend.network(spec, createRandom(seed, 'weights')), seed)

  it('go forward like plain loops, and infer the same bits', () => {
    fc.assert(
      fc.property(shape, drawn => {
        const { layout, reading, rows, seed } = drawn
        const spec = specOf(drawn)
        const { places, inputs } = placesOf(layout)
        const network = networkOf(spec, seed)
        const input = inputOf(createRandom(seed, 'input'), places, inputs, rows)
        const output = Float32Array.from(network.forward(input).data)
        const isNormalised = reading.inputNorm || reading.layerNorm !== undefined
        expectClose(output, plainForward(spec, network.parameters, input.data, rows), isNormalised ? 2e-3 : 2e-5)
        expectSameBits(network.infer(input).data, output)
        const last = network.infer({ rows: 1, columns: inputs, data: input.data.slice(-inputs) })
        const among = output.slice(-outputSize(spec))
        if (batchRounding === undefined) expectSameBits(last.data, among)
        else expectClose(last.data, among, batchRounding)
      }),
      { numRuns: 30 },
    )
  })

  it('do not depend on the order of pieces, but for rounding, nor on numbers of pieces that are not there, to the bit', () => {
    fc.assert(
      fc.property(shape, drawn => {
        const { layout, rows, seed } = drawn
        const { places, inputs } = placesOf(layout)
        const network = networkOf(specOf(drawn), seed)
        const random = createRandom(seed, 'input')
        const input = inputOf(random, places, inputs, rows)
        const output = Float32Array.from(network.infer(input).data)
        const turned = { ...input, data: input.data.slice() }
        const noisy = { ...input, data: input.data.slice() }
        for (let row = 0; row < rows; row++) {
          for (const { from, count, piece } of places) {
            const at = (p: number) => row * inputs + from + p * piece
            const shift = Math.floor(random.uniform() * count)
            for (let p = 0; p < count; p++) {
              turned.data.set(input.data.subarray(at(p), at(p) + piece), at((p + shift) % count))
              if (input.data[at(p)] === 0) noisy.data.fill(9, at(p) + 1, at(p) + piece)
            }
          }
        }
        expectSameBits(network.infer(noisy).data, output)
        expectClose(
          network.infer(turned).data,
          output,
          drawn.reading.layerNorm || drawn.reading.inputNorm ? 2e-3 : 1e-5,
        )
      }),
      { numRuns: 20 },
    )
  })

  it('have gradients that agree with finite differences, of all columns and of some', () => {
    fc.assert(
      fc.property(shape, fc.nat(), fc.nat(), (drawn, first, second) => {
        const { layout, seed } = drawn
        const rows = Math.min(3, drawn.rows)
        // Smooth: finite differences know no kinks. Where two pieces are about as large the largest has one: see below.
        const small = (sizes: readonly number[]) => sizes.map(size => 1 + (size % 4))
        const { units, hidden, inputNorm } = drawn.reading
        const reading = { units: small(units), hidden: small(hidden), activation: 'tanh', inputNorm } as const
        const spec = specOf({ ...drawn, reading: { ...reading, layerNorm: undefined } })
        const { places, inputs } = placesOf(layout)
        const random = createRandom(seed, 'input')
        const input = inputOf(random, places, inputs, rows)
        const network = networkOf(spec, seed)
        const output = network.forward(input)
        const weights = randomMatrix(random, output.rows, output.columns)
        const loss = (parameters: ArrayLike<number>, x: ArrayLike<number>) =>
          dot(plainForward(spec, parameters, x, rows), weights.data)
        network.gradients.fill(0)
        network.backward(weights)
        const tolerance = drawn.reading.inputNorm ? 2e-2 : 2e-3
        const ofParameters = centralDifferences(p => loss(p, input.data), network.parameters, 1e-6)
        expectClose(network.gradients, ofParameters, tolerance)
        const ofInput = centralDifferences(x => loss(network.parameters, x), input.data, 1e-6)
        // The number that says whether a piece is there is not differentiated; absent ones have no gradient either.
        const [from, to] = [first % inputs, second % inputs].sort((a, b) => a - b) as [number, number]
        expectClose(network.inputGradient(weights).data, ofInput, tolerance)
        const some = network.inputGradient(weights, { from, to: to + 1 })
        expectClose(
          some.data,
          ofInput.filter((_, i) => i % inputs >= from && i % inputs <= to),
          tolerance,
        )
      }),
      { numRuns: 4 },
    )
  })

  it('give zeros for a set of which no piece is there, and gradients of 0', () => {
    const spec = mlp(7, [], 2, 'tanh', { sets: [{ from: 1, count: 2, piece: 3 }], setUnits: [4] })
    const network = networkOf(spec, 3)
    const input = { rows: 1, columns: 7, data: Float32Array.of(0.5, 0, 0, 0, 0, 0, 0) }
    const { data } = network.forward(input)
    const last = network.parameters.slice(-20)
    expectClose(
      data,
      [0, 1].map(j => 0.5 * last[j]! + last[18 + j]!),
      1e-6,
    )
    network.gradients.fill(0)
    network.backward({ rows: 1, columns: 2, data: Float32Array.of(1, 1) })
    expect([...network.gradients.slice(0, 12)]).toEqual(new Array(12).fill(0))
    expect([...network.inputGradient({ rows: 1, columns: 2, data: Float32Array.of(1, 1) }).data.slice(1)]).toEqual(
      new Array(6).fill(0),
    )
  })

  it('have parameters that do not depend on the number of pieces: weights move to other numbers', () => {
    const of = (count: number) => mlp(2 + 3 * count, [5], 2, 'relu', { sets: [{ from: 2, count, piece: 3 }] })
    const [few, many] = [networkOf(of(2), 1), networkOf(of(5), 2)]
    expect(few.tensors).toEqual(many.tensors)
    many.parameters.set(few.parameters)
    const pieces = [1, 0.3, -0.2, 1, 0.1, 0.9]
    const data = Float32Array.of(0.4, 0.6, ...pieces)
    const wide = Float32Array.of(0.4, 0.6, 0, 0, 0, ...pieces.slice(0, 3), 0, 0, 0, ...pieces.slice(3), 0, 0, 0)
    const output = Float32Array.from(few.infer({ rows: 1, columns: 8, data }).data)
    expectSameBits(many.infer({ rows: 1, columns: 17, data: wide }).data, output)
  })

  it('refuse sets that make no sense, and say why', () => {
    const set = (from: number, count: number, piece: number) =>
      mlp(8, [4], 2, 'relu', { sets: [{ from, count, piece }], setUnits: [3] })
    const make = (spec: NetworkSpec) => () => backend.network(spec, createRandom(1))
    expect(make(set(0, 3, 3))).toThrow(
      /layer 0 has a set of 3 pieces of 3 numbers from column 0 on; expected .* within 8/,
    )
    expect(make(set(0, 3, 1))).toThrow(/pieces of at least 2 numbers/)
    const [sets, ...others] = set(0, 2, 3).layers
    expect(make({ inputs: 8, layers: [...others, sets!] })).toThrow(
      /layer 2 reads sets, which the first layer alone can/,
    )
    expect(make({ inputs: 8, layers: [{ ...sets!, size: 5 } as never, ...others] })).toThrow(/must have the size 8 of/)
  })
})

describe('sets on simd', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend({ threads: 2 })
  })
  afterAll(() => backend.dispose())

  it('give the gradients that tfjs gives, also where pieces are equal', async () => {
    const other = await createTfjsBackend({ carrier: 'cpu' })
    const single = await createSimdBackend()
    try {
      const spec = mlp(14, [9], 3, 'leakyRelu', { sets: [{ from: 1, count: 4, piece: 3 }], setUnits: [6, 5] })
      const input = inputOf(createRandom(4), [{ from: 1, count: 4, piece: 3 }], 14, 200)
      // In half of the rows two pieces are the same.
      for (let row = 0; row < 100; row++) input.data.copyWithin(row * 14 + 7, row * 14 + 4, row * 14 + 7)
      const g = randomMatrix(createRandom(5), 200, 3)
      const [a, b, c] = [backend, other, single].map(each => {
        const network = moved(each.network(spec, createRandom(6)), 6)
        network.forward(input)
        network.backward(g)
        return { parameters: network.gradients.slice(), input: network.inputGradient(g).data.slice() }
      }) as [Gradients, Gradients, Gradients]
      expectClose(a.parameters, b.parameters, 1e-4)
      expectClose(a.input, b.input, 1e-5)
      expectSameBits(a.parameters, c.parameters)
      expectSameBits(a.input, c.input)
    } finally {
      other.dispose()
      single.dispose()
    }
  })

  it('learn from three pieces what holds for two and for eight', () => {
    // What is wanted: how far the largest number is above the mean of all that are there.
    const specOf = (count: number) =>
      mlp(2 * count, [16], 1, 'tanh', { sets: [{ from: 0, count, piece: 2 }], setUnits: [16] })
    const random = createRandom(1)
    const drawn = (rows: number, count: number) => {
      const input = inputOf(random, [{ from: 0, count, piece: 2 }], 2 * count, rows)
      const wanted = Array.from({ length: rows }, (_, row) => {
        const pieces = input.data.subarray(row * 2 * count, (row + 1) * 2 * count)
        const there = [...pieces].filter((_, i) => i % 2 === 1 && pieces[i - 1] === 1)
        if (there.length === 0) return 0
        return Math.max(...there) - there.reduce((sum, x) => sum + x, 0) / there.length
      })
      return { input, wanted }
    }
    const network = backend.network(specOf(3), random)
    const optimizer = backend.optimizer(network, {
      ...{ learningRate: 0.01, clip: null, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    })
    for (let step = 0; step < 600; step++) {
      const { input, wanted } = drawn(64, 3)
      const { data } = network.forward(input)
      network.backward({ rows: 64, columns: 1, data: Float32Array.from(data, (y, i) => (2 * (y - wanted[i]!)) / 64) })
      optimizer.step(step < 400 ? 0.01 : 0.002)
    }
    for (const count of [2, 3, 8]) {
      const other = backend.network(specOf(count), random)
      other.parameters.set(network.parameters)
      const { input, wanted } = drawn(500, count)
      const { data } = other.infer(input)
      const variance = wanted.reduce((sum, y) => sum + (y - 0.5) ** 2, 0) / 500
      const error = wanted.reduce((sum, y, i) => sum + (y - data[i]!) ** 2, 0) / 500
      expect(error / variance).toBeLessThan(0.1)
    }
  })

  it('have tangents that agree with finite differences', () => {
    const places = [{ from: 2, count: 3, piece: 4, sets: [{ from: 1, count: 1, piece: 2 }] }]
    const spec = mlp(15, [5], 2, 'tanh', { sets: places, setUnits: [6] })
    const network = withCurvature(moved(backend.network(spec, createRandom(1)), 2))
    const random = createRandom(3)
    const input = inputOf(random, places, 15, 5)
    const direction = randomMatrix(random, 1, network.parameters.length).data
    const push = randomMatrix(random, 5, 15)
    network.forward(input)
    for (const u of [undefined, push]) {
      const at = (e: number) =>
        plainForward(
          spec,
          Array.from(network.parameters, (p, i) => p + e * direction[i]!),
          // What says whether a piece is there stays.
          Array.from(input.data, (x, i) => (u === undefined || isFlag(i % 15) ? x : x + e * u.data[i]!)),
          5,
        )
      const [above, below] = [at(1e-6), at(-1e-6)]
      expectClose(
        network.tangent(direction, u).data,
        above.map((value, i) => (value - below[i]!) / 2e-6),
        1e-4,
      )
    }
    const g = randomMatrix(random, 5, 2)
    const statistics = network.layerStatistics(g)
    const weights = network.tensors.filter(({ shape }) => shape.length === 2).map(({ name }) => name)
    expect(statistics.map(({ weight }) => weight.name)).toEqual(weights)
    // Three pieces in each of five rows.
    expect(statistics.map(({ rows }) => rows)).toEqual(weights.map(name => (name.includes('set0') ? 15 : 5)))
  })

  it('remember: sequences and single steps give the same bits', () => {
    const set = { from: 1, count: 3, piece: 3 }
    const plain = mlp(10, [6], 2, 'relu', { sets: [set] })
    const spec: NetworkSpec = {
      inputs: 10,
      layers: [...plain.layers.slice(0, -1), { kind: 'gru', size: 4 }, plain.layers.at(-1)!],
    }
    const network = withSequence(moved(backend.network(spec, createRandom(1)), 1))
    const input = inputOf(createRandom(2), [set], 10, 6)
    const state = { rows: 2, columns: 4, data: new Float32Array(8) }
    const whole = Float32Array.from(network.sequence(input, { state }).data)
    const next = { rows: 2, columns: 4, data: new Float32Array(8) }
    for (let step = 0; step < 3; step++) {
      const data = input.data.slice(step * 20, (step + 1) * 20)
      const output = network.infer({ rows: 2, columns: 10, data }, { state: next, next })
      expectSameBits(output.data, whole.slice(step * 4, (step + 1) * 4))
    }
  })
})

interface Gradients {
  readonly parameters: Float32Array
  readonly input: Float32Array
}

/** A first number of a piece, or of a piece within a piece, of the network with tangents. */
function isFlag(column: number): boolean {
  const within = (column - 2) % 4
  return column >= 2 && column < 14 && (within === 0 || within === 2)
}

/** Biases and gains that are neither 0 nor 1, so that they are seen. */
function moved<N extends Network>(network: N, seed: number): N {
  const random = createRandom(seed, 'moved')
  for (let i = 0; i < network.parameters.length; i++) network.parameters[i]! += random.between(-0.3, 0.3)
  return network
}
