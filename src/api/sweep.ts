// sweep: searches settings by many trainings, here, by workers, or on a cluster; what `marlstrom sweep` does.
import type { TrialRecord } from '../sweep/trial-record.ts'
import { carryOutSweep } from './carry-out-sweep.ts'
import type { SweepOptions } from './sweep-options.ts'

/** What a sweep found. */
export interface SweepResult {
  /** Its folder, with trials.csv and best.yaml. */
  readonly folder: string
  /** Best first. `interval`: of the objective over seeds (bootstrap, 95 %), NaN ends with one seed; null: it failed. */
  readonly standings: readonly {
    readonly record: TrialRecord
    readonly interval: { readonly value: number; readonly low: number; readonly high: number } | null
  }[]
}

/**
 * Carries out a sweep file (docs/sweeps.md), or the rest of it.
 * @example
 * const { folder, standings } = await sweep('spread.yaml', { jobs: 2 })
 * console.log(folder, standings[0].record.settings)
 * @throws ConfigError with the place in the file, or where the folder holds another sweep or is at work; Error `stopped` after `stop$`
 */
export function sweep(file: string, options: SweepOptions = {}): Promise<SweepResult> {
  return carryOutSweep(file, options, {})
}
