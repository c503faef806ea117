// marlstrom verify: trains several seeds of a scenario and says whether their returns lie where the reference's lay.
import type { Command } from 'commander'
import pc from 'picocolors'
import { unknownName } from '../../errors.ts'
import { ConfigError, evaluate, evaluationOf, games } from '../../index.ts'
import {
  type Band,
  type Check,
  describeRange,
  judge,
  judgeUntrained,
  meanOf,
  type Points,
  type PublishedShare,
  type Verdict,
  verdictOf,
} from '../../reproduction/band.ts'
import { bandEpisodes, bands, untrained } from '../../reproduction/bands.ts'
import { episodesOf, resolveConfig } from '../../run/config/config.ts'
import { presets } from '../../run/config/presets.ts'
import { keptRun, type WantedRun, wantedRun } from '../../starting/kept-run.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import { wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'
import { tableText } from '../terminal/print-table.ts'
import { describeCount } from '../train/reporter.ts'
import { addManyRunsOptions, createShow, type ManyRunsOptions } from './many-runs.ts'
import { trainMany } from './train-many.ts'

interface VerifyOptions extends ManyRunsOptions {
  readonly preset: string
  readonly episodes?: number
  readonly out: string
  readonly evaluate?: boolean
}

export function addVerifyCommand(program: Command): void {
  addManyRunsOptions(program.command('verify'))
    .argument('<scenario>', "id of a scenario, or 'all'")
    .option('--preset <name>', 'named settings: the numbers to meet belong to them', 'openai')
    .option('--episodes <n>', 'training episodes of every run; default: those of the preset', wholeNumber)
    .option(
      '--out <folder>',
      'folder of the run folders <scenario>-s<seed>; finished runs in it are used',
      'runs/verify',
    )
    .option('--evaluate', 'show evaluation returns too, greedy and sample')
    .action(verifyCommand)
}

/** One scenario, by one preset. */
interface Case {
  readonly scenario: string
  /** null: no trained reference exists, runs are held against chance. */
  readonly band: Band | null
  readonly episodes: number
  readonly seeds: readonly number[]
  readonly runs: readonly WantedRun[]
}

async function verifyCommand(scenario: string, options: VerifyOptions): Promise<void> {
  const cases = await Promise.all(scenariosOf(scenario, options.preset).map(id => caseOf(id, options)))
  await trainMany(
    cases.flatMap(({ runs }) => runs),
    { jobs: options.jobs, show: createShow(options.json === true) },
  )
  const overview: string[][] = []
  const found: { verdict: Verdict }[] = []
  for (const each of cases) {
    const { points, checks } = await verify(each, options)
    const verdict = verdictOf(checks)
    overview.push(...overviewRows(each, points, verdict))
    found.push({ verdict })
  }
  const verdict = verdictOf(found)
  const passed = verdict === 'passed'
  if (options.json) print(JSON.stringify({ event: 'summary', preset: options.preset, passed, verdict }))
  else if (cases.length > 1) {
    const head = ['scenario', 'team', 'untrained', 'expected', 'mean', 'seeds', 'verdict']
    print(`\n${tableText(head, overview, 2, options.markdown === true)}\n\n${shown(verdict)} all scenarios`)
  }
  if (!passed) process.exitCode = 1
}

/** One line per team. */
function overviewRows({ scenario, band }: Case, points: Points, verdict: Verdict): string[][] {
  return Object.entries(points).map(([team, values]) => [
    scenario,
    team,
    String(untrained[scenario]![team]),
    expected(band, team),
    meanOf(values).toFixed(1),
    values.map(value => value.toFixed(1)).join(', '),
    { passed: 'pass', failed: 'fail', undecided: 'undecided' }[verdict],
  ])
}

/** What is shown, by what a band speaks of. */
const measures = { training: 'training return', evaluation: 'evaluation, greedy' } as const

/** What is demanded of a team, in few words. */
function expected(band: Band | null, team: string): string {
  if (band === null) return 'no reference'
  const { ranges, modes, seeds } = band
  return [
    ...(ranges[team] === undefined ? [] : [describeRange(ranges[team]!)]),
    ...(modes?.team === team ? [`${enoughOf(modes.enough, seeds)} above ${modes.above}`] : []),
  ].join('; ')
}

function enoughOf(enough: NonNullable<Band['modes']>['enough'], seeds: number): string {
  if ('atLeast' in enough) return `${enough.atLeast} of ${seeds}`
  const [{ successes, of }] = enough.published as [PublishedShare]
  return `not below ${successes} of ${of}`
}

/** @throws ConfigError for a scenario without any numbers to meet, and for an unknown preset. */
function scenariosOf(scenario: string, preset: string): string[] {
  if (!Object.hasOwn(presets, preset)) {
    throw new ConfigError('--preset', unknownName('preset', preset, Object.keys(presets)))
  }
  if (scenario === 'all') return Object.keys(preset === 'openai' ? untrained : (bands[preset] ?? untrained))
  if (Object.hasOwn(untrained, scenario)) return [scenario]
  const known = [...Object.keys(untrained), 'all']
  if (!Object.hasOwn(games, scenario)) throw new ConfigError('scenario', unknownName('scenario', scenario, known))
  throw new ConfigError('scenario', `there are no numbers to hold ${scenario} against; known: ${known.join(', ')}`)
}

async function caseOf(scenario: string, { preset, seeds: given, out, ...options }: VerifyOptions): Promise<Case> {
  const episodes = options.episodes ?? episodesOf(resolveConfig({ scenario: { id: scenario }, run: { preset } }))
  const band = bands[preset]?.[scenario] ?? null
  const seeds = given ?? Array.from({ length: band?.seeds ?? 3 }, (_, i) => i + 1)
  const runs = await Promise.all(
    seeds.map(seed =>
      wantedRun(out, `${scenario}-s${seed}`, {
        scenario: { id: scenario },
        run: { preset, seed, episodes, threads: 1 },
      }),
    ),
  )
  return { scenario, band, episodes, seeds, runs }
}

/** Measures the trained runs, prints what was found, returns it and how it was judged. */
async function verify(
  { scenario, band, episodes, seeds, runs }: Case,
  options: VerifyOptions,
): Promise<{ points: Points; checks: Check[] }> {
  const training = byTeam(scenario, await Promise.all(runs.map(trainingReturns)))
  const columns: Record<string, Points> = { [measures.training]: training }
  if (band?.measure === 'evaluation' || options.evaluate === true) {
    columns[measures.evaluation] = byTeam(scenario, await inTurn(runs, run => evaluationReturns(run, 'greedy')))
    columns['evaluation, sample'] = byTeam(scenario, await inTurn(runs, run => evaluationReturns(run, 'sample')))
  }
  const points = band?.measure === 'evaluation' ? columns[measures.evaluation]! : training
  const checks = band === null ? [judgeUntrained(untrained[scenario]!, points)] : judge(band, points, episodes)
  if (options.json) {
    const measured = Object.entries(columns).map(([measure, values]) => ({ measure, values }))
    const verdict = verdictOf(checks)
    const passed = verdict === 'passed'
    print(
      JSON.stringify({ event: 'verdict', scenario, preset: options.preset, seeds, measured, checks, passed, verdict }),
    )
  } else {
    printVerdict(scenario, band, seeds, columns, checks, { ...options, episodes })
  }
  return { points, checks }
}

function printVerdict(
  scenario: string,
  band: Band | null,
  seeds: readonly number[],
  columns: Readonly<Record<string, Points>>,
  checks: readonly Check[],
  { preset, episodes, markdown = false }: VerifyOptions & { readonly episodes: number },
): void {
  const cells = Object.entries(columns).flatMap(([measure, points]) =>
    Object.entries(points).map(([team, values]) => ({ title: `${team}, ${measure}`, measure, team, values })),
  )
  const row = (label: string, value: (cell: (typeof cells)[number]) => string) => [label, ...cells.map(value)]
  const judged = measures[band?.measure ?? 'training']
  const rows = [
    ...seeds.map((seed, i) => row(`seed ${seed}`, ({ values }) => values[i]!.toFixed(2))),
    row('mean', ({ values }) => meanOf(values).toFixed(2)),
    row('expected', ({ measure, team }) => (measure === judged ? expected(band, team) : '')),
    row('untrained', ({ measure, team }) => (measure === measures.training ? String(untrained[scenario]![team]) : '')),
  ]
  print(`\n${pc.bold(`${scenario}, preset ${preset}, ${describeCount(episodes)} episodes`)}`)
  print(`Return per agent and episode; of a team, the mean over its agents.\n`)
  print(`${tableText(['', ...cells.map(({ title }) => title)], rows, 1, markdown)}\n`)
  if (band === null) print('No band: no trained runs of the reference are published for this scenario.')
  if (preset === 'openai' && episodes !== bandEpisodes) {
    print(`The band speaks of ${describeCount(bandEpisodes)} episodes.`)
  }
  if (band !== null && seeds.length < band.seeds) print(`The rule speaks of ${band.seeds} seeds.`)
  const bullet = markdown ? '- ' : ''
  for (const { demand, got, verdict } of checks) print(`${bullet}${shown(verdict)} ${demand}: ${got}`)
  print(`${bullet}${shown(verdictOf(checks))} ${scenario}`)
}

function shown(verdict: Verdict): string {
  return { passed: pc.green('PASS'), failed: pc.red('FAIL'), undecided: pc.yellow('UNDECIDED') }[verdict]
}

/** Per run, by agent id. */
type Returns = Readonly<Record<string, number>>

async function trainingReturns(run: WantedRun): Promise<Returns> {
  const kept = await keptRun(run)
  if (kept.state !== 'finished') throw new Error(`${run.folder} has not been trained to its end`)
  return kept.returns
}

async function evaluationReturns({ folder }: WantedRun, mode: 'sample' | 'greedy'): Promise<Returns> {
  const { run } = await openTrainedRun(folder, printNote)
  const { returns } = evaluate(evaluationOf(run, 'trained', mode, 1000))
  run.dispose()
  return Object.fromEntries(Object.entries(returns).map(([id, { mean }]) => [id, mean]))
}

/** Teams in the order of their agents; of each, per run the mean over its agents. */
function byTeam(scenario: string, runs: readonly Returns[]): Points {
  const { agents } = games[scenario]!.create()
  const teams = [...new Set(agents.map(({ team }) => team))]
  const mean = (team: string, returns: Returns) =>
    meanOf(agents.filter(agent => agent.team === team).map(({ id }) => returns[id]!))
  return Object.fromEntries(teams.map(team => [team, runs.map(returns => mean(team, returns))]))
}

async function inTurn<T, R>(items: readonly T[], make: (item: T) => Promise<R>): Promise<R[]> {
  const made: R[] = []
  for (const item of items) made.push(await make(item))
  return made
}
