// Rows at which a network that sees the whole game sees the same: those of agents side by side in one step of one lane.
import type { Trajectory } from './trajectory.ts'

export interface DistinctRows {
  /** One of each, in the order in which they first come. */
  readonly rows: Uint32Array
  /** By the place of a row among those asked for, the place of its like among the distinct ones. */
  readonly places: Uint32Array
}

/** Only where all agents are there in all steps of their lanes, so that a row stands at one step of the game. */
export function distinctRows(
  { steps, lanes, sequences }: Pick<Trajectory, 'steps' | 'lanes' | 'sequences'>,
  asked: Uint32Array,
): DistinctRows {
  const found = new Int32Array(steps * lanes).fill(-1)
  const rows = new Uint32Array(asked.length)
  const places = new Uint32Array(asked.length)
  let count = 0
  for (let i = 0; i < asked.length; i++) {
    const row = asked[i]!
    // row = step * sequences + member * lanes + lane
    const moment = Math.floor(row / sequences) * lanes + (row % lanes)
    if (found[moment] === -1) {
      found[moment] = count
      rows[count++] = row
    }
    places[i] = found[moment]!
  }
  return { rows: rows.subarray(0, count), places }
}
