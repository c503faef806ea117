// The categorical distribution of logits: log-probability, entropy, their gradients.
import { describe, expect, it } from 'vitest'
import {
  categoricalEntropy,
  categoricalEntropyGradient,
  categoricalLogProbability,
  categoricalLogProbabilityGradient,
} from '../../src/agents/categorical.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, randomMatrix } from '../support/matrices.ts'

const rows = 6
const columns = { from: 1, to: 5 } // of six: neighbours must stay as they are
const all = { from: 0, to: 3 }
const logits = randomMatrix(createRandom(1), rows, 6, 3)
const chosen = [0, 1, 2, 3, 3, 0]
const scale = [1, -2, 0.5, 3, 0, 1]
const one = (...numbers: number[]): Matrix => ({ rows: 1, columns: numbers.length, data: Float32Array.from(numbers) })

describe('the log-probability of a choice', () => {
  it('is the logarithm of the softmax', () => {
    const to = new Float32Array(rows)
    categoricalLogProbability(logits, columns, chosen, to)
    expectClose(to, logProbabilities(logits.data), 1e-6)
  })

  it('has the gradient that finite differences find, in its own columns alone', () => {
    const to = { ...logits, data: new Float32Array(rows * 6).fill(9) }
    categoricalLogProbabilityGradient(logits, columns, chosen, scale, to)
    expectGradient(to, x => dot(logProbabilities(x), scale))
  })

  it('adds up over parts side by side', () => {
    const to = new Float32Array(1)
    categoricalLogProbability(one(0, 0, 0, 0, 0), { from: 0, to: 2 }, [0], to)
    categoricalLogProbability(one(0, 0, 0, 0, 0), { from: 2, to: 5 }, [1], to)
    expect(to[0]).toBeCloseTo(-Math.log(6), 6)
  })

  it('stays finite for large logits', () => {
    const [large, to] = [one(1e30, 1000, -1e30), new Float32Array(1)]
    categoricalLogProbability(large, all, [0], to)
    expect(to[0]).toBe(0)
    categoricalLogProbability(one(1000, 999, 0), all, [1], to)
    expect(to[0]).toBeCloseTo(-1 - Math.log1p(Math.exp(-1)), 4)
    const gradient = one(0, 0, 0)
    categoricalLogProbabilityGradient(large, all, [1], [1], gradient)
    expect([...gradient.data]).toEqual([-1, 1, 0])
  })

  it.each([-1, 3, 0.5, Number.NaN])('refuses alternative %d of three', k => {
    const refused = /^categorical: alternative of row 0 must be one of 0 ... 2, got/
    expect(() => categoricalLogProbability(one(0, 0, 0), all, [k], new Float32Array(1))).toThrow(refused)
    expect(() => categoricalLogProbabilityGradient(one(0, 0, 0), all, [k], [1], one(0, 0, 0))).toThrow(refused)
  })
})

describe('the entropy of a choice', () => {
  it('is -sum p log p', () => {
    const to = new Float32Array(rows)
    categoricalEntropy(logits, columns, to)
    expectClose(to, entropies(logits.data), 1e-6)
  })

  it('has the gradient that finite differences find, in its own columns alone', () => {
    const to = { ...logits, data: new Float32Array(rows * 6).fill(9) }
    categoricalEntropyGradient(logits, columns, scale, to)
    expectGradient(to, x => dot(entropies(x), scale))
  })

  it('is log n where all are equally likely, and 0 where one is certain', () => {
    for (const [row, expected] of [
      [one(7, 7, 7), Math.log(3)],
      [one(1e30, 0, -1e30), 0],
      [one(0, -Infinity, 0), Math.LN2],
    ] as const) {
      const to = new Float32Array(1)
      categoricalEntropy(row, all, to)
      expect(to[0]).toBeCloseTo(expected, 6)
      const gradient = one(1, 1, 1)
      categoricalEntropyGradient(row, all, [1], gradient)
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
