// Eigenvectors: orthonormal, they rebuild the matrix, and a decomposition that is cut anywhere has the same bits.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEigenSolver, eigenbasisOf } from '../../src/policy-gradient/symmetric-eigen.ts'
import { createRandom } from '../../src/random.ts'
import { copySaved } from '../../src/saved.ts'

/** Second moments of some rows of numbers, some columns of which are 0 or copies: of any rank. */
function moments(size: number, rows: number, seed: number, scale = 1): Float64Array {
  const random = createRandom(seed)
  const all = new Float64Array(size * size)
  for (let r = 0; r < rows; r++) {
    const x = Float64Array.from({ length: size }, () =>
      random.between(0, 1) < 0.3 ? 0 : scale * random.between(-1, 1),
    )
    if (size > 2) x[2] = x[0]!
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) all[i * size + j]! += (x[i]! * x[j]!) / rows
  }
  return all
}

function expectDecomposed(matrix: Float64Array): void {
  const size = Math.sqrt(matrix.length)
  const { values, vectors } = eigenbasisOf(matrix)
  const largest = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  let [furthest, leastOrthonormal] = [0, 0]
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let [rebuilt, product] = [0, 0]
      for (let k = 0; k < size; k++) {
        rebuilt += values[k]! * vectors[k * size + i]! * vectors[k * size + j]!
        product += vectors[i * size + k]! * vectors[j * size + k]!
      }
      furthest = Math.max(furthest, Math.abs(rebuilt - matrix[i * size + j]!))
      leastOrthonormal = Math.max(leastOrthonormal, Math.abs(product - (i === j ? 1 : 0)))
    }
  }
  expect(furthest).toBeLessThanOrEqual(1e-13 * largest)
  expect(leastOrthonormal).toBeLessThan(1e-13)
}

describe('the eigenbasis of a symmetric matrix', () => {
  it('is orthonormal and rebuilds it, of any size, rank and scale', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer(),
        (size, rows, seed) => {
          expectDecomposed(moments(size, rows, seed, 10 ** (seed % 7)))
        },
      ),
      { numRuns: 60 },
    )
    for (const size of [64, 65]) expectDecomposed(moments(size, 100, size))
  })

  it('is exact where it is known', () => {
    const { values } = eigenbasisOf(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, -5))
    expect([...values].sort((a, b) => a - b).map(value => Number(value.toFixed(14)))).toEqual([-5, 1, 3])
    expect([...eigenbasisOf(Float64Array.of(7)).values]).toEqual([7])
    expect([...eigenbasisOf(new Float64Array(9)).values]).toEqual([0, 0, 0])
  })

  it('has the same bits however often it is cut, saved and restored', () => {
    const matrix = moments(20, 15, 3)
    const whole = eigenbasisOf(matrix)
    for (const operations of [1, 300, 5000]) {
      let solver = createEigenSolver()
      solver.begin(matrix)
      let calls = 0
      while (solver.result === null) {
        expect(solver.advance(operations)).toBeLessThanOrEqual(operations)
        const saved = copySaved(solver.save())
        solver = createEigenSolver()
        solver.restore(saved)
        calls++
      }
      expect(calls).toBeGreaterThan(5)
      expect(solver.result).toEqual(whole)
    }
  })

  it('does not hang on numbers that are not finite', () => {
    for (const bad of [NaN, Infinity]) {
      const matrix = moments(6, 9, 1)
      matrix[7] = bad
      expect(eigenbasisOf(matrix).values.some(value => !Number.isFinite(value))).toBe(true)
    }
  })
})
