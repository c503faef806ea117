// The rows of a trajectory whose agents are there from the first step on: each is one step of a lane.
import type { RowPlaces, RowSource } from './row-places.ts'

/** Rows behind the end of a lane stand nowhere. */
export function laneRows({ layout, games, lanes, log }: RowSource, members: readonly number[]): RowPlaces {
  const steps = lanes.reduce((longest, { length }) => Math.max(longest, length), 0)
  const sequences = members.length * lanes.length
  const rows = steps * sequences
  const starts = new Int32Array(rows).fill(-1)
  const outcomes = {
    rewards: new Float32Array(rows),
    present: new Uint8Array(rows),
    terminated: new Uint8Array(rows),
    truncated: new Uint8Array(rows),
    restarted: new Uint8Array(rows),
  }
  for (let step = 0, row = 0; step < steps; step++) {
    for (const member of members) {
      for (let lane = 0; lane < lanes.length; lane++, row++) {
        const { game, first, length } = lanes[lane]!
        if (step >= length) continue
        const start = ((first + step) * games + game) * layout.columns
        starts[row] = start
        const at = start + layout.outcome[member]!
        outcomes.rewards[row] = log[at]!
        outcomes.present[row] = log[at + 1]!
        outcomes.terminated[row] = log[at + 2]!
        outcomes.restarted[row] = log[at + 3]!
        outcomes.truncated[row] = log[start + layout.truncated]!
      }
    }
  }
  return { steps, first: starts, last: starts, outcomes, ageOf: row => Math.floor(row / sequences) }
}
