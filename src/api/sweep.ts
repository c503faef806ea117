// sweep: searches settings by many trainings, here, by workers, or on a cluster; what `marlstrom sweep` does.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Observable, take } from 'rxjs'
import type { Table } from '../catalogue/tables.ts'
import { type Launcher, localLauncher } from '../sweep/launchers/launcher.ts'
import { defaultQueue } from '../sweep/launchers/sweep-queue.ts'
import { standingsOf, type TrialStanding } from '../sweep/standings.ts'
import { openSweepFolder, sweepFolderName, writeBest } from '../sweep/sweep-folder.ts'
import { planSweep, type SweepPlan } from '../sweep/sweep-plan.ts'
import { runSweep, type SweepEvent } from '../sweep/sweep-run.ts'
import { tableOfTrials } from './sweep-table.ts'

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
  readonly show?: ((event: SweepEvent) => void) | undefined
  /** Is told what a person should know, though nothing failed. */
  readonly note?: ((sentence: string) => void) | undefined
}

/** What a sweep found. */
export interface SweepResult {
  /** Its folder, with trials.csv and best.yaml. */
  readonly folder: string
  /** Best first. */
  readonly standings: readonly TrialStanding[]
}

/** What the command is told besides, to print it. */
export interface SweepHooks {
  begun?(plan: SweepPlan, folder: string): void
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

/** @throws as `sweep` */
export async function carryOutSweep(file: string, options: SweepOptions, hooks: SweepHooks): Promise<SweepResult> {
  const { show = () => {}, note = () => {}, retry = false, csv, stop$ } = options
  const plan = await planSweep(file, note)
  const path = options.out ?? sweepFolderName(plan.sweep, file)
  const launcher = await launcherOf(plan, path, options, note)
  try {
    const folder = openSweepFolder(path, file, plan.sweep)
    const stops = stop$?.pipe(take(1)).subscribe({ next: () => launcher.stop(), error() {} })
    try {
      hooks.begun?.(plan, path)
      const records = await runSweep(plan, folder, { launcher, show, retry })
      const standings = standingsOf(records, plan.sweep.objective)
      const { writeCsv } = await import('../catalogue/write-table.ts')
      const table: Table = tableOfTrials(standings)
      for (const to of [join(path, 'trials.csv'), ...(csv === undefined ? [] : [csv])]) writeCsv(to, table)
      const best = standings[0]
      if (best !== undefined && best.interval !== null) writeBest(path, plan.sweep, best.record)
      return { folder: path, standings }
    } finally {
      stops?.unsubscribe()
      folder.release()
    }
  } finally {
    await launcher.close()
  }
}

/** @throws ConfigError where it cannot launch anything */
async function launcherOf(
  { sweep }: SweepPlan,
  path: string,
  options: SweepOptions,
  note: (sentence: string) => void,
): Promise<Launcher> {
  if (options.launcher === 'bullmq') {
    const { redis = 'redis://127.0.0.1:6379', queue = defaultQueue } = options
    const { bullmqLauncher } = await import('../sweep/launchers/sweep-bullmq.ts')
    return bullmqLauncher(redis, queue, path, note)
  }
  if (options.launcher === 'slurm') {
    const { slurmLauncher } = await import('../sweep/launchers/sweep-slurm.ts')
    return slurmLauncher(path, { sbatch: options.sbatch ?? [], jobs: options.jobs ?? sweep.jobs })
  }
  const jobs = options.jobs ?? sweep.jobs ?? availableParallelism()
  const most = sweep.lanes * sweep.seeds.length
  if (jobs > most)
    note(
      `${jobs} runs could be trained side by side, but decisions wait for results: at most ${most} are under way; lanes: ${Math.ceil(jobs / sweep.seeds.length)} in the file would use all`,
    )
  return localLauncher(Math.min(jobs, most))
}
