// A choice executed as a one-hot: log-probability, entropy, their gradients, masks.
import { describe, expect, it } from 'vitest'
import { choice } from '../../../src/agents/distributions/choice.ts'
import { createRandom } from '../../../src/random.ts'
import type { Matrix } from '../../../src/types.ts'
import { centralDifferences } from '../../support/finite-differences.ts'
import { dot, expectClose, randomMatrix } from '../../support/matrices.ts'

const rows = 6
const part = choice({ output: 1, action: 2, size: 4 }) // of six outputs: neighbours must stay as they are
const all = choice({ output: 0, action: 0, size: 3 })
const logits = randomMatrix(createRandom(1), rows, 6, 3)
const chosen = [0, 1, 2, 3, 3, 0]
const scale = [1, -2, 0.5, 3, 0, 1]
const actions: Matrix = { rows, columns: 7, data: new Float32Array(rows * 7) }
chosen.forEach((k, row) => {
  actions.data[row * 7 + 2 + k] = 1
})
const one = (...numbers: number[]): Matrix => ({ rows: 1, columns: numbers.length, data: Float32Array.from(numbers) })

describe('the log-probability of a choice', () => {
  it('is the logarithm of the softmax', () => {
    const to = new Float32Array(rows)
    part.logProbability(logits, { actions }, to)
    expectClose(to, logProbabilities(logits.data), 1e-6)
  })

  it('has the gradient that finite differences find, in its own columns alone', () => {
    const to = { ...logits, data: new Float32Array(rows * 6).fill(9) }
    part.logProbabilityGradient(logits, { actions }, scale, to)
    expectGradient(to, x => dot(logProbabilities(x), scale))
  })

  it('adds up over parts side by side', () => {
    const to = new Float32Array(1)
    const actions = one(1, 0, 0, 1, 0)
    choice({ output: 0, action: 0, size: 2 }).logProbability(one(0, 0, 0, 0, 0), { actions }, to)
    choice({ output: 2, action: 2, size: 3 }).logProbability(one(0, 0, 0, 0, 0), { actions }, to)
    expect(to[0]).toBeCloseTo(-Math.log(6), 6)
  })

  it('stays finite for large logits', () => {
    const [large, to] = [one(1e30, 1000, -1e30), new Float32Array(1)]
    all.logProbability(large, { actions: one(1, 0, 0) }, to)
    expect(to[0]).toBe(0)
    to.fill(0)
    all.logProbability(one(1000, 999, 0), { actions: one(0, 1, 0) }, to)
    expect(to[0]).toBeCloseTo(-1 - Math.log1p(Math.exp(-1)), 4)
    const gradient = one(0, 0, 0)
    all.logProbabilityGradient(large, { actions: one(0, 1, 0) }, [1], gradient)
    expect([...gradient.data]).toEqual([-1, 1, 0])
  })

  it.each([[[1, 1, 0]], [[0, 0.5, 0.5]], [[0, 2, 0]], [[Number.NaN, 0, 0]]])(
    'refuses (%s), which is no one-hot',
    action => {
      const actions = one(...action)
      const refused = /^choice: the action of row 0 must be one-hot, got/
      expect(() => all.logProbability(one(0, 0, 0), { actions }, new Float32Array(1))).toThrow(refused)
      expect(() => all.logProbabilityGradient(one(0, 0, 0), { actions }, [1], one(0, 0, 0))).toThrow(refused)
    },
  )

  it('is 0 for the zeros of an agent that was absent, and so is its gradient', () => {
    const [to, gradient] = [new Float32Array(1), one(9, 9, 9)]
    all.logProbability(one(1, 2, 3), { actions: one(0, 0, 0) }, to)
    all.logProbabilityGradient(one(1, 2, 3), { actions: one(0, 0, 0) }, [1], gradient)
    expect([to[0], ...gradient.data]).toEqual([0, 0, 0, 0])
  })
})

describe('the entropy of a choice', () => {
  it('is -sum p log p', () => {
    const to = new Float32Array(rows)
    part.entropy(logits, to)
    expectClose(to, entropies(logits.data), 1e-6)
  })

  it('has the gradient that finite differences find, in its own columns alone', () => {
    const to = { ...logits, data: new Float32Array(rows * 6).fill(9) }
    part.entropyGradient(logits, scale, to)
    expectGradient(to, x => dot(entropies(x), scale))
  })

  it('is log n where all are equally likely, and 0 where one is certain', () => {
    for (const [row, expected] of [
      [one(7, 7, 7), Math.log(3)],
      [one(1e30, 0, -1e30), 0],
      [one(0, -Infinity, 0), Math.LN2],
    ] as const) {
      const to = new Float32Array(1)
      all.entropy(row, to)
      expect(to[0]).toBeCloseTo(expected, 6)
      const gradient = one(1, 1, 1)
      all.entropyGradient(row, [1], gradient)
      expectClose(gradient.data, [0, 0, 0], 1e-6)
    }
  })
})

function probabilities(data: ArrayLike<number>): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const weights = Array.from({ length: 4 }, (_, c) => Math.exp(data[row * 6 + 1 + c]!))
    return weights.map(w => w / weights.reduce((a, b) => a + b))
  })
}

function logProbabilities(data: ArrayLike<number>): number[] {
  return probabilities(data).map((p, row) => Math.log(p[chosen[row]!]!))
}

function entropies(data: ArrayLike<number>): number[] {
  return probabilities(data).map(p => -p.reduce((sum, x) => sum + x * Math.log(x), 0))
}

function expectGradient(actual: Matrix, f: (x: Float64Array) => number): void {
  const expected = centralDifferences(f, logits.data).map((x, i) => (i % 6 === 0 || i % 6 === 5 ? 9 : x))
  expectClose(actual.data, expected, 1e-6)
}
