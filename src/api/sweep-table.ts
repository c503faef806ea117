// The trials of a sweep as a table.
import type { Table } from '../catalogue/tables.ts'
import { isKnown } from '../statistics/bootstrap.ts'
import type { TrialStanding } from '../sweep/standings.ts'
import type { TrialRecord } from '../sweep/trial-record.ts'
import { canonicalJson } from '../text/canonical-json.ts'

/** A row for each trial. */
export function tableOfTrials(standings: readonly TrialStanding[]): Table {
  const settings = Object.keys(standings[0]?.record.settings ?? {})
  const seeds = standings[0]?.record.seeds.map(({ seed }) => seed) ?? []
  const isNumber = (key: string) => standings.every(({ record }) => typeof record.settings[key] === 'number')
  return {
    columns: [
      { name: 'trial', type: 'count' },
      { name: 'id', type: 'text' },
      { name: 'status', type: 'text' },
      { name: 'episodes', type: 'count' },
      ...settings.map(name => ({ name, type: isNumber(name) ? ('number' as const) : ('text' as const) })),
      ...['value', 'low', 'high', ...seeds.map(seed => `seed ${seed}`), 'seconds'].map(name => ({
        name,
        type: 'number' as const,
      })),
      { name: 'reason', type: 'text' },
    ],
    rows: standings.map(({ record, interval }) => ({
      trial: record.trial,
      id: record.id,
      status: record.status,
      episodes: record.episodes,
      ...Object.fromEntries(
        settings.map(key => [key, isNumber(key) ? (record.settings[key] as number) : wordOf(record.settings[key])]),
      ),
      value: record.value,
      low: interval !== null && isKnown(interval) ? interval.low : null,
      high: interval !== null && isKnown(interval) ? interval.high : null,
      ...Object.fromEntries(record.seeds.map(({ seed, value }) => [`seed ${seed}`, value])),
      seconds: Number(record.seeds.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3)),
      reason: record.status === 'failed' ? reasonOf(record) : null,
    })),
  }
}

/** A setting as a word. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value)
}

/** Why a trial failed. */
export function reasonOf({ seeds }: TrialRecord): string {
  const failed = seeds.find(({ reason, value }) => reason !== undefined || value === null || !Number.isFinite(value))
  return failed?.reason ?? 'its objective is no number'
}
