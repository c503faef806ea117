// The log-density of the squashed Gaussian and its gradient; samples are in box-head.test.ts.
import { describe, expect, it } from 'vitest'
import { squashedGaussian } from '../../../src/agents/distributions/squashed-gaussian.ts'
import { createRandom } from '../../../src/random.ts'
import type { Matrix } from '../../../src/types.ts'
import { centralDifferences } from '../../support/finite-differences.ts'
import { dot, expectClose, randomMatrix } from '../../support/matrices.ts'

// Two numbers behind another part: outputs 1 ... 4 of six, actions 1 and 2 of three.
const part = squashedGaussian({ output: 1, action: 1, size: 2 }, { low: -1, high: 3 })
const rows = 8
const outputs = randomMatrix(createRandom(1), rows, 6, 1.5)
const actions = randomMatrix(createRandom(2), rows, 3, 0.95)
for (let i = 0; i < actions.data.length; i++) actions.data[i] = 1 + 2 * actions.data[i]!
const single = squashedGaussian({ output: 0, action: 0, size: 1 }, { low: -1, high: 3 })
const row = (...numbers: number[]): Matrix => ({ rows: 1, columns: numbers.length, data: Float32Array.from(numbers) })

describe('the log-density of a squashed Gaussian', () => {
  it('is that of the normal numbers, corrected for the squashing', () => {
    const to = new Float32Array(rows).fill(1)
    part.logProbability(outputs, { actions }, to)
    expectClose(
      to,
      logDensities(outputs.data).map(x => x + 1),
      2e-6,
    )
  })

  it('has the gradient that finite differences find, in its own columns alone', () => {
    const scale = [1, -2, 0.5, 3, 0, 1, 1, -1]
    const to = { ...outputs, data: new Float32Array(rows * 6).fill(9) }
    part.logProbabilityGradient(outputs, { actions }, scale, to)
    const expected = centralDifferences(x => dot(logDensities(x), scale), outputs.data)
    expectClose(
      to.data,
      expected.map((x, i) => (i % 6 === 0 || i % 6 === 5 ? 9 : x)),
      3e-6,
    )
  })

  it.each([
    [0, 0],
    [0.7, -1],
    [-1.2, 0.5],
  ])('is a density: it integrates to 1 over the box, mean %d, log deviation %d', (mean, logDeviation) => {
    const count = 40_000
    let sum = 0
    for (let i = 0; i < count; i++) {
      const to = new Float32Array(1)
      single.logProbability(row(mean, logDeviation), { actions: row(-1 + (4 * (i + 0.5)) / count) }, to)
      sum += (Math.exp(to[0]!) * 4) / count
    }
    expect(sum).toBeCloseTo(1, 3)
  })

  it.each([-1, 3])('is finite for an action at its bound %d, and so is its gradient', bound => {
    const [to, gradient] = [new Float32Array(1), row(0, 0)]
    single.logProbability(row(0, 0), { actions: row(bound) }, to)
    single.logProbabilityGradient(row(0, 0), { actions: row(bound) }, [1], gradient)
    expect([to[0]!, ...gradient.data].every(Number.isFinite)).toBe(true)
  })

  it('has no gradient at a log deviation that is clamped', () => {
    for (const [outside, edge] of [
      [-7, -5],
      [4, 2],
    ] as const) {
      const [to, at, gradient] = [new Float32Array(1), new Float32Array(1), row(0, 0)]
      single.logProbability(row(0.1, outside), { actions: row(1.2) }, to)
      single.logProbability(row(0.1, edge), { actions: row(1.2) }, at)
      single.logProbabilityGradient(row(0.1, outside), { actions: row(1.2) }, [1], gradient)
      expect(to).toEqual(at)
      expect(gradient.data[1]).toBe(0)
    }
  })
})

/** By the definition: density of atanh(y) under the normal distribution, times |du / da|, u = atanh((a - 1) / 2). */
function logDensities(data: ArrayLike<number>): number[] {
  return Array.from({ length: rows }, (_, r) => {
    let sum = 0
    for (let i = 0; i < 2; i++) {
      const y = (actions.data[r * 3 + 1 + i]! - 1) / 2
      const deviation = Math.exp(data[r * 6 + 3 + i]!)
      const z = (Math.atanh(y) - data[r * 6 + 1 + i]!) / deviation
      const density = Math.exp((-z * z) / 2) / (deviation * Math.sqrt(2 * Math.PI))
      sum += Math.log(density / (2 * (1 - y * y)))
    }
    return sum
  })
}
