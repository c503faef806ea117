// Heads under action masks: nothing that is forbidden is ever done, its gradient is 0, and all else is as if it were not there.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EstimatorKind } from '../../src/agents/estimators.ts'
import { createHead, type Head } from '../../src/agents/head.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { actionSize } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { backends } from '../support/backends.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { allowedChoices, maskedStandIn, randomMask } from '../support/plain-masks.ts'

const kinds: readonly EstimatorKind[] = ['soft', 'straightThrough', 'gumbelRao', 'gapped']
const samples = 3
const choice = (size: number, soft: boolean, i: number) => ({ name: `part${i}`, kind: 'choice', size, soft }) as const
const spaces = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.boolean()), { minLength: 1, maxLength: 3 })
  .map(parts => parts.map(([size, soft], i) => choice(size, soft, i)))

describe.each(backends.filter(({ name }) => ['simd', 'tfjs on cpu'].includes(name)))(
  'masked heads on $name',
  ({ create }) => {
    let backend: Backend
    beforeAll(async () => {
      backend = await create()
    })
    afterAll(() => backend.dispose())
    const headOf = (space: ActionSpace, estimator: EstimatorKind, temperature: number): Head =>
      createHead(backend, space, { temperature, estimator, estimatorSamples: samples })

    describe.each(kinds)('with estimator %s', estimator => {
      it('never do what is forbidden, and give its logit gradient 0, for any logits', () => {
        fc.assert(
          fc.property(
            spaces,
            fc.nat(),
            fc.integer({ min: 1, max: 9 }),
            fc.double({ min: 0, max: 200, noNaN: true }),
            fc.double({ min: 0.01, max: 3, noNaN: true }),
            (space, seed, rows, scale, temperature) => {
              const random = createRandom(seed)
              const outputs = placed(backend, randomMatrix(random, rows, actionSize(space), scale))
              const mask = randomMask(random, rows, space)
              const head = headOf(space, estimator, temperature)
              const before = Float32Array.from(outputs.data)
              const actions = head.sample(outputs, createNoise(seed).next(), mask)
              expectObeyed(space, mask, actions)
              const { data } = head.gradient(placed(backend, randomMatrix(random, rows, actionSize(space))))
              mask.data.forEach((allowed, i) => void expect(allowed === 0 ? data[i]! : 0).toBe(0))
              expect(data.every(Number.isFinite)).toBe(true)
              expectObeyed(space, mask, head.greedy(outputs, mask))
              expectObeyed(
                space.map(part => ({ ...part, soft: true })),
                mask,
                head.probabilities(outputs, mask),
              )
              expectSameBits(outputs.data, before)
            },
          ),
          { numRuns: 60 },
        )
      })

      it('have the gradient that finite differences find over the allowed alternatives alone', () => {
        fc.assert(
          fc.property(spaces, fc.nat(), fc.double({ min: 0.4, max: 2, noNaN: true }), (space, seed, temperature) => {
            const random = createRandom(seed)
            const rows = 3
            const outputs = placed(backend, randomMatrix(random, rows, actionSize(space), 2))
            const gradient = placed(backend, randomMatrix(random, rows, actionSize(space)))
            const mask = randomMask(random, rows, space)
            const key = createNoise(seed).next()
            const head = headOf(space, estimator, temperature)
            const actions = Float32Array.from(head.sample(outputs, key, mask).data)
            const x0 = Float64Array.from(outputs.data)
            const plain = maskedStandIn(estimator, space, mask, x0, actions, key, temperature, samples)
            const expected = centralDifferences(x => dot(plain(x), gradient.data), x0)
            expectClose(head.gradient(gradient).data, expected, 2e-5)
          }),
          { numRuns: 40 },
        )
      })

      it('give the same bits with a mask that allows everything as with none', () => {
        fc.assert(
          fc.property(spaces, fc.nat(), (space, seed) => {
            const outputs = placed(backend, randomMatrix(createRandom(seed), 5, actionSize(space), 3))
            const gradient = placed(backend, randomMatrix(createRandom(seed, 'gradient'), 5, actionSize(space)))
            const key = createNoise(seed).next()
            const head = headOf(space, estimator, 0.7)
            // Copies are taken one after the other: the head overwrites its matrices.
            const take = (mask?: Matrix) => [
              Float32Array.from(head.sample(outputs, key, mask).data),
              Float32Array.from(head.gradient(gradient).data),
              Float32Array.from(head.greedy(outputs, mask).data),
              Float32Array.from(head.probabilities(outputs, mask).data),
            ]
            const without = take()
            take(randomMask(createRandom(seed), 5, space))
            take(randomMask(createRandom(seed), 5, space, 0)).forEach(
              (data, i) => void expectSameBits(data, without[i]!),
            )
            expectSameBits(take()[1]!, without[1]!)
          }),
          { numRuns: 30 },
        )
      })
    })

    it('leave boxes alone, whatever stands in their columns', () => {
      const box = { name: 'force', kind: 'box', size: 2, low: -1, high: 3 } as const
      const space: ActionSpace = [box, choice(4, false, 1), { ...box, name: 'turn' }]
      const outputs = placed(backend, randomMatrix(createRandom(1), 7, 12))
      const gradient = placed(backend, randomMatrix(createRandom(2), 7, 8))
      const key = createNoise(3).next()
      const head = createHead(backend, space, { temperature: 1 })
      const boxes = (data: Float32Array, columns: readonly number[], of: number) =>
        Float32Array.from(
          { length: 7 * columns.length },
          (_, i) => data[Math.floor(i / columns.length) * of + columns[i % columns.length]!]!,
        )
      const [actionColumns, outputColumns] = [
        [0, 1, 6, 7],
        [0, 1, 2, 3, 8, 9, 10, 11],
      ]
      const actions = boxes(head.sample(outputs, key).data, actionColumns, 8)
      const gradients = boxes(head.gradient(gradient).data, outputColumns, 12)
      const mask = randomMask(createRandom(4), 7, space)
      mask.data.forEach((_, i) => {
        if (i % 8 < 2 || i % 8 > 5) mask.data[i] = 0
      })
      expectSameBits(boxes(head.sample(outputs, key, mask).data, actionColumns, 8), actions)
      const masked = head.gradient(gradient).data
      expectSameBits(boxes(masked, outputColumns, 12), gradients)
      for (let row = 0; row < 7; row++) {
        for (let c = 0; c < 4; c++) if (mask.data[row * 8 + 2 + c] === 0) expect(masked[row * 12 + 4 + c]).toBe(0)
      }
    })

    it('play something allowed where logits are no numbers, until the update that comes says so', () => {
      const nothing: Matrix = { rows: 1, columns: 4, data: new Float32Array(4).fill(Number.NaN) }
      const mask: Matrix = { rows: 1, columns: 4, data: Float32Array.of(0, 0, 1, 1) }
      for (const estimator of kinds) {
        const head = headOf([choice(4, false, 0)], estimator, 1)
        expect([...head.sample(nothing, createNoise(1).next(), mask).data]).toEqual([0, 0, 1, 0])
        expect([...head.greedy(nothing, mask).data]).toEqual([0, 0, 1, 0])
      }
    })

    it('refuse a row in which nothing is allowed', () => {
      const space = [choice(2, true, 0), choice(3, true, 1)]
      const mask: Matrix = { rows: 2, columns: 5, data: Float32Array.of(1, 1, 0, 1, 0, 0, 1, 0, 0, 0) }
      const message = 'action mask: expected an alternative that is allowed in row 1, columns 2 ... 4; got none'
      expect(() => headOf(space, 'soft', 1).sample(backend.matrix(2, 5), createNoise(1).next(), mask)).toThrow(message)
    })
  },
)

/** Legal rows whose forbidden numbers are exactly 0. */
function expectObeyed(space: ActionSpace, mask: Matrix, { data }: Matrix): void {
  data.forEach((value, i) => {
    if (mask.data[i] === 0) expect(value).toBe(0)
  })
  const soft = space.flatMap(part => (part.kind === 'choice' && part.soft ? [true] : [false]))
  allowedChoices(space, mask).forEach(({ at, size }, i) => {
    const numbers = [...data.subarray(at, at + size)]
    expect(numbers.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    if (!soft[i % soft.length] && size > 1) expect(numbers.filter(x => x === 0).length === size - 1).toBe(true)
  })
}
