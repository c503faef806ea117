// Rows of a trajectory that are learnt from at once.
import type { Matrix } from '../types.ts'
import type { Trajectory } from './trajectory.ts'

export interface Rows {
  readonly trajectory: Trajectory
  /** Which rows of the trajectory; of whole sequences step by step: step * sequences + sequence, among those chosen. */
  readonly indices: Uint32Array
  /** The sequences, where the rows are whole ones; null: rows by themselves, in all of which the agent was there. */
  readonly sequences: Uint32Array | null
  /** What means are divided by, at least 1: the rows in which the agent was there; of a slice of a minibatch those of all of it. */
  readonly count: number
  /** Their numbers out of those of all rows of the trajectory; 0 where the agent was absent. Its own until the next call. */
  of(values: ArrayLike<number>): Float64Array
}

/** What minibatches are drawn from: learnable rows, or whole sequences for networks that remember. */
export function unitsOf(trajectory: Trajectory, inSequences: boolean): Uint32Array {
  return inSequences ? trajectory.learnableSequences : trajectory.learnable
}

/** The rows of some units, given by their place among all. `whole`: those that they are a slice of. */
export function rowsOf(trajectory: Trajectory, places: Uint32Array, inSequences: boolean, whole?: Rows): Rows {
  const units = unitsOf(trajectory, inSequences)
  const chosen = new Uint32Array(places.length)
  for (let i = 0; i < chosen.length; i++) chosen[i] = units[places[i]!]!
  const indices = inSequences ? wholeSequences(trajectory, chosen) : chosen
  const { present } = trajectory
  let count = whole?.count ?? 0
  if (whole === undefined) for (const row of indices) count += present[row]!
  return {
    trajectory,
    indices,
    sequences: inSequences ? chosen : null,
    count,
    of(values) {
      const own = new Float64Array(indices.length)
      for (let i = 0; i < own.length; i++) own[i] = present[indices[i]!] === 1 ? values[indices[i]!]! : 0
      return own
    },
  }
}

/** [rows, columns] The blocks of some rows, out of the blocks of so many numbers of all rows of the trajectory. */
export function blockOf({ indices }: Pick<Rows, 'indices'>, values: ArrayLike<number>, columns: number): Matrix {
  const data = new Float32Array(indices.length * columns)
  indices.forEach((row, i) => {
    for (let c = 0; c < columns; c++) data[i * columns + c] = values[row * columns + c]!
  })
  return { rows: indices.length, columns, data }
}

function wholeSequences({ steps, sequences }: Trajectory, chosen: Uint32Array): Uint32Array {
  const rows = new Uint32Array(steps * chosen.length)
  for (let step = 0, i = 0; step < steps; step++) {
    for (const sequence of chosen) rows[i++] = step * sequences + sequence
  }
  return rows
}
