// The monotone mix of values, in JavaScript and by the kernels: against plain loops, its gradients against finite differences, and that no value's gain is the total's loss.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { heapMixing, type MixingPasses, type MixingWeights } from '../../src/nn/mixing.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'

const parts = ['first', 'bias', 'second', 'base'] as const

interface Sizes {
  readonly seed: number
  readonly rows: number
  readonly count: number
  readonly units: number
}
const sizes: fc.Arbitrary<Sizes> = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 5 }),
  count: fc.integer({ min: 1, max: 4 }),
  units: fc.integer({ min: 1, max: 9 }),
})

interface Case {
  readonly values: Matrix
  readonly weights: MixingWeights
}

function caseOf({ seed, rows, count, units }: Sizes): Case {
  const random = createRandom(seed, 'mixing')
  const weight = (columns: number) => randomMatrix(random, rows, columns, 2)
  const weights = { first: weight(count * units), bias: weight(units), second: weight(units), base: weight(1) }
  return { values: randomMatrix(random, rows, count, 3), weights }
}

/** sum_rows gradient * total in double precision, of [values, first, bias, second, base] one after the other. */
function plainSum(numbers: ArrayLike<number>, gradient: ArrayLike<number>, { count, units }: Sizes): number {
  const rows = gradient.length
  const columns = [count, count * units, units, units, 1]
  const at = columns.map((_, i) => rows * columns.slice(0, i).reduce((a, b) => a + b, 0))
  let sum = 0
  for (let row = 0; row < rows; row++) {
    const of = (part: number, i: number) => numbers[at[part]! + row * columns[part]! + i]!
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

/** Whose passes, and where matrices stand for them. */
interface Place {
  readonly mixing: MixingPasses
  matrix(rows: number, columns: number): Matrix
}
const heap: Place = {
  mixing: heapMixing,
  matrix: (rows, columns) => ({ rows, columns, data: new Float32Array(rows * columns) }),
}

function put({ matrix }: Place, from: Matrix): Matrix {
  const to = matrix(from.rows, from.columns)
  to.data.set(from.data)
  return to
}
const eachPart = (make: (part: (typeof parts)[number]) => Matrix) =>
  Object.fromEntries(parts.map(part => [part, make(part)])) as unknown as MixingWeights

/** Totals, and the gradients at values, first, bias, second and base, from those at the totals. */
function passes(place: Place, given: Case, gradient: Matrix) {
  const { mixing, matrix } = place
  const values = put(place, given.values)
  const weights = eachPart(part => put(place, given.weights[part]))
  const { rows, columns: count } = values
  const hidden = matrix(rows, weights.bias.columns)
  const total = matrix(rows, 1)
  mixing.mix(values, weights, hidden, total)
  const to = eachPart(part => matrix(rows, weights[part].columns))
  const toValues = matrix(rows, count)
  mixing.mixGradient(values, weights, hidden, put(place, gradient), to, toValues)
  return { total: total.data, toValues: toValues.data, to }
}

let one: Backend
let three: Backend
beforeAll(async () => {
  one = await createSimdBackend({ threads: 1 })
  three = await createSimdBackend({ threads: 3 })
})
afterAll(() => {
  one.dispose()
  three.dispose()
})

describe.each(['in JavaScript', 'by the kernels'])('mixing %s', how => {
  const place = () => (how === 'in JavaScript' ? heap : one)

  it('is what plain loops say, and so are its gradients', () => {
    fc.assert(
      fc.property(sizes, given => {
        const { rows, seed } = given
        const { values, weights } = caseOf(given)
        const gradient = randomMatrix(createRandom(seed, 'gradient'), rows, 1)
        const { total, toValues, to } = passes(place(), { values, weights }, gradient)
        const numbers = [values, ...parts.map(part => weights[part])].flatMap(({ data }) => [...data])
        const row = (r: number) => Float64Array.from({ length: rows }, (_, i) => Number(i === r))
        const expected = Array.from({ length: rows }, (_, r) => plainSum(numbers, row(r), given))
        expectClose(total, expected, 1e-5)
        const slopes = centralDifferences(x => plainSum(x, gradient.data, given), numbers, 1e-6)
        const actual = [...toValues, ...parts.flatMap(part => [...to[part].data])]
        // Next to the kink of |x| a difference is none.
        numbers.forEach((x, i) => {
          if (Math.abs(x) > 1e-5) expectClose([actual[i]!], [slopes[i]!], 1e-3)
        })
      }),
      { numRuns: 60 },
    )
  })

  it('never loses by the gain of a value', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.double({ min: 0, max: 5, noNaN: true }), (given, i, gain) => {
        const { rows, count } = given
        const before = caseOf(given)
        const ones = randomMatrix(createRandom(0), rows, 1)
        ones.data.fill(1)
        const { total, toValues } = passes(place(), before, ones)
        for (const slope of toValues) expect(slope).toBeGreaterThanOrEqual(0)
        for (let row = 0; row < rows; row++) before.values.data[row * count + (i % count)]! += gain
        passes(place(), before, ones).total.forEach((after, row) => {
          expect(after).toBeGreaterThanOrEqual(total[row]! - 1e-5 * Math.max(1, Math.abs(total[row]!)))
        })
      }),
    )
  })

  it('has no slope where a weight is 0', () => {
    const given = caseOf({ seed: 3, rows: 1, count: 2, units: 6 })
    given.weights.first.data.fill(0)
    given.weights.second.data.fill(0, 1, 2).fill(-0, 5)
    const { to, toValues } = passes(place(), given, { rows: 1, columns: 1, data: Float32Array.of(1) })
    expect([...to.first.data].every(slope => slope === 0)).toBe(true)
    expect([1, 5].map(j => Math.abs(to.second.data[j]!))).toEqual([0, 0])
    expect([...toValues].map(Math.abs)).toEqual([0, 0])
  })
})

it('has the same bits on any number of threads, and nearly those of JavaScript', () => {
  const given = caseOf({ seed: 5, rows: 200, count: 3, units: 37 })
  const gradient = randomMatrix(createRandom(6), 200, 1)
  const [single, shared, plain] = [one, three, heap].map(place => passes(place, given, gradient))
  const all = ({ total, toValues, to }: NonNullable<typeof single>) => [
    total,
    toValues,
    ...parts.map(part => to[part].data),
  ]
  all(single!).forEach((numbers, i) => {
    expectSameBits(numbers, all(shared!)[i]!)
    expectClose(numbers, all(plain!)[i]!, 1e-4)
  })
})

it('of matrices elsewhere is made there', () => {
  const given = caseOf({ seed: 5, rows: 3, count: 2, units: 5 })
  const gradient = randomMatrix(createRandom(6), 3, 1)
  const elsewhere = passes({ ...heap, mixing: one.mixing }, given, gradient)
  expectSameBits(elsewhere.total, passes(heap, given, gradient).total)
})

it('refuses matrices of other sizes', () => {
  const { values, weights } = caseOf({ seed: 5, rows: 3, count: 2, units: 5 })
  const [hidden, total] = [one.matrix(3, 4), one.matrix(3, 1)]
  expect(() => one.mixing.mix(values, weights, hidden, total)).toThrow('mix: units must be [3, 5], got [3, 4]')
})
