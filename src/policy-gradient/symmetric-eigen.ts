// Eigenvalues and eigenvectors of symmetric matrices in double precision, a few operations at a time.
import type { Saved, Stateful } from '../types.ts'

export interface Eigenbasis {
  /** [size] In no order. */
  readonly values: Float64Array
  /** [size, size] Row i is the unit eigenvector of value i. */
  readonly vectors: Float64Array
}

/** Stands anywhere within a decomposition; saved there, it goes on to the same bits. */
export interface EigenSolver extends Stateful {
  /** Begins with a symmetric matrix [size, size], of which it keeps a copy. */
  begin(matrix: Float64Array): void
  /** Goes on for about so many multiplications; those that are left once it is done. @throws Error where values do not converge. */
  advance(operations: number): number
  /** The result, the caller's to keep; null: it is not done, or was not begun. */
  readonly result: Eigenbasis | null
}

/** Multiplications in less than a tick's work of 8 ms. The bits of what is learnt do not depend on it. */
export const operationsOfTick = 2_000_000

/**
 * Householder's reduction to a tridiagonal matrix, then implicit QL steps (Bowdler, Martin, Reinsch and Wilkinson 1968; tred2 and tql2 of
 * EISPACK), with all inner loops along rows. About 4 size^3 multiplications; errors are some units in the last place of the largest value.
 */
export function createEigenSolver(): EigenSolver {
  let stage: Stage = 'done'
  /** The next row, or value, of the stage. */
  let index = 0
  let work: Work = { size: 0, vectors: new Float64Array(0), values: new Float64Array(0), beside: new Float64Array(0) }
  let progress: Progress = { shift: 0, largest: 0 }

  /** Brings a step of the stage to its end; its multiplications. */
  const step = (): number => {
    const { size } = work
    if (stage === 'reduce') {
      if (index > 0) return reduce(work, index--)
      ;[stage, index] = ['accumulate', 0]
    }
    if (stage === 'accumulate') {
      if (index < size) return accumulate(work, index++)
      transpose(work)
      work.beside.copyWithin(0, 1)
      work.beside[size - 1] = 0
      ;[stage, index] = ['values', 0]
    }
    if (index < size) return findValue(work, index++, progress)
    stage = 'done'
    return 0
  }

  return {
    begin(matrix) {
      const size = Math.sqrt(matrix.length)
      work = { size, vectors: matrix.slice(), values: new Float64Array(size), beside: new Float64Array(size) }
      progress = { shift: 0, largest: 0 }
      ;[stage, index] = ['reduce', size - 1]
    },
    advance(operations) {
      let left = operations
      while (stage !== 'done' && left > 0) left -= step()
      return Math.max(0, left)
    },
    get result() {
      const { size, values, vectors } = work
      return stage === 'done' && size > 0 ? { values: values.slice(), vectors: vectors.slice() } : null
    },
    save: (): Saved => (work.size === 0 ? null : { stage, index, ...work, ...progress }),
    restore(saved) {
      if (saved === null) {
        work = { size: 0, vectors: new Float64Array(0), values: new Float64Array(0), beside: new Float64Array(0) }
        stage = 'done'
        return
      }
      const { stage: at, index: next, shift, largest, ...rest } = saved as unknown as SavedSolver
      const [vectors, values, beside] = [rest.vectors.slice(), rest.values.slice(), rest.beside.slice()]
      work = { size: rest.size, vectors, values, beside }
      progress = { shift, largest }
      ;[stage, index] = [at, next]
    },
  }
}

/** The whole decomposition at once. */
export function eigenbasisOf(matrix: Float64Array): Eigenbasis {
  const solver = createEigenSolver()
  solver.begin(matrix)
  solver.advance(Number.POSITIVE_INFINITY)
  return solver.result!
}

type Stage = 'reduce' | 'accumulate' | 'values' | 'done'

interface Work {
  readonly size: number
  /** [size, size] The matrix, then Householder's vectors, then the eigenvectors. */
  readonly vectors: Float64Array
  /** The diagonal, then the eigenvalues. */
  readonly values: Float64Array
  /** What stands beside the diagonal. */
  readonly beside: Float64Array
}

/** What was taken off the diagonal so far, and the largest that stood there. */
interface Progress {
  shift: number
  largest: number
}

type SavedSolver = Work & Progress & { readonly stage: Stage; readonly index: number }

/** A reflection that leaves of row i, left of the diagonal, one number. */
function reduce({ size, vectors: z, values: d, beside: e }: Work, i: number): number {
  const last = i - 1
  const row = i * size
  let scale = 0
  for (let k = 0; k <= last; k++) scale += Math.abs(z[row + k]!)
  if (last === 0 || scale === 0) {
    e[i] = z[row + last]!
    d[i] = 0
    return i
  }
  let h = 0
  for (let k = 0; k <= last; k++) {
    z[row + k]! /= scale
    h += z[row + k]! * z[row + k]!
  }
  const end = z[row + last]!
  const g = end >= 0 ? -Math.sqrt(h) : Math.sqrt(h)
  e[i] = scale * g
  h -= end * g
  z[row + last] = end - g
  // p = A u / h, of the lower triangle alone; then A <- A - u q^T - q u^T, q = p - u (u . p) / 2 h.
  e.fill(0, 0, i)
  for (let j = 0; j <= last; j++) {
    const other = j * size
    const u = z[row + j]!
    let sum = 0
    for (let k = 0; k < j; k++) {
      sum += z[other + k]! * z[row + k]!
      e[k]! += z[other + k]! * u
    }
    e[j]! += sum + z[other + j]! * u
  }
  let along = 0
  for (let j = 0; j <= last; j++) {
    e[j]! /= h
    along += e[j]! * z[row + j]!
  }
  const half = along / (h + h)
  for (let j = 0; j <= last; j++) {
    const other = j * size
    const u = z[row + j]!
    e[j]! -= half * u
    const q = e[j]!
    for (let k = 0; k <= j; k++) z[other + k]! -= u * e[k]! + q * z[row + k]!
  }
  d[i] = h
  return 2 * i * i
}

/** Row i's reflection into the product of those before it. */
function accumulate({ size, vectors: z, values: d }: Work, i: number): number {
  const row = i * size
  if (i > 0 && d[i] !== 0) {
    const sums = new Float64Array(i)
    for (let k = 0; k < i; k++) {
      const u = z[row + k]!
      for (let j = 0; j < i; j++) sums[j]! += u * z[k * size + j]!
    }
    for (let k = 0; k < i; k++) {
      const u = z[row + k]! / d[i]!
      for (let j = 0; j < i; j++) z[k * size + j]! -= sums[j]! * u
    }
  }
  d[i] = z[row + i]!
  z[row + i] = 1
  for (let j = 0; j < i; j++) {
    z[j * size + i] = 0
    z[row + j] = 0
  }
  return 2 * i * i
}

function transpose({ size, vectors: z }: Work): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const kept = z[i * size + j]!
      z[i * size + j] = z[j * size + i]!
      z[j * size + i] = kept
    }
  }
}

/** QL steps until nothing stands beside value l; rows of the vectors turn with them. */
function findValue({ size, vectors: v, values: d, beside: e }: Work, l: number, progress: Progress): number {
  progress.largest = Math.max(progress.largest, Math.abs(d[l]!) + Math.abs(e[l]!))
  const least = Number.EPSILON * progress.largest
  let end = l
  while (end < size - 1 && Math.abs(e[end]!) > least) end++
  let operations = size
  for (let steps = 0; end > l && Math.abs(e[l]!) > least; steps++) {
    if (steps === mostSteps) throw new Error(`eigenvalues: value ${l} of ${size} did not converge`)
    const first = d[l]!
    const p0 = (d[l + 1]! - first) / (2 * e[l]!)
    const r0 = p0 < 0 ? -Math.sqrt(p0 * p0 + 1) : Math.sqrt(p0 * p0 + 1)
    d[l] = e[l]! / (p0 + r0)
    d[l + 1] = e[l]! * (p0 + r0)
    const second = d[l + 1]!
    const less = first - d[l]!
    for (let i = l + 2; i < size; i++) d[i]! -= less
    progress.shift += less
    let p = d[end]!
    let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0]
    const besideSecond = e[l + 1]!
    for (let i = end - 1; i >= l; i--) {
      c3 = c2
      c2 = c
      s2 = s
      const g = c * e[i]!
      const h = c * p
      const r = Math.sqrt(p * p + e[i]! * e[i]!)
      e[i + 1] = s * r
      s = e[i]! / r
      c = p / r
      p = c * d[i]! - s * g
      d[i + 1] = h + s * (c * g + s * d[i]!)
      const one = i * size
      const other = one + size
      for (let k = 0; k < size; k++) {
        const below = v[other + k]!
        const above = v[one + k]!
        v[other + k] = s * above + c * below
        v[one + k] = c * above - s * below
      }
    }
    p = (-s * s2 * c3 * besideSecond * e[l]!) / second
    e[l] = s * p
    d[l] = c * p
    operations += 4 * (end - l) * size
  }
  d[l]! += progress.shift
  e[l] = 0
  return operations
}

/** Of one value; three or so are usual. */
const mostSteps = 100
