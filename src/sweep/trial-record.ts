// What became of a trial.

/** One seed of a trial. */
export interface SeedResult {
  readonly seed: number
  /** The folder of its run, below that of the sweep. */
  readonly run: string
  /** null: it failed. */
  readonly value: number | null
  /** Why it failed. */
  readonly reason?: string
  /** Seconds that this length of training took. */
  readonly seconds: number
}

/** A trial that was trained up to a rung. */
export interface TrialRecord {
  /** Counted from 0. */
  readonly trial: number
  /** First digits of the hash of its settings without the seed: trials of equal settings have the same. */
  readonly id: string
  readonly rung: number
  /** Training episodes of its runs. */
  readonly episodes: number
  /** By `section.key`. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly status: 'done' | 'failed'
  /** The objective over all seeds; null: a seed failed. */
  readonly value: number | null
  readonly seeds: readonly SeedResult[]
}
