// The normal distribution behind a box: entropy and divergence against what they are made of.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choice } from '../../../src/agents/distributions/choice.ts'
import { normal } from '../../../src/agents/distributions/normal.ts'
import { createRandom } from '../../../src/random.ts'
import type { Matrix } from '../../../src/types.ts'
import { centralDifferences } from '../../support/finite-differences.ts'
import { dot, expectClose, randomMatrix } from '../../support/matrices.ts'

const rows = 5
const box = normal({ output: 1, action: 0, size: 2 }) // columns 1 ... 4 of six
const outputs = randomMatrix(createRandom(1), rows, 6, 1.5)
outputs.data[2 * 6 + 3] = 3 // clamped to 2
outputs.data[4 * 6 + 4] = -7 // clamped to -5
const scale = [1, -2, 0.5, 3, 0.1]
const one = (...numbers: number[]): Matrix => ({ rows: 1, columns: numbers.length, data: Float32Array.from(numbers) })

describe('the entropy of a box', () => {
  it('is that of its normal numbers before squashing, log(2 pi e sigma^2) / 2 each', () => {
    const to = new Float32Array(rows).fill(1)
    box.entropy(outputs, to)
    expectClose(
      to.map(x => x - 1),
      entropies(outputs.data),
      1e-6,
    )
  })

  it('has the gradient that finite differences find, in its own columns alone', () => {
    const to = { ...outputs, data: new Float32Array(rows * 6).fill(9) }
    box.entropyGradient(outputs, scale, to)
    const expected = centralDifferences(x => dot(entropies(x), scale), outputs.data)
    expectClose(
      to.data,
      expected.map((x, i) => (i % 6 === 0 || i % 6 === 5 ? 9 : x)),
      1e-6,
    )
  })
})

describe('the divergence', () => {
  it('of two normal distributions is the mean of log a / b under a', () => {
    // A part of one number: the mean, and the log deviation right behind it.
    const [a, b] = [one(9, 0.5, -0.5), one(9, -0.2, 0.3)]
    let sum = 0
    const steps = 20_000
    const log = (x: number, mean: number, logDeviation: number) =>
      -(((x - mean) * Math.exp(-logDeviation)) ** 2) / 2 - logDeviation - Math.log(2 * Math.PI) / 2
    for (let i = 0; i < steps; i++) {
      const x = -10 + (20 * (i + 0.5)) / steps
      const p = log(x, 0.5, -0.5)
      sum += (Math.exp(p) * (p - log(x, Math.fround(-0.2), Math.fround(0.3))) * 20) / steps
    }
    const to = new Float32Array(1)
    normal({ output: 1, action: 0, size: 1 }).divergence(a, b, to)
    expect(to[0]).toBeCloseTo(sum, 5)
  })

  it('of two choices is sum p log(p / q)', () => {
    const [a, b] = [one(0, 1, 3), one(7, 0.5, 0.5, 7)]
    const p = softmax([1, 3])
    const q = softmax([0.5, 0.5])
    const to = new Float32Array(1)
    choice({ output: 1, action: 0, size: 2 }).divergence(a, b, to)
    expect(to[0]).toBeCloseTo(
      p.reduce((sum, x, k) => sum + x * Math.log(x / q[k]!), 0),
      6,
    )
  })

  it('is zero between equals and positive between others', () => {
    const numbers = fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(numbers, numbers, (x, y) => {
        for (const [a, b] of [[one(...x), one(...y)] as const, [one(...x), one(...x)] as const]) {
          const [ofBoxes, ofChoices] = [new Float32Array(1), new Float32Array(1)]
          normal({ output: 0, action: 0, size: 2 }).divergence(a, b, ofBoxes)
          choice({ output: 0, action: 0, size: 4 }).divergence(a, b, ofChoices)
          expect(ofBoxes[0]).toBeGreaterThan(-1e-6)
          expect(ofChoices[0]).toBeGreaterThan(-1e-6)
          if (b.data.every((value, i) => value === a.data[i])) {
            expect(ofBoxes[0]).toBeCloseTo(0, 6)
            expect(ofChoices[0]).toBeCloseTo(0, 6)
          }
        }
      }),
    )
  })
})

function entropies(data: ArrayLike<number>): number[] {
  return Array.from({ length: rows }, (_, row) =>
    [3, 4].reduce((sum, c) => {
      const logDeviation = Math.min(2, Math.max(-5, data[row * 6 + c]!))
      return sum + Math.log(2 * Math.PI * Math.E * Math.exp(2 * logDeviation)) / 2
    }, 0),
  )
}

function softmax(logits: readonly number[]): number[] {
  const weights = logits.map(Math.exp)
  return weights.map(w => w / weights.reduce((a, b) => a + b))
}
