// Heads: from network outputs to legal actions, and the gradient back.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHead, unsupportedSpace } from '../../src/agents/head.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom, type NoiseKey } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, placed, randomMatrix } from '../support/matrices.ts'
import { plainGumbelSoftmax } from '../support/plain-noise.ts'

const choice = (name: string, size: number, soft: boolean) => ({ name, kind: 'choice', size, soft }) as const
const spaces: readonly { readonly name: string; readonly space: ActionSpace }[] = [
  { name: 'one soft choice', space: [choice('move', 5, true)] },
  { name: 'one hard choice', space: [choice('move', 5, false)] },
  { name: 'two soft choices side by side', space: [choice('move', 5, true), choice('say', 3, true)] },
  { name: 'two hard choices side by side', space: [choice('move', 5, false), choice('say', 3, false)] },
  { name: 'a hard choice beside a soft one', space: [choice('move', 5, false), choice('say', 3, true)] },
]

describe('a head', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const rows = 9
  const logitsFor = (space: ActionSpace, seed = 1, count = rows) =>
    placed(backend, randomMatrix(createRandom(seed, 'logits'), count, actionSize(space), 3))

  describe.each(spaces)('for $name', ({ space }) => {
    it('needs one network output for each number of an action', () => {
      expect(createHead(backend, space, { temperature: 1 }).inputs).toBe(actionSize(space))
    })

    it.each([1, 0.5, 2])('samples the Gumbel-softmax of its logits at temperature %d, or its one-hot', temperature => {
      const logits = logitsFor(space)
      const key = createNoise(2, 'noise').next()
      const soft = plainSample(space, Float64Array.from(logits.data), temperature, key)
      const actions = createHead(backend, space, { temperature }).sample(logits, key)
      expect([actions.rows, actions.columns]).toEqual([rows, actionSize(space)])
      expectClose(actions.data, executed(space, soft), 2e-6)
    })

    it('leads the gradient of the soft sample back to the logits', () => {
      const logits = logitsFor(space)
      const key = createNoise(3).next()
      const gradient = placed(backend, randomMatrix(createRandom(4), rows, actionSize(space)))
      const head = createHead(backend, space, { temperature: 0.7 })
      head.sample(logits, key)
      const expected = centralDifferences(x => dot(plainSample(space, x, 0.7, key), gradient.data), logits.data)
      expectClose(head.gradient(gradient).data, expected, 3e-6)
    })

    it('makes legal actions for any logits', () => {
      const head = createHead(backend, space, { temperature: 1 })
      fc.assert(
        fc.property(
          fc.nat(),
          fc.float({ min: 0, max: 60, noNaN: true }),
          fc.integer({ min: 1, max: 12 }),
          (s, scale, n) => {
            const logits = randomMatrix(createRandom(s), n, actionSize(space), scale)
            expectLegal(space, head.sample(logits, createNoise(s).next()).data)
            expectLegal(space, head.greedy(logits).data)
          },
        ),
      )
    })

    it('guesses best what its logits favour', () => {
      const logits = logitsFor(space)
      const probabilities = new Float64Array(logits.data.length)
      eachChoice(space, logits.data.length, (from, to) => {
        const exps = Array.from(logits.data.subarray(from, to), Math.exp)
        const sum = exps.reduce((a, b) => a + b)
        probabilities.set(
          exps.map(e => e / sum),
          from,
        )
      })
      const greedy = createHead(backend, space, { temperature: 1 }).greedy(logits)
      expectClose(greedy.data, executed(space, probabilities), 1e-6)
    })
  })

  it('draws one choice like the other side by side, each from noise of its own', () => {
    const space = [choice('left', 4, true), choice('right', 4, true)]
    const actions = createHead(backend, space, { temperature: 1 }).sample(backend.matrix(1, 8), createNoise(5).next())
    expect([...actions.data.subarray(0, 4)]).not.toEqual([...actions.data.subarray(4)])
  })

  it('chooses as often as the softmax of its logits says', () => {
    const space = [choice('move', 3, false)]
    const logits = backend.matrix(30_000, 3)
    const probabilities = [0.6, 0.3, 0.1]
    for (let i = 0; i < logits.data.length; i++) logits.data[i] = Math.log(probabilities[i % 3]!)
    const actions = createHead(backend, space, { temperature: 1 }).sample(logits, createNoise(6).next())
    const counts = [0, 0, 0]
    actions.data.forEach((value, i) => {
      counts[i % 3]! += value
    })
    const chiSquare = counts.reduce(
      (sum, count, i) => sum + (count - 30_000 * probabilities[i]!) ** 2 / (30_000 * probabilities[i]!),
      0,
    )
    expect(chiSquare).toBeLessThan(13.9) // 99.9 % of chi-square with 2 degrees of freedom
  })

  it('remembers the last sample while batch sizes change', () => {
    const { space } = spaces[2]!
    const head = createHead(backend, space, { temperature: 1 })
    const key = createNoise(7).next()
    const gradient = placed(backend, randomMatrix(createRandom(8), rows, actionSize(space)))
    head.sample(logitsFor(space), key)
    const expected = Float32Array.from(head.gradient(gradient).data)
    head.sample(logitsFor(space, 9, 3), createNoise(9).next())
    head.sample(logitsFor(space), key)
    expect(head.gradient(gradient).data).toEqual(expected)
  })

  it('of a box needs bounds', () => {
    const box = (low: number, high: number) => unsupportedSpace([{ name: 'force', kind: 'box', size: 2, low, high }])
    for (const [low, high] of [
      [0, Infinity],
      [-Infinity, Infinity],
      [1, 1],
      [1, 0],
      [NaN, 1],
    ] as const) {
      expect(box(low, high)).toBe(
        `part 'force' is a box from ${low} to ${high}; bounds must be finite, the lower one first`,
      )
    }
    expect(box(-1, 2)).toBeNull()
    for (const { space } of spaces) expect(unsupportedSpace(space)).toBeNull()
  })
})

/** The soft sample in double precision. */
function plainSample(space: ActionSpace, data: Float64Array, temperature: number, key: NoiseKey): Float64Array {
  const columns = actionSize(space)
  const logits = { rows: data.length / columns, columns, data }
  const soft = new Float64Array(data.length)
  let from = 0
  for (const part of space) {
    plainGumbelSoftmax(logits, { from, to: from + part.size }, temperature, key).forEach((value, i) => {
      soft[i]! += value
    })
    from += part.size
  }
  return soft
}

/** What is executed of soft choices: themselves where that is legal, else the one-hot of the largest. */
function executed(space: ActionSpace, soft: Float64Array): Float64Array {
  const actions = Float64Array.from(soft)
  eachChoice(space, soft.length, (from, to, part) => {
    if (part.kind !== 'choice' || part.soft) return
    const row = soft.subarray(from, to)
    actions.set(
      row.map((_, c) => (c === row.indexOf(Math.max(...row)) ? 1 : 0)),
      from,
    )
  })
  return actions
}

function expectLegal(space: ActionSpace, actions: Float32Array): void {
  eachChoice(space, actions.length, (from, to, part) => {
    const row = [...actions.subarray(from, to)]
    expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    expect(row.every(p => p >= 0 && p <= 1)).toBe(true)
    if (part.kind === 'choice' && !part.soft) expect(row.filter(p => p === 1)).toHaveLength(1)
  })
}

/** Every choice of every row: its first number and the one after its last. */
function eachChoice(
  space: ActionSpace,
  length: number,
  visit: (from: number, to: number, part: ActionSpace[number]) => void,
): void {
  for (let at = 0; at < length; ) {
    for (const part of space) {
      visit(at, at + part.size, part)
      at += part.size
    }
  }
}
