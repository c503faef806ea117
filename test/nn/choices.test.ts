// Choices over many rows: the kernels give the numbers of plain JavaScript to the bit, wherever matrices live and on any number of threads.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { choice } from '../../src/agents/distributions/choice.ts'
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
  rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(63, 64, 65, 1023)),
  size: fc.integer({ min: 1, max: 9 }),
  before: fc.nat({ max: 3 }),
  after: fc.nat({ max: 3 }),
  isMasked: fc.boolean(),
  hasEntropy: fc.boolean(),
  seed: fc.nat(),
  // Tiny differences, ordinary ones, and so large ones that most probabilities are 0.
  spread: fc.constantFrom(1e-9, 1, 20, 1e30),
})

type Shape = typeof shapes extends fc.Arbitrary<infer S> ? S : never

/** What a choice says and writes, as bits. */
function all(backend: Backend | null, place: (matrix: Matrix) => Matrix, shape: Shape): string[] {
  const { rows, size, before, after, isMasked, hasEntropy, seed, spread } = shape
  const random = createRandom(seed, 'choices')
  const columns = before + size + after
  const filled = (number: (column: number) => number) => {
    const data = Float32Array.from({ length: rows * columns }, (_, i) => number(i % columns))
    return { rows, columns, data }
  }
  const outputs = place(filled(() => spread * (random.uniform() - 0.5)))
  const mask = filled(() => random.integer(2))
  const actions = filled(() => 0)
  for (let row = 0; row < rows; row++) {
    const k = random.integer(size + 1)
    if (k === size) continue
    actions.data[row * columns + after + k] = 1
    mask.data[row * columns + after + k] = 1
  }
  const { evaluate } = choice(
    { output: before, action: after, size },
    backend?.choiceEvaluation?.({ output: before, action: after, size }),
  )
  const to = { logProbability: new Float32Array(rows).fill(0.3), entropy: new Float32Array(rows).fill(0.1) }
  const gradientOf = evaluate!(outputs, { actions: place(actions) }, to, isMasked ? place(mask) : undefined)
  const gradient = place(filled(() => random.uniform()))
  const scale = Float64Array.from({ length: rows }, () => random.uniform() - 0.5)
  gradientOf(scale, hasEntropy ? Float64Array.from(scale, x => x / 3) : null, gradient)
  return [to.logProbability, to.entropy, gradient.data].map(values => bitsOf(values))
}

/** -0 as 0: what is too small for float32 may have either sign. */
function bitsOf(values: Float32Array): string {
  return Buffer.from(Float32Array.from(values, x => x + 0).buffer).toString('hex')
}

describe.each(['in the memory of the kernels', 'elsewhere'])('choices over matrices %s', where => {
  it('are those of plain JavaScript', () => {
    fc.assert(
      fc.property(shapes, shape => {
        const plain = all(null, matrix => matrix, shape)
        for (const backend of backends) {
          const place = (matrix: Matrix): Matrix => {
            if (where === 'elsewhere') return matrix
            const placed = backend.matrix(matrix.rows, matrix.columns)
            placed.data.set(matrix.data)
            return placed
          }
          expect(all(backend, place, shape)).toEqual(plain)
        }
      }),
      { numRuns: 60 },
    )
  })
})

it('refuses what is no one-hot, naming the row', () => {
  const evaluate = backends[1]!.choiceEvaluation!({ output: 0, action: 0, size: 2 })
  const outputs = { rows: 3, columns: 2, data: new Float32Array(6) }
  const to = { logProbability: new Float32Array(3), entropy: new Float32Array(3) }
  const actions = { ...outputs, data: Float32Array.of(0, 1, 0, 0, 0, 0.5) }
  expect(() => evaluate(outputs, actions, to)).toThrow(
    new RangeError('choice: the action of row 2 must be one-hot, got (0, 0.5)'),
  )
})
