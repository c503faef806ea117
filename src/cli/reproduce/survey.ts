// marlstrom reproduce survey: every system of the survey trained on one world for equally many steps, and a table of what each came to in how many seconds.
import { join } from 'node:path'
import pc from 'picocolors'
import { lastLine } from '../../catalogue/last-line.ts'
import { evaluate, evaluationOf } from '../../index.ts'
import { meanOf } from '../../reproduction/band.ts'
import { surveyLengths, surveyRuns, surveyScenario } from '../../reproduction/survey-runs.ts'
import { layer } from '../../run/config/config.ts'
import { type WantedRun, wantedRun } from '../../starting/kept-run.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import { describeCount } from '../../text/describe-count.ts'
import { print, printNote } from '../terminal/print.ts'
import { tableText } from '../terminal/print-table.ts'
import { createShow, type ManyRunsOptions } from './many-runs.ts'
import { trainMany } from './train-many.ts'

export interface SurveyOptions extends ManyRunsOptions {
  readonly quick?: boolean
  readonly episodes?: number
  readonly mode: 'sample' | 'greedy'
}

/** Environment steps of an episode. */
const episodeSteps = 25
/** Episodes of every evaluation; they are the same ones for every run. */
const evaluationEpisodes = 1000

/** Trains what is not trained yet, and prints a row for each system. @throws ConfigError where a folder holds another run */
export async function reproduceSurvey(options: SurveyOptions): Promise<void> {
  const { json = false, markdown = false, quick = false, mode } = options
  const usual = surveyLengths[quick ? 'quick' : 'full']
  const seeds = options.seeds ?? Array.from({ length: usual.seeds }, (_, i) => i + 1)
  const steps = options.episodes === undefined ? usual.steps : options.episodes * episodeSteps
  const out = options.out ?? (quick ? 'runs/reproduce-survey-quick' : 'runs/reproduce-survey')

  const runs = new Map<string, WantedRun>()
  for (const [name, { settings }] of Object.entries(surveyRuns)) {
    for (const seed of seeds) {
      // An evaluation of its own comes at the end.
      const run = { seed, steps, threads: 1, summaryEpisodes: 0 }
      const given = layer(settings(steps), { scenario: { id: surveyScenario }, run })
      runs.set(`${name}-s${seed}`, await wantedRun(out, `${name}-s${seed}`, given))
    }
  }
  await trainMany([...runs.values()], { jobs: options.jobs, show: createShow(json) })

  const rows: string[][] = []
  for (const [name, { system, form }] of Object.entries(surveyRuns)) {
    const measured: Measured[] = []
    for (const seed of seeds) measured.push(await measure(runs.get(`${name}-s${seed}`)!.folder, mode))
    if (json) print(JSON.stringify({ event: 'row', table: 'survey', system, form, steps, seeds, mode, measured }))
    const returns = measured.map(({ value }) => value)
    const each = returns.map(value => value.toFixed(1)).join(', ')
    rows.push([
      system,
      form,
      meanOf(returns).toFixed(1),
      ...(seeds.length > 1 ? [each] : []),
      meanOf(measured.map(({ seconds }) => seconds)).toFixed(0),
    ])
  }
  if (json) return
  const title = `Every system of the survey on ${surveyScenario}`
  const head = ['system', 'as', 'return', ...(seeds.length > 1 ? ['by seed'] : []), 'seconds']
  print(`\n${markdown ? `## ${title}` : pc.bold(title)}\n`)
  print(`${tableText(head, rows, 2, markdown)}\n`)
  print(
    `${describeCount(steps)} environment steps each, seed${seeds.length === 1 ? '' : 's'} ${seeds.join(', ')}, one thread, ${options.jobs} side by side. ` +
      `Return: per agent and episode, mean of ${describeCount(evaluationEpisodes)} evaluation episodes, mode ${mode}. Seconds: of training.`,
  )
}

interface Measured {
  /** Mean return of an agent. */
  readonly value: number
  readonly seconds: number
}

async function measure(folder: string, mode: SurveyOptions['mode']): Promise<Measured> {
  const { run } = await openTrainedRun(folder, printNote)
  try {
    const { returns } = evaluate(evaluationOf(run, 'trained', mode, evaluationEpisodes))
    const seconds = lastLine(join(folder, 'metrics.jsonl'))?.['time/seconds'] ?? Number.NaN
    return { value: meanOf(run.agents.map(({ id }) => returns[id]!.mean)), seconds }
  } finally {
    run.dispose()
  }
}
