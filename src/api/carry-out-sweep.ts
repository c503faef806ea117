// A sweep carried out, or the rest of it: planned, launched, recorded, with its table and best settings.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { take } from 'rxjs'
import type { Table } from '../catalogue/tables.ts'
import { type Launcher, localLauncher } from '../sweep/launchers/launcher.ts'
import { defaultQueue } from '../sweep/launchers/sweep-queue.ts'
import { standingsOf, type TrialStanding } from '../sweep/standings.ts'
import { openSweepFolder, sweepFolderName, writeBest } from '../sweep/sweep-folder.ts'
import { planSweep, type SweepPlan } from '../sweep/sweep-plan.ts'
import { runSweep } from '../sweep/sweep-run.ts'
import { expectCount } from './guards.ts'
import type { SweepOptions } from './sweep-options.ts'
import { tableOfTrials } from './sweep-table.ts'

/** What the command is told besides, to print it. */
export interface SweepHooks {
  begun?(plan: SweepPlan, folder: string): void
}

/** @throws as `sweep` */
export async function carryOutSweep(
  file: string,
  options: SweepOptions,
  hooks: SweepHooks,
): Promise<{ readonly folder: string; readonly standings: readonly TrialStanding[] }> {
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
  expectCount('--jobs', jobs)
  const most = sweep.lanes * sweep.seeds.length
  if (jobs > most)
    note(
      `${jobs} runs could be trained side by side, but decisions wait for results: at most ${most} are under way; lanes: ${Math.ceil(jobs / sweep.seeds.length)} in the file would use all`,
    )
  return localLauncher(Math.min(jobs, most))
}
