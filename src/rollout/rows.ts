// Rows of a trajectory that are learnt from at once.
import type { Matrix } from '../types.ts'
import type { Trajectory } from './trajectory.ts'

/** Rows of a trajectory that are learnt from at once: a minibatch, or a slice of one. */
export interface Rows {
  readonly trajectory: Trajectory
  /** Which rows of the trajectory; of whole sequences step by step: step * sequences + sequence, among those chosen. */
  readonly indices: Uint32Array
  /** The first row of each sequence or chunk, where the rows are such; null: rows by themselves, in all of which the agent was there. */
  readonly sequences: Uint32Array | null
  /** Copies what actors carried into the first step of each sequence or chunk. */
  copyMemory(to: Matrix): void
  /** What means are divided by, at least 1: the rows in which the agent was there; of a slice of a minibatch those of all of it. */
  readonly count: number
  /** Their numbers out of those of all rows of the trajectory; 0 where the agent was absent. Its own until the next call. */
  of(values: ArrayLike<number>): Float64Array
}

/** How rows are learnt from: by themselves (false), in whole sequences (true), or in chunks of so many steps. */
export type Grouping = boolean | number

/** What minibatches are drawn from: learnable rows, or the first rows of sequences or chunks for networks that remember. */
export function unitsOf(trajectory: Trajectory, grouping: Grouping): Uint32Array {
  if (grouping === false) return trajectory.learnable
  if (grouping === true) return trajectory.learnableSequences
  const { sequences, present, learnableSequences } = trajectory
  const starts: number[] = []
  for (let first = 0; first < trajectory.rows; first += grouping * sequences) {
    for (const sequence of learnableSequences) {
      let step = 0
      while (step < grouping && present[first + step * sequences + sequence] !== 1) step++
      if (step < grouping) starts.push(first + sequence)
    }
  }
  return Uint32Array.from(starts)
}

/** Places of every n-th unit: of each sequence every n-th step, of sequences as a whole every n-th; of all where so few are none. */
export function everyNth(trajectory: Trajectory, grouping: Grouping, n: number): Uint32Array {
  const units = unitsOf(trajectory, grouping)
  const all = new Uint32Array(units.length)
  for (let place = 0; place < all.length; place++) all[place] = place
  if (n === 1) return all
  const { sequences } = trajectory
  const each = stepsOf(trajectory, grouping)
  const some = all.filter(place => {
    const [step, sequence] = [Math.floor(units[place]! / sequences), units[place]! % sequences]
    return (sequence + step / each) % n === 0
  })
  return some.length > 0 ? some : all
}

/** Steps of one unit. */
export function stepsOf({ steps }: Trajectory, grouping: Grouping): number {
  if (typeof grouping === 'number') return grouping
  return grouping ? steps : 1
}

/** The rows of some units, given by their place among all. `whole`: those that they are a slice of. */
export function rowsOf(trajectory: Trajectory, places: Uint32Array, grouping: Grouping, whole?: Rows): Rows {
  const units = unitsOf(trajectory, grouping)
  const chosen = new Uint32Array(places.length)
  for (let i = 0; i < chosen.length; i++) chosen[i] = units[places[i]!]!
  const indices = grouping === false ? chosen : stepByStep(trajectory, chosen, stepsOf(trajectory, grouping))
  const { present } = trajectory
  const count = whole?.count ?? presentIn({ trajectory, indices })
  return {
    trajectory,
    indices,
    sequences: grouping === false ? null : chosen,
    copyMemory(to) {
      if (typeof grouping === 'number') trajectory.copy('memory', chosen, to)
      else trajectory.copyCarried('memory', chosen, to)
    },
    count,
    of(values) {
      const own = new Float64Array(indices.length)
      for (let i = 0; i < own.length; i++) own[i] = present[indices[i]!] === 1 ? values[indices[i]!]! : 0
      return own
    },
  }
}

/** Rows in which the agent was there. */
export function presentIn({ trajectory: { present }, indices }: Pick<Rows, 'trajectory' | 'indices'>): number {
  let count = 0
  for (const row of indices) count += present[row]!
  return count
}

/** Those of some rows in which the agent was there. */
export function rowsPresent({ trajectory: { present }, indices, sequences }: Rows): Uint32Array {
  return sequences === null ? indices : indices.filter(row => present[row] === 1)
}

/** Those of some rows that are in a part of their trajectory, of which `whole` has so many; of sequences all of them, as present as they are there. */
export function rowsIn(part: Trajectory, { indices, sequences, copyMemory }: Rows, whole: Rows): Rows {
  const own = sequences === null ? indices.filter(row => part.present[row] === 1) : indices
  return {
    trajectory: part,
    indices: own,
    sequences,
    copyMemory,
    count: presentIn({ trajectory: part, indices: whole.indices }),
    of: values => Float64Array.from(own, row => (part.present[row] === 1 ? values[row]! : 0)),
  }
}

/**
 * [rows, columns] The blocks of some rows, out of the blocks of so many numbers of all rows of the trajectory.
 * @example
 * ```ts
 * import { blockOf } from 'marlstrom'
 *
 * const numbers = [1, 2, 3, 4, 5, 6] // [3 rows, 2 columns]
 * console.log([...blockOf({ indices: Uint32Array.of(2, 0) }, numbers, 2).data]) // [ 5, 6, 1, 2 ]
 * ```
 */
export function blockOf({ indices }: Pick<Rows, 'indices'>, values: ArrayLike<number>, columns: number): Matrix {
  const data = new Float32Array(indices.length * columns)
  indices.forEach((row, i) => {
    for (let c = 0; c < columns; c++) data[i * columns + c] = values[row * columns + c]!
  })
  return { rows: indices.length, columns, data }
}

function stepByStep({ sequences }: Trajectory, chosen: Uint32Array, steps: number): Uint32Array {
  const rows = new Uint32Array(steps * chosen.length)
  for (let step = 0, i = 0; step < steps; step++) {
    for (const first of chosen) rows[i++] = step * sequences + first
  }
  return rows
}
