// The likelihood of a choice's action: the Concrete density inside of the simplex, cross-entropy on its boundary.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { softChoice } from '../../../src/agents/distributions/soft-choice.ts'
import { createRandom } from '../../../src/random.ts'
import type { Matrix } from '../../../src/types.ts'
import { centralDifferences } from '../../support/finite-differences.ts'
import { dot, expectClose, randomMatrix } from '../../support/matrices.ts'

const rows = 6
const at = (temperature: number) => softChoice({ output: 1, action: 2, size: 4 }, () => temperature) // neighbours must stay
const logits = randomMatrix(createRandom(1), rows, 6, 2)
const scale = [1, -2, 0.5, 3, 0, 1]
const one = (...numbers: number[]): Matrix => ({ rows: 1, columns: numbers.length, data: Float32Array.from(numbers) })
const whole = (size: number, temperature: number) => softChoice({ output: 0, action: 0, size }, () => temperature)

/** Rows of 7: soft numbers, but for a one-hot and for one that mixes two alternatives. */
const actions = (() => {
  const random = createRandom(2)
  const data = new Float32Array(rows * 7).fill(7)
  for (let row = 0; row < rows; row++) {
    const weights = Array.from({ length: 4 }, () => 0.01 + random.uniform() ** 3)
    const sum = weights.reduce((a, b) => a + b)
    data.set(
      weights.map(w => w / sum),
      row * 7 + 2,
    )
  }
  data.set([0, 0, 1, 0], 3 * 7 + 2)
  data.set([0, 0.25, 0, 0.75], 5 * 7 + 2)
  return { rows, columns: 7, data }
})()

describe('the log-likelihood of a choice', () => {
  it.each([0.3, 1, 2])('is that of the paper in plain numbers, at temperature %d', temperature => {
    const to = new Float32Array(rows).fill(1)
    at(temperature).logProbability(logits, { actions }, to)
    expectClose(
      to.map(x => x - 1),
      plain(logits.data, temperature),
      1e-5,
    )
  })

  it.each([0.3, 1, 2])('has the gradient that finite differences find, in its own columns alone: %d', temperature => {
    const to = { ...logits, data: new Float32Array(rows * 6).fill(9) }
    at(temperature).logProbabilityGradient(logits, { actions }, scale, to)
    const expected = centralDifferences(x => dot(plain(x, temperature), scale), logits.data)
    expectClose(
      to.data,
      expected.map((x, i) => (i % 6 === 0 || i % 6 === 5 ? 9 : x)),
      1e-6,
    )
  })

  it.each([0.5, 1, 3])('is a density: over two alternatives it adds up to 1 at temperature %d', temperature => {
    // x = 1 / (1 + exp(-u)), so that the peaks at both ends are spread out.
    const step = 0.01
    let sum = 0
    for (let u = -14; u < 14; u += step) {
      const x = 1 / (1 + Math.exp(-u))
      const to = new Float32Array(1)
      whole(2, temperature).logProbability(one(0.4, -0.3), { actions: one(x, 1 - x) }, to)
      sum += Math.exp(to[0]!) * x * (1 - x) * step
    }
    expect(sum).toBeCloseTo(1, 2)
  })

  it('adds up over parts side by side, and a flat density of three alternatives is 2', () => {
    const to = new Float32Array(1)
    whole(3, 1).logProbability(one(5, 5, 5), { actions: one(1 / 3, 1 / 3, 1 / 3) }, to)
    expect(to[0]).toBeCloseTo(Math.log(2), 5)
    whole(3, 1).logProbability(one(5, 5, 5), { actions: one(0, 1, 0) }, to)
    expect(to[0]).toBeCloseTo(Math.log(2) - Math.log(3), 5)
  })

  it('has a gradient of sum zero, and no number that is not finite, for any action that float32 can hold', () => {
    const part = fc.constantFrom(0, 1e-45, 1e-38, 1e-7, 0.25, 0.5, 1)
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 3, maxLength: 3 }),
        fc.constantFrom(0.05, 1, 4),
        (weights, temperature) => {
          const action = one(...weights)
          const [to, gradient] = [new Float32Array(1), one(9, 9, 9)]
          whole(3, temperature).logProbability(one(30, -2, 0), { actions: action }, to)
          whole(3, temperature).logProbabilityGradient(one(30, -2, 0), { actions: action }, [1], gradient)
          expect(Number.isFinite(to[0])).toBe(true)
          expect(gradient.data.every(Number.isFinite)).toBe(true)
          expect(gradient.data.reduce((a, b) => a + b)).toBeCloseTo(0, 4)
        },
      ),
    )
  })
})

/** Per row, in double precision. */
function plain(data: ArrayLike<number>, temperature: number): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const l = Array.from({ length: 4 }, (_, k) => data[row * 6 + 1 + k]!)
    const x = Array.from({ length: 4 }, (_, k) => actions.data[row * 7 + 2 + k]!)
    const weights = l.map(Math.exp)
    const total = weights.reduce((a, b) => a + b)
    if (x.includes(0)) return x.reduce((sum, share, k) => sum + (share && share * Math.log(weights[k]! / total)), 0)
    const powers = weights.map((w, k) => w * x[k]! ** -temperature)
    const density = powers.map((power, k) => power / x[k]! / powers.reduce((a, b) => a + b))
    return Math.log(6) + 3 * Math.log(temperature) + density.reduce((sum, d) => sum + Math.log(d), 0)
  })
}
