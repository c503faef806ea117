// The Gumbel-softmax of every backend: the published noise bit for bit, the sample, its gradient.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { backends } from '../support/backends.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { plainGumbelSoftmax } from '../support/plain-noise.ts'

const shape = fc
  .record({
    rows: fc.integer({ min: 1, max: 21 }),
    size: fc.integer({ min: 1, max: 12 }),
    before: fc.nat({ max: 4 }),
    after: fc.nat({ max: 4 }),
    temperature: fc.double({ min: 0.3, max: 3, noNaN: true }),
    seed: fc.nat(),
    inside: fc.boolean(),
  })
  .map(({ size, before, after, ...rest }) => ({
    ...rest,
    columns: before + size + after,
    part: { from: before, to: before + size },
  }))

describe.each(backends)('the Gumbel-softmax of $name', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  it('is softmax((logits + g) / temperature) over the columns, and leaves the others alone', () => {
    fc.assert(
      fc.property(shape, ({ rows, columns, part, temperature, seed, inside }) => {
        const random = createRandom(seed)
        const key = createNoise(seed).next()
        const plain = randomMatrix(random, rows, columns, 4)
        const sentinel = randomMatrix(random, rows, columns)
        const logits = inside ? placed(backend, plain) : plain
        const to = inside ? placed(backend, sentinel) : { ...sentinel, data: Float32Array.from(sentinel.data) }
        backend.gumbelSoftmax(logits, part, temperature, key, to)
        const expected = plainGumbelSoftmax(plain, part, temperature, key)
        for (let r = 0; r < rows; r++) {
          let sum = 0
          for (let c = 0; c < columns; c++) {
            const at = r * columns + c
            if (c < part.from || c >= part.to) {
              expect(to.data[at]).toBe(sentinel.data[at])
              continue
            }
            expect(Math.abs(to.data[at]! - expected[at]!)).toBeLessThan(3e-6)
            sum += to.data[at]!
          }
          expect(Math.abs(sum - 1)).toBeLessThan(2e-6)
        }
        expectSameBits(logits.data, plain.data)
      }),
      { numRuns: 200 },
    )
  })

  it('gives a row the same bits whatever the batch, and works in place', () => {
    const key = createNoise(1, 'key').next()
    const logits = randomMatrix(createRandom(2), 9, 5, 2)
    const part = { from: 0, to: 5 }
    const all = backend.matrix(9, 5)
    backend.gumbelSoftmax(logits, part, 1, key, all)
    for (const rows of [1, 2, 3, 6]) {
      const some = { rows, columns: 5, data: logits.data.slice(0, rows * 5) }
      backend.gumbelSoftmax(some, part, 1, key, some)
      expectSameBits(some.data, all.data.slice(0, rows * 5))
    }
  })

  it('stays finite, and sums to one, for logits of +-10,000', () => {
    const random = createRandom(3)
    const logits = randomMatrix(random, 64, 5)
    logits.data.forEach((x, i) => {
      logits.data[i] = x > 0 ? 1e4 : -1e4
    })
    const to = backend.matrix(64, 5)
    backend.gumbelSoftmax(logits, { from: 0, to: 5 }, 1, createNoise(4).next(), to)
    for (let r = 0; r < 64; r++) {
      const row = to.data.slice(r * 5, r * 5 + 5)
      expect(row.every(x => x >= 0 && x <= 1)).toBe(true)
      expect(Math.abs(row.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-6)
    }
  })

  it('chooses by the softmax of the logits (the Gumbel-max rule)', () => {
    const logits = { rows: 20_000, columns: 3, data: new Float32Array(60_000) }
    for (let r = 0; r < logits.rows; r++) logits.data.set([1, 0, -1], 3 * r)
    const to = backend.matrix(logits.rows, 3)
    backend.gumbelSoftmax(logits, { from: 0, to: 3 }, 1, createNoise(5).next(), to)
    const counts = [0, 0, 0]
    for (let r = 0; r < logits.rows; r++) {
      const row = [...to.data.subarray(3 * r, 3 * r + 3)]
      counts[row.indexOf(Math.max(...row))]!++
    }
    const total = Math.E + 1 + 1 / Math.E
    // Four standard deviations.
    for (const [c, p] of [Math.E / total, 1 / total, 1 / Math.E / total].entries()) {
      expect(Math.abs(counts[c]! / logits.rows - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / logits.rows))
    }
  })

  it('has the gradient that finite differences find', () => {
    fc.assert(
      fc.property(shape, ({ rows, columns, part, temperature, seed, inside }) => {
        const random = createRandom(seed)
        const key = createNoise(seed).next()
        const logits = randomMatrix(random, rows, columns, 2)
        const gradient = randomMatrix(random, rows, columns)
        const sample = backend.matrix(rows, columns)
        backend.gumbelSoftmax(logits, part, temperature, key, sample)
        const to = inside ? backend.matrix(rows, columns) : { rows, columns, data: new Float32Array(rows * columns) }
        backend.gumbelSoftmaxGradient(sample, part, temperature, inside ? placed(backend, gradient) : gradient, to)
        const expected = centralDifferences(
          data => dot(plainGumbelSoftmax({ rows, columns, data }, part, temperature, key), gradient.data),
          logits.data,
        )
        expectClose(to.data, expected, 1e-5)
      }),
      { numRuns: 60 },
    )
  })

  it('refuses wrong columns, shapes and temperatures', () => {
    const matrix = backend.matrix(2, 5)
    const key = createNoise(6).next()
    const part = { from: 0, to: 5 }
    expect(() => backend.gumbelSoftmax(matrix, { from: 0, to: 6 }, 1, key, matrix)).toThrow(RangeError)
    expect(() => backend.gumbelSoftmax(matrix, part, 0, key, matrix)).toThrow(RangeError)
    expect(() => backend.gumbelSoftmax(matrix, part, 1, key, backend.matrix(3, 5))).toThrow(TypeError)
    expect(() => backend.gumbelSoftmaxGradient(matrix, part, 1, backend.matrix(2, 4), matrix)).toThrow(TypeError)
  })
})
