// marlstrom reproduce: trains the runs behind the tables of the paper and prints ours beside the paper's.
import { type Command, Option } from 'commander'
import pc from 'picocolors'
import { unknownName } from '../../errors.ts'
import { ConfigError, type Evaluation, evaluate, evaluationOf, type Run, trainedPolicies } from '../../index.ts'
import { meanOf } from '../../reproduction/band.ts'
import { paperEpisodes, paperRuns, paperSeeds } from '../../reproduction/paper-runs.ts'
import {
  episodeSteps,
  type PaperColumn,
  type PaperRow,
  type PaperTable,
  paperTables,
  runsOf,
} from '../../reproduction/paper-tables.ts'
import { surveyLengths } from '../../reproduction/survey-runs.ts'
import { layer } from '../../run/config/config.ts'
import { presets } from '../../run/config/presets.ts'
import { type WantedRun, wantedRun } from '../../starting/kept-run.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import { describeCount } from '../../text/describe-count.ts'
import { choiceOf, wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'
import { tableText } from '../terminal/print-table.ts'
import { addManyRunsOptions, createShow, type ManyRunsOptions } from './many-runs.ts'
import { reproduceSurvey, type SurveyOptions } from './survey.ts'
import { trainMany } from './train-many.ts'

interface ReproduceOptions extends ManyRunsOptions {
  readonly preset: string
  readonly quick?: boolean
  readonly episodes?: number
  readonly mode: 'sample' | 'greedy'
}

export function addReproduceCommand(program: Command): void {
  addManyRunsOptions(program.command('reproduce'))
    .argument(
      '[table...]',
      `which tables; default: all of ${Object.keys(paperTables).join(', ')}; survey, by itself: every system of the survey on one world`,
    )
    .option('--preset <name>', 'named settings below what the tables say', 'openai')
    .addOption(
      new Option(
        '--quick',
        `a look in minutes: ${paperEpisodes.quick} episodes, one seed; of survey ${surveyLengths.quick.steps / 1000} k steps`,
      ).conflicts('full'),
    )
    .option(
      '--full',
      `as in the paper (the default): ${paperEpisodes.full} episodes, ${paperSeeds.full} seeds; of survey ${surveyLengths.full.steps / 1e6} M steps`,
    )
    .option('--episodes <n>', 'training episodes of every run', wholeNumber)
    .option(
      '--mode <mode>',
      'evaluate with actions sampled as in training, or greedy',
      choiceOf('sample', 'greedy'),
      'sample',
    )
    .option(
      '--out <folder>',
      'folder of the run folders, finished runs in it are used; default runs/reproduce, with --quick runs/reproduce-quick',
    )
    .action(reproduceCommand)
}

/** Episodes of every evaluation; they are the same ones for every run. */
const evaluationEpisodes = 1000

async function reproduceCommand(ids: readonly string[], options: ReproduceOptions): Promise<void> {
  if (ids.includes('survey')) return reproduceSurvey(surveyOptions(ids, options))
  const { preset, json = false, quick = false } = options
  if (!Object.hasOwn(presets, preset)) {
    throw new ConfigError('--preset', unknownName('preset', preset, Object.keys(presets)))
  }
  const size = quick ? 'quick' : 'full'
  const tables = tablesOf(ids)
  const seeds = options.seeds ?? Array.from({ length: paperSeeds[size] }, (_, i) => i + 1)
  const episodes = options.episodes ?? paperEpisodes[size]
  const out = options.out ?? (quick ? 'runs/reproduce-quick' : 'runs/reproduce')

  const runs = new Map<string, WantedRun>()
  for (const name of new Set(tables.flatMap(runsOf))) {
    for (const seed of seeds) {
      const given = layer(paperRuns[name]!, { run: { preset, seed, episodes, threads: 1 } })
      runs.set(`${name}-s${seed}`, await wantedRun(out, `${name}-s${seed}`, given))
    }
  }
  await trainMany([...runs.values()], { jobs: options.jobs, show: createShow(json) })

  const folder = (name: string, seed: number) => runs.get(`${name}-s${seed}`)!.folder
  for (const table of tables) {
    const measured: number[][][] = [] // [rows][columns][seeds]
    for (const row of table.rows) measured.push(await measureRow(table, row, seeds, folder, options.mode))
    if (json) printJson(table, measured, seeds, episodes, options)
    else printTable(table, measured, seeds, episodes, options)
  }
}

/** @throws ConfigError where another table, or a preset, is asked for beside it */
function surveyOptions(ids: readonly string[], options: ReproduceOptions): SurveyOptions {
  const other = ids.find(id => id !== 'survey')
  if (other !== undefined) {
    throw new ConfigError('table', `expected survey by itself, got '${other}' beside it; ask for one after the other`)
  }
  if (options.preset !== 'openai') {
    throw new ConfigError(
      '--preset',
      `expected none with survey, whose systems have settings of their own, got '${options.preset}'`,
    )
  }
  return options
}

/** @throws ConfigError for a table that does not exist. */
function tablesOf(ids: readonly string[]): PaperTable[] {
  const known = Object.keys(paperTables)
  const unknown = ids.find(id => !known.includes(id))
  if (unknown !== undefined) throw new ConfigError('table', unknownName('table', unknown, [...known, 'survey']))
  return (ids.length > 0 ? [...new Set(ids)] : known).map(id => paperTables[id]!)
}

/** [columns][seeds] */
async function measureRow(
  table: PaperTable,
  row: PaperRow,
  seeds: readonly number[],
  folder: (name: string, seed: number) => string,
  mode: 'sample' | 'greedy',
): Promise<number[][]> {
  const bySeed: number[][] = [] // [seeds][columns]
  for (const seed of seeds) {
    const opened = new Map<string, Run>()
    try {
      for (const name of runsOf({ ...table, rows: [row] })) {
        opened.set(name, (await openTrainedRun(folder(name, seed), printNote)).run)
      }
      const { run, evaluation } = play(row, opened, mode)
      bySeed.push(table.columns.map(column => measuredValue(column, run, evaluation)))
    } finally {
      for (const run of opened.values()) run.dispose()
    }
  }
  return table.columns.map((_, column) => bySeed.map(values => values[column]!))
}

/** The row's players, each with the actors of the run it names, in the same episodes for every row. */
function play(
  { players }: PaperRow,
  opened: ReadonlyMap<string, Run>,
  mode: 'sample' | 'greedy',
): { run: Run; evaluation: Evaluation } {
  const first = opened.values().next().value!
  const request = evaluationOf(first, 'trained', mode, evaluationEpisodes)
  if (typeof players === 'string') return { run: first, evaluation: evaluate(request) }
  const evaluation = evaluate({
    ...request,
    policies({ games }) {
      const byRun = new Map([...opened].map(([name, run]) => [name, trainedPolicies(run, 'evaluation/0', games)]))
      return first.agents.map(({ team }, i) => byRun.get(players[team]!)![i]!)
    },
  })
  return { run: first, evaluation }
}

function measuredValue({ figure, over, times = 1 }: PaperColumn, { agents }: Run, evaluation: Evaluation): number {
  const team = /^return\/(.*)$/.exec(figure)?.[1]
  if (team !== undefined) {
    return meanOf(agents.filter(agent => agent.team === team).map(({ id }) => evaluation.returns[id]!.mean))
  }
  if (over === 'last') return times * evaluation.finalMetrics[figure]!.mean
  return times * evaluation.metrics[figure]!.mean * (over === 'sum' ? episodeSteps : 1)
}

function printTable(
  { title, sides, columns, rows }: PaperTable,
  measured: readonly (readonly (readonly number[])[])[],
  seeds: readonly number[],
  episodes: number,
  { mode, markdown = false, preset }: ReproduceOptions,
): void {
  const ours = (column: PaperColumn, values: readonly number[]) => {
    const text = (value: number) => value.toFixed(column.digits)
    const spread = `${text(Math.min(...values))} ... ${text(Math.max(...values))}`
    return values.length === 1 ? text(values[0]!) : `${text(meanOf(values))} (${spread})`
  }
  const inPaper = columns.map((_, i) => rows.some(({ paper }) => typeof paper?.[i] === 'number'))
  const head = [...sides, ...columns.flatMap(({ title }, i) => (inPaper[i] ? [title, `paper: ${title}`] : [title]))]
  const body = rows.map(({ sides, paper }, r) => [
    ...sides,
    ...columns.flatMap((column, c) => {
      const cell = ours(column, measured[r]![c]!)
      return inPaper[c] ? [cell, String(paper?.[c] ?? '')] : [cell]
    }),
  ])
  const bullet = markdown ? '- ' : '  '
  print(`\n${markdown ? `## ${title}` : pc.bold(title)}\n`)
  print(`${tableText(head, body, sides.length, markdown)}\n`)
  print(
    `Preset ${preset}, ${describeCount(episodes)} training episodes, seeds ${seeds.join(', ')}: mean over the seeds (least ... most). ` +
      `Each seed: ${describeCount(evaluationEpisodes)} evaluation episodes, mode ${mode}.`,
  )
  if (inPaper.includes(true)) print("The paper's figures are quoted from memory and unverified.")
  for (const { title, meaning } of columns) print(`${bullet}${title}: ${meaning}.`)
}

function printJson(
  { id, columns, rows }: PaperTable,
  measured: readonly (readonly (readonly number[])[])[],
  seeds: readonly number[],
  episodes: number,
  { mode, preset }: ReproduceOptions,
): void {
  rows.forEach(({ sides, paper }, r) => {
    const figures = columns.map(({ title, meaning }, c) => {
      const values = measured[r]![c]!
      return { name: title, meaning, mean: meanOf(values), values, paper: paper?.[c] ?? null }
    })
    print(JSON.stringify({ event: 'row', table: id, row: sides, preset, episodes, seeds, mode, figures }))
  })
}
