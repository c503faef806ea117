// How a sweep is carried out.
import type { Observable } from 'rxjs'
import type { TrialRecord } from '../sweep/trial-record.ts'

/** What comes while it is carried out. */
export type SweepNews =
  /** kept: it was recorded by an earlier process. */
  | { readonly type: 'trial'; readonly record: TrialRecord; readonly kept: boolean }
  /** Runs under way; `of`: episodes when each is done. */
  | {
      readonly type: 'progress'
      readonly running: readonly {
        readonly trial: number
        readonly seed: number
        readonly episodes: number
        readonly of: number
      }[]
    }

/** The names are those of the options of `marlstrom sweep`. */
export interface SweepOptions {
  /** Folder of the sweep; one that was begun goes on. Absent: `sweeps/<name>`. */
  readonly out?: string | undefined
  /** Runs trained side by side; absent: as the file says, else one per core. */
  readonly jobs?: number | undefined
  /** local (absent): processes here; bullmq: workers; slurm: job arrays. Both share the folder. */
  readonly launcher?: 'local' | 'bullmq' | 'slurm' | undefined
  /** Of bullmq: where the queue is; absent: redis://127.0.0.1:6379. */
  readonly redis?: string | undefined
  /** Of bullmq: name of the queue. */
  readonly queue?: string | undefined
  /** Of slurm: options of sbatch. */
  readonly sbatch?: readonly string[] | undefined
  /** Trains what failed before once more. */
  readonly retry?: boolean | undefined
  /** Writes the table of trials there too. */
  readonly csv?: string | undefined
  /** Ends it for now: checkpoints are written, and the same call goes on from there. */
  readonly stop$?: Observable<unknown> | undefined
  /** Is told of every trial that is done, and of runs under way. */
  readonly show?: ((event: SweepNews) => void) | undefined
  /** Is told what a person should know, though nothing failed. */
  readonly note?: ((sentence: string) => void) | undefined
}
