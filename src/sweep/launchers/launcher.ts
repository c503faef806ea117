// Where the runs of a sweep are trained: in processes here, by workers elsewhere, by a cluster.
import type { JobResult } from '../../jobs/job-results.ts'
import type { TrainJob } from '../../jobs/train-job.ts'
import { createTrainPool } from '../../jobs/train-pool.ts'

export interface Launcher {
  /** Jobs that it wants to know of at a time; more would only wait. */
  readonly room: number
  /** Brings a run to its end somewhere. @throws JobError when it failed, StoppedError when the sweep was stopped */
  run(job: TrainJob, progress: (episodes: number) => void): Promise<JobResult>
  /** Ends the sweep for now; what is under way fails with a StoppedError. */
  stop(): void
  close(): Promise<void>
}

/** Processes on this machine. */
export function localLauncher(jobs: number): Launcher {
  const pool = createTrainPool(jobs, jobs)
  return { ...pool, room: 2 * jobs, close: async () => pool.close() }
}
