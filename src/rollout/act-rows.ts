// Rows that are what agents did and no more: one for each of their own steps that a log still has, learnt from or not.
import type { RowPlaces, RowSource } from './row-places.ts'

/**
 * In games whose agents may be absent. A row has no outcome: where an agent waits, what came of its last step is still open, and rows that
 * are learnt from (own-rows.ts) leave it out, or were learnt from in an earlier round, while what others did meanwhile is told by it.
 */
export function actRows({ layout, log, games, lanes }: RowSource, members: readonly number[]): RowPlaces {
  const starts = members.flatMap(agent =>
    lanes.map(({ game, first, length }) =>
      Array.from({ length }, (_, i) => ((first + i) * games + game) * layout.columns).filter(
        start => log[start + layout.outcome[agent]! + 1] === 1,
      ),
    ),
  )
  const sequences = starts.length
  const steps = Math.max(0, ...starts.map(({ length }) => length))
  const places = new Int32Array(steps * sequences).fill(-1)
  const outcomes = {
    rewards: new Float32Array(places.length),
    present: new Uint8Array(places.length),
    terminated: new Uint8Array(places.length),
    truncated: new Uint8Array(places.length),
    restarted: new Uint8Array(places.length),
  }
  starts.forEach((own, sequence) => {
    const agent = members[Math.floor(sequence / lanes.length)]!
    own.forEach((start, step) => {
      const row = step * sequences + sequence
      places[row] = start
      outcomes.present[row] = 1
      outcomes.restarted[row] = log[start + layout.outcome[agent]! + 3]!
    })
  })
  return { steps, first: places, last: places, outcomes, ageOf: row => Math.floor(row / sequences) }
}
