// marlstrom report: many runs compared on one page, with every plot as a file of its own.
import type { Command } from 'commander'
import pc from 'picocolors'
import { writeReport } from '../../api/write-report.ts'
import { choiceOf, wholeNumber } from '../options/settings.ts'
import { print, printError, printNote } from '../terminal/print.ts'

interface ReportCommandOptions {
  readonly out: string
  readonly episodes: number
  readonly mode: 'sample' | 'greedy'
  readonly seed: number
  readonly title?: string
  readonly json?: boolean
}

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .argument('<runs...>', 'run folders')
    .option('--out <file>', 'the page; plots go into a folder beside it', 'report.html')
    .option('--episodes <n>', 'evaluation episodes of each run', wholeNumber, 200)
    .option('--mode <mode>', 'sample as in training, or greedy', choiceOf('sample', 'greedy'), 'sample')
    .option('--seed <n>', 'seed of the evaluation episodes', wholeNumber, 0)
    .option('--title <words>', 'the heading')
    .option('--json', 'one JSON object per line')
    .action(reportCommand)
}

async function reportCommand(paths: readonly string[], options: ReportCommandOptions): Promise<void> {
  const {
    report: made,
    runs,
    plots,
    note,
  } = await writeReport(paths, {
    ...options,
    note: printNote,
    leftOut: tellLeftOut,
  })
  if (options.json) {
    const groups = made.groups.map(group => group.runs.map(({ path }) => path))
    const leftOut = made.leftOut.map(({ path, reason }) => ({ run: path, reason }))
    return print(JSON.stringify({ event: 'report', file: options.out, plots, groups, leftOut, note }))
  }
  print(`${options.out}   ${(made.html.length / 1e6).toFixed(1)} MB, runs: ${runs}, groups: ${made.groups.length}`)
  print(`${plots}   plots: ${made.figures.length}`)
  if (note !== null) print(`${pc.yellow('note:')} ${note}`)
}

/** Of a run that cannot be reported on. */
export function tellLeftOut({ path, reason }: { readonly path: string; readonly reason: string }): void {
  printError(`${pc.yellow('left out:')} ${path}: ${reason}`)
}
