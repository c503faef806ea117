// Passes over rows of atoms: the kernels give the numbers of plain JavaScript to the bit, wherever matrices live and on any number of threads.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AtomPasses, heapAtoms } from '../../src/nn/atoms.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'

const backends: Backend[] = []
beforeAll(async () => {
  for (const threads of [1, 2, 3]) backends.push(await createSimdBackend({ threads }))
})
afterAll(() => {
  for (const backend of backends) backend.dispose()
})

const shapes = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(31, 32, 33, 1023)),
  atoms: fc.oneof(fc.constant(51), fc.integer({ min: 2, max: 60 })),
  seed: fc.nat(),
  // Tiny differences, ordinary ones, and so large ones that probabilities underflow.
  spread: fc.constantFrom(1e-9, 1e-3, 1, 20, 700, 1e30),
})

describe.each(['in the memory of the kernels', 'elsewhere'])('passes over matrices %s', where => {
  /** Everything that the passes give and write, as whole numbers. */
  const all = (passes: AtomPasses, place: (matrix: Matrix) => Matrix, { rows, atoms, seed, spread }: Shape) => {
    const random = createRandom(seed, 'atoms')
    const drawn = (size: number): Matrix => ({
      rows,
      columns: atoms,
      data: Float32Array.from({ length: rows * atoms }, () => size * (random.uniform() - 0.5)),
    })
    const logits = place(drawn(spread))
    const aimed = place(drawn(1))
    const gradient = place(drawn(1))
    const rewards = Array.from({ length: rows }, () => 12 * (random.uniform() - 0.5))
    const discounts = Float64Array.from({ length: rows }, () => random.uniform())
    const scales = Float64Array.from({ length: rows }, () => random.uniform() - 0.5)
    const support = { atoms, low: -2.3, high: 3.1 }
    const bits: string[] = []
    const add = (...arrays: (Float32Array | Float64Array)[]) => {
      for (const { buffer, byteOffset, byteLength } of arrays)
        bits.push(Buffer.from(buffer, byteOffset, byteLength).toString('hex'))
    }
    add(passes.project(logits, { rewards, discounts }, support, aimed), aimed.data)
    add(passes.crossEntropy(logits, aimed, scales, gradient), gradient.data)
    add(passes.expectation(logits, support, scales, gradient), gradient.data)
    return bits
  }

  it('are those of plain JavaScript', () => {
    fc.assert(
      fc.property(shapes, shape => {
        const plain = all(heapAtoms(), matrix => matrix, shape)
        for (const backend of backends) {
          const place = (matrix: Matrix): Matrix => {
            if (where === 'elsewhere') return matrix
            const placed = backend.matrix(matrix.rows, matrix.columns)
            placed.data.set(matrix.data)
            return placed
          }
          expect(all(backend.atoms, place, shape)).toEqual(plain)
        }
      }),
      { numRuns: 40 },
    )
  })
})

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never

it('a logit that is no number makes what comes of its row none', () => {
  const [backend] = backends as [Backend]
  const logits = backend.matrix(2, 3)
  logits.data.set([0, Number.NaN, 1, 0, 1, 2])
  const aimed = backend.matrix(2, 3)
  aimed.data.fill(1 / 3)
  const divergences = backend.atoms.crossEntropy(logits, aimed, Float64Array.of(1, 1), backend.matrix(2, 3))
  expect([...divergences].map(Number.isFinite)).toEqual([false, true])
})

it('refuses matrices of other shapes', () => {
  const [backend] = backends as [Backend]
  const scales = new Float64Array(2)
  const [three, four] = [backend.matrix(2, 3), backend.matrix(2, 4)]
  expect(() => backend.atoms.crossEntropy(three, four, scales, three)).toThrow('crossEntropy: aimed must be [2, 3]')
  expect(() => backend.atoms.expectation(three, { atoms: 4, low: 0, high: 1 }, scales, three)).toThrow('logits must be')
})
