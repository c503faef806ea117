// Random matrices and comparisons of whole arrays.
import { expect } from 'vitest'
import type { Random } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'

/** Numbers in [-scale, scale) in JavaScript's own memory. */
export function randomMatrix(random: Random, rows: number, columns: number, scale = 1): Matrix {
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => random.between(-scale, scale)) }
}

/** The same numbers in a matrix that a store made. */
export function placed(store: { matrix(rows: number, columns: number): Matrix }, matrix: Matrix): Matrix {
  const copy = store.matrix(matrix.rows, matrix.columns)
  copy.data.set(matrix.data)
  return copy
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Every |actual - expected| <= tolerance * max(1, |expected|). */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!))
    if (!(error <= tolerance)) {
      expect.fail(`number ${i} is ${actual[i]}, expected ${expected[i]} (error ${error}, allowed ${tolerance})`)
    }
  }
}

/** The same bits, whatever array they stand in. */
export function expectSameBits(actual: Float32Array, expected: Float32Array): void {
  expect(new Uint32Array(Float32Array.from(actual).buffer)).toEqual(new Uint32Array(Float32Array.from(expected).buffer))
}
