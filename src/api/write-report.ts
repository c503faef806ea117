// Runs measured and written as one page, with every plot as a file of its own beside it.
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ConfigError, FileError, isMissing } from '../errors.ts'
import { writeFileAtomic } from '../experiment/atomic-file.ts'
import { packageFolder } from '../installation/package-folder.ts'
import { loadRasteriser } from '../picture/png.ts'
import { svgFile } from '../report/figure.ts'
import { taskKey } from '../report/groups.ts'
import type { BaselineReturns, LeftOut, MeasuredRun } from '../report/measured-run.ts'
import { createReport, type Report } from '../report/report.ts'
import { expectMeasured } from './guards.ts'
import { measureRun } from './measure-run.ts'
import type { ReportOptions } from './report-options.ts'

export interface WrittenReport {
  /** The page. */
  readonly file: string
  readonly report: Report
  /** How many runs are on it. */
  readonly runs: number
  /** The folder of the plots. */
  readonly plots: string
  /** Why there are no PNG files, in a sentence; null: there are. */
  readonly note: string | null
}

/** @throws ConfigError as `report` */
export async function writeReport(paths: readonly string[], options: ReportOptions = {}): Promise<WrittenReport> {
  const { out = 'report.html', episodes = 200, mode = 'sample', seed = 0, note = () => {} } = options
  expectMeasured({ episodes, mode, seed })
  const twice = paths.find((path, index) => paths.findIndex(other => resolve(other) === resolve(path)) !== index)
  if (twice !== undefined) throw new ConfigError('run', `${twice} is named twice`)
  const plotFolder = prepare(out)
  const player = playerScript()
  const measuring = { episodes, mode, seed, note }
  const runs: MeasuredRun[] = []
  const leftOut: LeftOut[] = []
  const baselines = new Map<string, ReadonlyMap<string, BaselineReturns>>()
  for (const path of paths) {
    try {
      const { measured, baselines: found } = await measureRun(path, measuring, run => !baselines.has(taskKey(run)))
      const who = options.names?.get(path)
      runs.push(who === undefined ? measured : { ...measured, who })
      if (found !== null) baselines.set(taskKey(measured), found)
    } catch (error) {
      // Anything else is no fault of the run.
      if (!(error instanceof ConfigError || error instanceof FileError)) throw error
      leftOut.push({ path, reason: reasonOf(path, error) })
      options.leftOut?.(leftOut.at(-1)!)
    }
  }
  if (runs.length === 0) throw new ConfigError('run', `none of ${paths.length} can be reported on`)
  const made = createReport({
    title: options.title ?? titleOf(runs),
    runs,
    leftOut,
    baselines,
    evaluation: { mode, seed },
    player,
  })
  writeFileAtomic(out, [Buffer.from(made.html)])
  return {
    file: out,
    report: made,
    runs: runs.length,
    plots: plotFolder,
    note: await writePlots(plotFolder, made),
  }
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
