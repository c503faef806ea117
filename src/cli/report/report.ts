// marlstrom report: many runs compared on one page, with every plot as a file of its own.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import pc from 'picocolors'
import { ConfigError } from '../../index.ts'
import { choiceOf, wholeNumber } from '../options/settings.ts'
import { print } from '../terminal/print.ts'
import { type WrittenReportOptions, writeReport } from './write-report.ts'

interface ReportOptions extends WrittenReportOptions {
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

async function reportCommand(paths: readonly string[], options: ReportOptions): Promise<void> {
  if (options.episodes < 1) throw new ConfigError('--episodes', 'expected at least 1, got 0')
  const twice = paths.find((path, index) => paths.findIndex(other => resolve(other) === resolve(path)) !== index)
  if (twice !== undefined) throw new ConfigError('run', `${twice} is named twice`)
  const { report, runs, plots, note } = await writeReport(paths, options)
  if (options.json) {
    const groups = report.groups.map(group => group.runs.map(({ path }) => path))
    const leftOut = report.leftOut.map(({ path, reason }) => ({ run: path, reason }))
    return print(JSON.stringify({ event: 'report', file: options.out, plots, groups, leftOut, note }))
  }
  print(`${options.out}   ${(report.html.length / 1e6).toFixed(1)} MB, runs: ${runs}, groups: ${report.groups.length}`)
  print(`${plots}   plots: ${report.figures.length}`)
  if (note !== null) print(`${pc.yellow('note:')} ${note}`)
}
