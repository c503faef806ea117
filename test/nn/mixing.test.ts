// The monotone mix of values: against plain loops, its gradients against finite differences, and that no value's gain is the total's loss.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MixingWeights, mix, mixGradient } from '../../src/nn/mixing.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { expectClose, randomMatrix } from '../support/matrices.ts'

interface Case {
  readonly values: Matrix
  readonly weights: MixingWeights
}

function caseOf(seed: number, rows: number, count: number, units: number): Case {
  const random = createRandom(seed, 'mixing')
  const [first, bias, second, base] = [count * units, units, units, 1].map(columns =>
    randomMatrix(random, rows, columns, 2),
  )
  return {
    values: randomMatrix(random, rows, count, 3),
    weights: { first: first!, bias: bias!, second: second!, base: base! },
  }
}

const parts = ['first', 'bias', 'second', 'base'] as const

/** sum_rows gradient * total in double precision, of [values, first, bias, second, base] one after the other. */
function plainSum(numbers: ArrayLike<number>, gradient: ArrayLike<number>, count: number, units: number): number {
  const rows = gradient.length
  const sizes = [count, count * units, units, units, 1]
  const at = sizes.map((_, i) => rows * sizes.slice(0, i).reduce((a, b) => a + b, 0))
  let sum = 0
  for (let row = 0; row < rows; row++) {
    const of = (part: number, i: number) => numbers[at[part]! + row * sizes[part]! + i]!
    let total = of(4, 0)
    for (let j = 0; j < units; j++) {
      let x = of(2, j)
      for (let i = 0; i < count; i++) x += of(0, i) * Math.abs(of(1, i * units + j))
      total += (x < 0 ? Math.expm1(x) : x) * Math.abs(of(3, j))
    }
    sum += gradient[row]! * total
  }
  return sum
}

function mixed({ values, weights }: Case) {
  const { rows } = values
  const hidden = randomMatrix(createRandom(0), rows, weights.bias.columns)
  const total = randomMatrix(createRandom(0), rows, 1)
  mix(values, weights, hidden, total)
  return { hidden, total }
}

describe('mixing', () => {
  const sizes = fc.record({
    seed: fc.integer(),
    rows: fc.integer({ min: 1, max: 5 }),
    count: fc.integer({ min: 1, max: 4 }),
    units: fc.integer({ min: 1, max: 9 }),
  })

  it('is what plain loops say, and so are its gradients', () => {
    fc.assert(
      fc.property(sizes, ({ seed, rows, count, units }) => {
        const given = caseOf(seed, rows, count, units)
        const { values, weights } = given
        const { hidden, total } = mixed(given)
        const numbers = [values, ...parts.map(part => weights[part])].flatMap(({ data }) => [...data])
        const row = (r: number) => Float64Array.from({ length: rows }, (_, i) => Number(i === r))
        expectClose(
          total.data,
          Array.from({ length: rows }, (_, r) => plainSum(numbers, row(r), count, units)),
          1e-5,
        )

        const gradient = randomMatrix(createRandom(seed, 'gradient'), rows, 1)
        const to = Object.fromEntries(
          parts.map(part => [part, randomMatrix(createRandom(1), rows, weights[part].columns)]),
        )
        const toValues = randomMatrix(createRandom(2), rows, count)
        mixGradient(values, weights, hidden, gradient, to as unknown as MixingWeights, toValues)
        const slopes = centralDifferences(x => plainSum(x, gradient.data, count, units), numbers, 1e-6)
        const actual = [toValues, ...parts.map(part => to[part]!)].flatMap(({ data }) => [...data])
        // Next to a kink of |x| or elu a difference is none.
        numbers.forEach((x, i) => {
          if (Math.abs(x) > 1e-5) expectClose([actual[i]!], [slopes[i]!], 1e-3)
        })
      }),
      { numRuns: 60 },
    )
  })

  it('never loses by the gain of a value', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.nat(),
        fc.double({ min: 0, max: 5, noNaN: true }),
        ({ seed, rows, count, units }, i, gain) => {
          const given = caseOf(seed, rows, count, units)
          const before = Float32Array.from(mixed(given).total.data)
          for (let row = 0; row < rows; row++) given.values.data[row * count + (i % count)]! += gain
          const { hidden, total } = mixed(given)
          total.data.forEach(
            (after, row) => void expect(after).toBeGreaterThanOrEqual(before[row]! - 1e-5 * Math.abs(before[row]!)),
          )
          const ones = { rows, columns: 1, data: new Float32Array(rows).fill(1) }
          const to = Object.fromEntries(
            parts.map(part => [part, randomMatrix(createRandom(1), rows, given.weights[part].columns)]),
          )
          const toValues = randomMatrix(createRandom(2), rows, count)
          mixGradient(given.values, given.weights, hidden, ones, to as unknown as MixingWeights, toValues)
          for (const slope of toValues.data) expect(slope).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })

  it('has no slope where a weight is 0', () => {
    const given = caseOf(3, 1, 2, 3)
    given.weights.first.data.fill(0)
    given.weights.second.data[1] = 0
    const { hidden } = mixed(given)
    const one = { rows: 1, columns: 1, data: Float32Array.of(1) }
    const to = Object.fromEntries(
      parts.map(part => [part, randomMatrix(createRandom(1), 1, given.weights[part].columns)]),
    )
    const toValues = randomMatrix(createRandom(2), 1, 2)
    mixGradient(given.values, given.weights, hidden, one, to as unknown as MixingWeights, toValues)
    expect([...to.first!.data].every(slope => slope === 0)).toBe(true)
    expect(to.second!.data[1]).toBeCloseTo(0)
    expect([...toValues.data].map(Math.abs)).toEqual([0, 0])
  })
})
