// In which settings runs differ, and nothing else.
import type { KnownRun } from './run-summary.ts'

/** Keys of the settings that not all runs have alike, in the order in which configs name them. */
export function differingSettings(runs: readonly KnownRun[]): string[] {
  const keys = new Set(runs.flatMap(({ settings }) => [...settings.keys()]))
  return [...keys].filter(key => new Set(runs.map(({ settings }) => JSON.stringify(settings.get(key)))).size > 1)
}
