// marlstrom sweep: searches settings by many trainings, here, by workers, or on a cluster; goes on where it was.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { writeCsv } from '../../catalogue/write-table.ts'
import { type Launcher, localLauncher } from '../../sweep/launchers/launcher.ts'
import { defaultQueue } from '../../sweep/launchers/sweep-queue.ts'
import { standingsOf } from '../../sweep/standings.ts'
import { openSweepFolder, type SweepFolder, sweepFolderName, writeBest } from '../../sweep/sweep-folder.ts'
import { planSweep, type SweepPlan } from '../../sweep/sweep-plan.ts'
import { runSweep } from '../../sweep/sweep-run.ts'
import { choiceOf, positiveNumber } from '../options/settings.ts'
import { createInterruption } from '../terminal/interruption.ts'
import { printError, printNote } from '../terminal/print.ts'
import { createSweepReporter, type SweepReporter } from './sweep-reporter.ts'
import { endText, tableOfTrials } from './sweep-text.ts'

interface SweepCommandOptions {
  readonly out?: string
  readonly jobs?: number
  readonly launcher: 'local' | 'bullmq' | 'slurm'
  readonly redis: string
  readonly queue: string
  readonly sbatch: readonly string[]
  readonly retry?: boolean
  readonly csv?: string
  readonly json?: boolean
}

export function addSweepCommand(program: Command): void {
  program
    .command('sweep')
    .argument('<file>', 'the sweep, YAML or JSON (see docs/sweeps.md)')
    .option('--out <folder>', 'folder of the sweep; default sweeps/<name>. One that was begun goes on')
    .option('--jobs <n>', 'runs trained side by side; default: as the file says, else one per core', positiveNumber)
    .option(
      '--launcher <where>',
      'local: processes here; bullmq: workers (marlstrom worker); slurm: job arrays. Both share the folder',
      choiceOf('local', 'bullmq', 'slurm'),
      'local',
    )
    .option('--redis <address>', 'of launcher bullmq: where the queue is', 'redis://127.0.0.1:6379')
    .option('--queue <name>', 'of launcher bullmq: name of the queue', defaultQueue)
    .option(
      '--sbatch <option>',
      'of launcher slurm: an option of sbatch, such as --sbatch=--partition=long; repeatable',
      (value, all: readonly string[]) => [...all, value],
      [],
    )
    .option('--retry', 'train what failed before once more')
    .option('--csv <file>', 'write the table of trials there too')
    .option('--json', 'one JSON object per line and nothing else on stdout')
    .action(sweepCommand)
}

async function sweepCommand(file: string, options: SweepCommandOptions): Promise<void> {
  const plan = await planSweep(file, printNote)
  const path = options.out ?? sweepFolderName(plan.sweep, file)
  let reporter: SweepReporter | undefined
  const note = (sentence: string) => (reporter === undefined ? printError(sentence) : reporter.note(sentence))
  const launcher = await launcherOf(plan, path, options, note)
  try {
    const folder = openSweepFolder(path, file, plan.sweep)
    reporter = createSweepReporter(options.json === true, plan, path)
    await carryOut(plan, folder, launcher, reporter, options).finally(folder.release)
  } finally {
    reporter?.close()
    await launcher.close()
  }
}

/** Searches until all is done, or until Ctrl-C. @throws StoppedError */
async function carryOut(
  plan: SweepPlan,
  folder: SweepFolder,
  launcher: Launcher,
  reporter: SweepReporter,
  { retry = false, csv }: SweepCommandOptions,
): Promise<void> {
  const { path } = folder
  const interruption = createInterruption(() => launcher.stop())
  interruption.listen()
  try {
    const records = await runSweep(plan, folder, { launcher, show: reporter.show, retry })
    const { objective } = plan.sweep
    const standings = standingsOf(records, objective)
    const table = tableOfTrials(standings)
    for (const file of [join(path, 'trials.csv'), ...(csv === undefined ? [] : [csv])]) writeCsv(file, table)
    const best = standings[0]
    if (best !== undefined && best.interval !== null) writeBest(path, plan.sweep, best.record)
    reporter.end(standings, endText(standings, objective, path))
    if (standings.some(({ record }) => record.status === 'failed')) process.exitCode = 1
  } finally {
    interruption.close()
  }
}

/** @throws ConfigError where it cannot launch anything */
async function launcherOf(
  { sweep }: SweepPlan,
  path: string,
  options: SweepCommandOptions,
  note: (sentence: string) => void,
): Promise<Launcher> {
  if (options.launcher === 'bullmq') {
    const { bullmqLauncher } = await import('../../sweep/launchers/sweep-bullmq.ts')
    return bullmqLauncher(options.redis, options.queue, path, note)
  }
  if (options.launcher === 'slurm') {
    const { slurmLauncher } = await import('../../sweep/launchers/sweep-slurm.ts')
    return slurmLauncher(path, { sbatch: options.sbatch, jobs: options.jobs ?? sweep.jobs })
  }
  const jobs = options.jobs ?? sweep.jobs ?? availableParallelism()
  const most = sweep.lanes * sweep.seeds.length
  if (jobs > most)
    note(
      `${jobs} runs could be trained side by side, but decisions wait for results: at most ${most} are under way; lanes: ${Math.ceil(jobs / sweep.seeds.length)} in the file would use all`,
    )
  return localLauncher(Math.min(jobs, most))
}
