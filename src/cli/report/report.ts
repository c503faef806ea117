// marlstrom report: many runs compared on one page, with every plot as a file of its own.
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import pc from 'picocolors'
import { isMissing } from '../../errors.ts'
import { writeFileAtomic } from '../../experiment/atomic-file.ts'
import { ConfigError, FileError } from '../../index.ts'
import { packageFolder } from '../../installation/package-folder.ts'
import { loadRasteriser } from '../../picture/png.ts'
import { svgFile } from '../../report/figure.ts'
import { taskKey } from '../../report/groups.ts'
import type { BaselineReturns, LeftOut, MeasuredRun } from '../../report/measured-run.ts'
import { createReport, type Report } from '../../report/report.ts'
import { choiceOf, wholeNumber } from '../options/settings.ts'
import { print, printError } from '../terminal/print.ts'
import { type MeasureOptions, measureRun } from './measure-run.ts'

interface ReportOptions extends MeasureOptions {
  readonly out: string
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

async function reportCommand(paths: readonly string[], options: ReportOptions): Promise<void> {
  if (options.episodes < 1) throw new ConfigError('--episodes', 'expected at least 1, got 0')
  const twice = paths.find((path, index) => paths.findIndex(other => resolve(other) === resolve(path)) !== index)
  if (twice !== undefined) throw new ConfigError('run', `${twice} is named twice`)
  const plotFolder = prepare(options.out)
  const player = playerScript()
  const say = (words: string) => void (options.json ? null : print(words))

  const runs: MeasuredRun[] = []
  const leftOut: LeftOut[] = []
  const baselines = new Map<string, ReadonlyMap<string, BaselineReturns>>()
  for (const path of paths) {
    try {
      const { measured, baselines: found } = await measureRun(path, options, run => !baselines.has(taskKey(run)))
      runs.push(measured)
      if (found !== null) baselines.set(taskKey(measured), found)
    } catch (error) {
      // Anything else is no fault of the run.
      if (!(error instanceof ConfigError || error instanceof FileError)) throw error
      leftOut.push({ path, reason: reasonOf(path, error) })
      printError(`${pc.yellow('left out:')} ${path}: ${leftOut.at(-1)!.reason}`)
    }
  }
  if (runs.length === 0) throw new ConfigError('run', `none of ${paths.length} can be reported on`)
  const { mode, seed } = options
  const report = createReport({
    title: options.title ?? titleOf(runs),
    runs,
    leftOut,
    baselines,
    evaluation: { mode, seed },
    player,
  })
  writeFileAtomic(options.out, [Buffer.from(report.html)])
  const note = await writePlots(plotFolder, report)
  if (options.json) {
    const groups = report.groups.map(group => group.runs.map(({ path }) => path))
    const leftOut = report.leftOut.map(({ path, reason }) => ({ run: path, reason }))
    print(JSON.stringify({ event: 'report', file: options.out, plots: plotFolder, groups, leftOut, note }))
  }
  say(
    `${options.out}   ${(report.html.length / 1e6).toFixed(1)} MB, runs: ${runs.length}, groups: ${report.groups.length}`,
  )
  say(`${plotFolder}   plots: ${report.figures.length}`)
  if (note !== null) say(`${pc.yellow('note:')} ${note}`)
}

/** Every plot as SVG and, where that is possible, as PNG; a sentence where it is not. */
async function writePlots(folder: string, { figures }: Report): Promise<string | null> {
  const rasterise = await loadRasteriser()
  for (const figure of figures) {
    const svg = svgFile(figure)
    writeFileAtomic(join(folder, `${figure.name}.svg`), [Buffer.from(svg)])
    if (typeof rasterise !== 'string') writeFileAtomic(join(folder, `${figure.name}.png`), [rasterise(svg, 2).png()])
  }
  return typeof rasterise === 'string' ? rasterise : null
}

/** Makes the folders before minutes of work. @throws ConfigError when nothing can be written there */
function prepare(out: string): string {
  const plots = `${out.replace(/\.html?$/i, '')}-plots`
  try {
    mkdirSync(dirname(resolve(out)), { recursive: true })
    mkdirSync(plots, { recursive: true })
  } catch (error) {
    throw new ConfigError('--out', `${out} cannot be written (${(error as Error).message}); choose another file`)
  }
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory())
    throw new ConfigError('--out', `${out} is a folder; expected a file like ${join(out, 'report.html')}`)
  return plots
}

/** The script that plays replays, as the build made it. @throws FileError when it is missing */
function playerScript(): string {
  const file = join(packageFolder(), 'dist', 'report', 'player.js')
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const remedy = isMissing(error)
      ? 'is not built; run: npm run build:player'
      : `cannot be read: ${(error as Error).message}`
    throw new FileError(file, `the player of replays ${remedy}`)
  }
}

/** What is wrong with a run that is named already. */
function reasonOf(path: string, { message }: Error): string {
  const words = message.replace(/^run: /, '')
  return words.startsWith(path) ? words.slice(path.length).replace(/^[/:\s]+/, '') : words
}

function titleOf(runs: readonly MeasuredRun[]): string {
  const ids = [...new Set(runs.map(({ scenario }) => scenario.id.split(/[/\\]/).at(-1)!))]
  const methods = [...new Set(runs.map(({ who }) => who))]
  return `${methods.join(', ')} on ${ids.join(', ')}`
}
