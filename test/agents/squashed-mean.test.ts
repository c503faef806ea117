// Boxes without chance: the squashed mean, its gradient and its bounds.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHead } from '../../src/agents/head.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'

const box = (name: string, size: number, low: number, high: number) => ({ name, kind: 'box', size, low, high }) as const
const choice = { name: 'say', kind: 'choice', size: 3, soft: true } as const
const rows = 5

describe('a deterministic box', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const createTested = (space: ActionSpace) => createHead(backend, space, { temperature: 1, boxes: 'deterministic' })
  const outputsOf = (space: ActionSpace, scale = 2) =>
    placed(backend, randomMatrix(createRandom(1), rows, actionSize(space), scale))
  const boxes = [box('move', 2, -2, 1), box('turn', 3, 0, 4)]
  /** low + (high - low) (tanh(x) + 1) / 2 */
  const squash = (x: ArrayLike<number>) =>
    Array.from(x, (value, i) => {
      const { low, high } = boxes[i % 5 < 2 ? 0 : 1]!
      return low + ((high - low) * (Math.tanh(value) + 1)) / 2
    })

  it('needs one network output for each number, and acts by it alone, whatever the noise', () => {
    const head = createTested(boxes)
    expect(head.inputs).toBe(5)
    const outputs = outputsOf(boxes)
    const noise = createNoise(2)
    const actions = Float32Array.from(head.sample(outputs, noise.next()).data)
    expectClose(actions, squash(outputs.data), 1e-6)
    expectSameBits(head.sample(outputs, noise.next()).data, actions)
    expectSameBits(head.greedy(outputs).data, actions)
  })

  it('leads the gradient back to the means', () => {
    const head = createTested(boxes)
    const outputs = outputsOf(boxes)
    const gradient = placed(backend, randomMatrix(createRandom(3), rows, 5))
    head.sample(outputs, createNoise(4).next())
    const expected = centralDifferences(x => dot(squash(x), gradient.data), outputs.data)
    expectClose(head.gradient(gradient).data, expected, 3e-6)
  })

  it('beside a choice leaves the choice as it is', () => {
    const space = [box('move', 2, -1, 1), choice]
    const key = createNoise(5).next()
    const outputs = outputsOf(space)
    const gradient = placed(backend, randomMatrix(createRandom(6), rows, 5))
    const head = createTested(space)
    const both = head.sample(outputs, key)
    const mixed = Array.from({ length: rows }, (_, r) => [...both.data.subarray(5 * r + 2, 5 * r + 5)])
    for (const row of mixed) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    expect(mixed.flat().every(p => p > 0 && p < 1)).toBe(true)
    const back = head.gradient(gradient).data
    for (let r = 0; r < rows; r++) {
      const s = mixed[r]!
      const g = [...gradient.data.subarray(5 * r + 2, 5 * r + 5)]
      const mean = dot(s, g)
      expectClose(
        back.subarray(5 * r + 2, 5 * r + 5),
        s.map((p, j) => p * (g[j]! - mean)),
        1e-6,
      )
    }
  })

  it('stays within its bounds with finite gradients, whatever the outputs', () => {
    const head = createTested([box('move', 2, -0.3, 0.1)])
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1e6, noNaN: true }), (seed, scale) => {
        const { data } = head.sample(randomMatrix(createRandom(seed), 6, 2, scale), createNoise(seed).next())
        expect(data.every(a => a >= Math.fround(-0.3) && a <= Math.fround(0.1))).toBe(true)
        expect(head.gradient(randomMatrix(createRandom(seed), 6, 2)).data.every(Number.isFinite)).toBe(true)
      }),
    )
  })
})
