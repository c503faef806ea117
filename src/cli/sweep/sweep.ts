// marlstrom sweep: searches settings by many trainings, here, by workers, or on a cluster; goes on where it was.
import type { Command } from 'commander'
import { carryOutSweep } from '../../api/carry-out-sweep.ts'
import { defaultQueue } from '../../sweep/launchers/sweep-queue.ts'
import type { SweepPlan } from '../../sweep/sweep-plan.ts'
import { choiceOf, positiveNumber } from '../options/settings.ts'
import { createInterruption } from '../terminal/interruption.ts'
import { printNote } from '../terminal/print.ts'
import { createSweepReporter, type SweepReporter } from './sweep-reporter.ts'
import { endText } from './sweep-text.ts'

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
  let reporter: SweepReporter | undefined
  let plan: SweepPlan | undefined
  const interruption = createInterruption()
  const note = (sentence: string) => (reporter === undefined ? printNote(sentence) : reporter.note(sentence))
  const hooks = {
    begun(planned: SweepPlan, folder: string) {
      plan = planned
      reporter = createSweepReporter(options.json === true, planned, folder)
      interruption.listen()
    },
  }
  try {
    const { folder, standings } = await carryOutSweep(
      file,
      { ...options, stop$: interruption.asked$, show: event => reporter!.show(event), note },
      hooks,
    )
    reporter!.end(standings, endText(standings, plan!.sweep.objective, folder))
    if (standings.some(({ record }) => record.status === 'failed')) process.exitCode = 1
  } finally {
    interruption.close()
    reporter?.close()
  }
}
