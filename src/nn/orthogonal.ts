// Orthogonal initial weights, as on-policy methods use them.

import { cos, log } from '../elementary.ts'
import type { Random } from '../random.ts'

/**
 * A [rows, columns] matrix, row-major, whose rows or columns, whichever are fewer, are orthogonal vectors of length `gain`; uniform over all
 * such matrices. A matrix of standard normal numbers (Box and Muller 1958), orthogonalised twice by modified Gram-Schmidt in
 * double precision, which gives the Q of its QR decomposition with a positive diagonal of R (Saxe, McClelland and Ganguli 2014; Mezzadri
 * 2007).
 */
export function orthogonalMatrix(rows: number, columns: number, gain: number, random: Random): Float32Array {
  const [few, long] = rows < columns ? [rows, columns] : [columns, rows]
  const vectors = Array.from({ length: few }, () => Float64Array.from({ length: long }, () => normal(random)))
  for (let i = 0; i < few; i++) {
    const vector = vectors[i]!
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = vectors[j]!
        const along = dot(vector, other)
        for (let k = 0; k < long; k++) vector[k]! -= along * other[k]!
      }
      const length = Math.sqrt(dot(vector, vector))
      for (let k = 0; k < long; k++) vector[k]! /= length
    }
  }
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    return gain * (rows < columns ? vectors[row]![column]! : vectors[column]![row]!)
  })
}

function normal(random: Random): number {
  return Math.sqrt(-2 * log(1 - random.uniform())) * cos(2 * Math.PI * random.uniform())
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}
