// Where what is seen next stands: mostly in the next row, so that it need not be judged twice.
import type { Trajectory } from './trajectory.ts'

/**
 * The rows after which something follows that stands in no row: at cuts, at the end of a rollout and, where agents may be absent, always,
 * as others may have come or gone meanwhile.
 */
export function rowsBeyond(trajectory: Trajectory, mayBeAbsent: boolean): Uint32Array {
  const { learnable, terminated } = trajectory
  return learnable.filter(row => terminated[row] === 0 && !standsNext(trajectory, row, mayBeAbsent))
}

/** Fills in what follows where it stands in the next row, from `values` [rows]; after a termination it stays as it is. */
export function fillNext(
  trajectory: Trajectory,
  mayBeAbsent: boolean,
  values: ArrayLike<number>,
  nextValues: Float64Array,
): void {
  const { learnable, terminated, sequences } = trajectory
  for (const row of learnable) {
    if (terminated[row] === 0 && standsNext(trajectory, row, mayBeAbsent)) nextValues[row] = values[row + sequences]!
  }
}

/** Within an episode what is seen next is what is seen in the next row. */
function standsNext(
  { sequences, present, truncated, restarted }: Trajectory,
  row: number,
  mayBeAbsent: boolean,
): boolean {
  return !mayBeAbsent && truncated[row] === 0 && present[row + sequences] === 1 && restarted[row + sequences] === 0
}
