// The trials of a sweep, best first, each with its spread over seeds.

import { merit, type Objective, overSeeds } from '../jobs/objective.ts'
import { createRandom } from '../random.ts'
import { type Interval, interval } from '../statistics/bootstrap.ts'
import type { TrialRecord } from './trial-record.ts'

export interface TrialStanding {
  readonly record: TrialRecord
  /** The objective with its interval over seeds (bootstrap, 95 percent); NaN ends where there is one seed, null: it failed. */
  readonly interval: Interval | null
}

/** Every trial at the longest training that it reached: longer trained ones first, then better ones, failures last. */
export function standingsOf(records: readonly TrialRecord[], objective: Objective): TrialStanding[] {
  const furthest = new Map<number, TrialRecord>()
  for (const record of records) {
    const other = furthest.get(record.trial)
    if (other === undefined || record.rung > other.rung) furthest.set(record.trial, record)
  }
  const rank = (record: TrialRecord) => (record.status === 'done' ? record.rung : -1)
  return [...furthest.values()]
    .sort(
      (a, b) => rank(b) - rank(a) || compare(merit(objective, b.value), merit(objective, a.value)) || a.trial - b.trial,
    )
    .map(record => ({ record, interval: record.status === 'done' ? intervalOf(record, objective) : null }))
}

function intervalOf({ seeds, trial }: TrialRecord, objective: Objective): Interval {
  const values = seeds.map(({ value }) => value!)
  return interval([values], ([drawn]) => overSeeds(objective, drawn!), {
    random: createRandom(0, 'sweep', 'interval', trial),
  })
}

/** Also of infinities. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}
