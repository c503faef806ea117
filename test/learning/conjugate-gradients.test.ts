// Conjugate gradients: against a dense solve, cut between any two products, and where they end.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  advanceConjugateGradients,
  beginConjugateGradients,
  conjugateGradients,
} from '../../src/learning/conjugate-gradients.ts'
import { createRandom } from '../../src/random.ts'
import { solveDensely } from '../support/dense.ts'
import { dot } from '../support/matrices.ts'

/** Rows of a symmetric positive definite matrix B^T B / n + damping, and a right side. */
function systemOf(n: number, seed: number, damping: number) {
  const random = createRandom(seed)
  const draw = () => Array.from({ length: n }, () => random.between(-1, 1))
  const B = Array.from({ length: n }, draw)
  const A = B.map((_, i) =>
    B.map((_, j) => B.reduce((sum, row) => sum + (row[i]! * row[j]!) / n, 0) + (i === j ? damping : 0)),
  )
  return { A, b: draw() }
}

function times(A: readonly (readonly number[])[], v: ArrayLike<number>): number[] {
  return A.map(row => dot(row, v))
}

function solve(A: readonly (readonly number[])[], b: readonly number[], products: number, tolerance = 1e-24) {
  let state = conjugateGradients(b.length)
  beginConjugateGradients(state, b)
  while (advanceConjugateGradients(state, times(A, state.direction), { products, tolerance })) {
    // As a checkpoint would: nothing but its arrays goes on.
    state = structuredClone(state)
  }
  return state
}

describe('conjugate gradients', () => {
  it('solve what a dense elimination solves, after as many products as there are unknowns', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), (n, seed) => {
        const { A, b } = systemOf(n, seed, 0.1)
        const { solution, residual } = solve(A, b, 4 * n)
        const expected = solveDensely(A, b)
        const size = Math.sqrt(dot(expected, expected))
        solution.forEach((x, i) => void expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-9 * (1 + size)))
        times(A, solution).forEach((y, i) => void expect(Math.abs(b[i]! - y - residual[i]!)).toBeLessThan(1e-9))
      }),
      { numRuns: 100 },
    )
  })

  it('end after so many products, and where little is left', () => {
    const { A, b } = systemOf(10, 3, 0.1)
    const few = solve(A, b, 3)
    expect(few.solving[0]).toBe(3)
    expect(few.solving[1]).toBeCloseTo(dot(few.residual, few.residual), 12)
    const near = solve(A, b, 100, 0.01)
    expect(near.solving[0]).toBeLessThan(10)
    expect(dot(near.residual, near.residual)).toBeLessThan(0.01)
    // Each iterate is nearer to the solution in the norm of A: the quadratic goes down.
    const height = (x: ArrayLike<number>) => dot(x, times(A, x)) / 2 - dot(b, x)
    const heights = [1, 2, 3, 4, 5].map(products => height(solve(A, b, products).solution))
    heights.slice(1).forEach((h, i) => void expect(h).toBeLessThan(heights[i]!))
  })

  it('leave out directions in which nothing curves upwards', () => {
    const { solution, solving } = solve([[-1, 0], [0, -1]], [1, 2], 5) // biome-ignore format: one line
    expect([...solution]).toEqual([0, 0])
    expect(solving[0]).toBe(1)
  })
})
