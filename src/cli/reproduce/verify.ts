// marlstrom verify: trains several seeds of a scenario and says whether their returns lie where the reference's lay.
import type { Command } from 'commander'
import pc from 'picocolors'
import { unknownName } from '../../errors.ts'
import { ConfigError, evaluate, evaluationOf, games } from '../../index.ts'
import { type Check, meanOf, type Points, type Verdict, verdictOf } from '../../reproduction/band.ts'
import { untrained } from '../../reproduction/bands.ts'
import { type Reference, referenceOf } from '../../reproduction/reference.ts'
import { episodesOf, resolveConfig } from '../../run/config/config.ts'
import { presets } from '../../run/config/presets.ts'
import { keptRun, type WantedRun, wantedRun } from '../../starting/kept-run.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import { describeCount } from '../../text/describe-count.ts'
import { wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'
import { tableText } from '../terminal/print-table.ts'
import { addManyRunsOptions, createShow, type ManyRunsOptions } from './many-runs.ts'
import { trainMany } from './train-many.ts'

interface VerifyOptions extends ManyRunsOptions {
  readonly preset: string
  readonly algorithm?: string
  readonly episodes?: number
  readonly out: string
  readonly evaluate?: boolean
}

export function addVerifyCommand(program: Command): void {
  addManyRunsOptions(program.command('verify'))
    .argument('<scenario>', "id of a scenario, or 'all'")
    .option('--preset <name>', 'named settings: the numbers to meet belong to them', 'openai')
    .option('--algorithm <id>', 'how agents learn; default: that of the preset')
    .option(
      '--episodes <n>',
      'training episodes of every run; default: those of the numbers, or the preset',
      wholeNumber,
    )
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
  readonly reference: Reference
  readonly episodes: number
  readonly seeds: readonly number[]
  readonly runs: readonly WantedRun[]
}

async function verifyCommand(scenario: string, options: VerifyOptions): Promise<void> {
  const all = await Promise.all(scenariosOf(scenario, options.preset).map(id => caseOf(id, options)))
  // Where there are numbers for some scenarios, those are all that is verified; of preset openai the others too.
  const known = all.filter(({ reference }) => reference.kind !== 'chance')
  const isUsual = options.preset === 'openai' && known.every(({ reference }) => reference.kind === 'band')
  const cases = isUsual || known.length === 0 ? all : known
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

/** One line per team or figure. */
function overviewRows({ scenario, reference }: Case, points: Points, verdict: Verdict): string[][] {
  return Object.entries(points).map(([of, values]) => [
    scenario,
    of,
    String(untrained[scenario]![of] ?? ''),
    reference.expected(of),
    shortly(of, reference.mean(of, values)),
    values.map(value => shortly(of, value)).join(', '),
    { passed: 'pass', failed: 'fail', undecided: 'undecided' }[verdict],
  ])
}

/** Returns by a digit; distances by two. */
function shortly(of: string, value: number): string {
  return inWords(value, of === 'meanDistance' ? 2 : 1)
}

/** `none`: of no seed, as all of them got stuck. */
function inWords(mean: number, digits: number): string {
  return Number.isNaN(mean) ? 'none' : mean.toFixed(digits)
}

/** What is shown, by what a reference speaks of. */
const measures = { training: 'training return', evaluation: 'evaluation, greedy' } as const

/** @throws ConfigError for a scenario without any numbers to meet, and for an unknown preset. */
function scenariosOf(scenario: string, preset: string): string[] {
  if (!Object.hasOwn(presets, preset)) {
    throw new ConfigError('--preset', unknownName('preset', preset, Object.keys(presets)))
  }
  if (scenario === 'all') return Object.keys(untrained)
  if (Object.hasOwn(untrained, scenario)) return [scenario]
  const known = [...Object.keys(untrained), 'all']
  if (!Object.hasOwn(games, scenario)) throw new ConfigError('scenario', unknownName('scenario', scenario, known))
  throw new ConfigError('scenario', `there are no numbers to hold ${scenario} against; known: ${known.join(', ')}`)
}

async function caseOf(scenario: string, { preset, seeds: given, out, ...options }: VerifyOptions): Promise<Case> {
  const learner = options.algorithm === undefined ? {} : { learner: { algorithm: options.algorithm } }
  const wanted = (seed: number, length: { episodes?: number }) =>
    wantedRun(out, `${scenario}-s${seed}`, {
      scenario: { id: scenario },
      ...learner,
      run: { preset, seed, ...length, threads: 1 },
    })
  const { algorithm, critic } = (await wanted(1, {})).config.learner
  const reference = referenceOf({ scenario, preset, algorithm, critic })
  const usual = () => reference.episodes ?? episodesOf(resolveConfig({ scenario: { id: scenario }, run: { preset } }))
  const episodes = options.episodes ?? usual()
  const seeds = given ?? Array.from({ length: reference.seeds }, (_, i) => i + 1)
  return {
    scenario,
    reference,
    episodes,
    seeds,
    runs: await Promise.all(seeds.map(seed => wanted(seed, { episodes }))),
  }
}

/** Measures the trained runs, prints what was found, returns it and how it was judged. */
async function verify(
  { scenario, reference, episodes, seeds, runs }: Case,
  options: VerifyOptions,
): Promise<{ points: Points; checks: Check[] }> {
  const { measure, figure } = reference
  const training = byTeam(scenario, await Promise.all(runs.map(trainingReturns)))
  const columns: Record<string, Points> = { [measures.training]: training }
  if (measure === 'evaluation' || options.evaluate === true) {
    for (const mode of ['greedy', 'sample'] as const) {
      const all = await inTurn(runs, run => evaluationOfRun(run, mode))
      const returns = all.map(({ returns }) => returns)
      const judged = figure === null ? {} : { [figure]: all.map(({ figures }) => figures[figure]!) }
      columns[mode === 'greedy' ? measures.evaluation : 'evaluation, sample'] = {
        ...byTeam(scenario, returns),
        ...judged,
      }
    }
  }
  const points = columns[measures[measure]]!
  const checks = reference.judge(points, episodes)
  if (options.json) {
    const measured = Object.entries(columns).map(([measure, values]) => ({ measure, values }))
    const verdict = verdictOf(checks)
    const remarks = reference.remarks(episodes)
    const passed = verdict === 'passed'
    print(
      JSON.stringify({
        event: 'verdict',
        scenario,
        preset: options.preset,
        seeds,
        measured,
        checks: checks.map(check => ({ ...check, passed: check.verdict === 'passed' })),
        remarks,
        passed,
        verdict,
      }),
    )
  } else {
    printVerdict(scenario, reference, seeds, columns, checks, { ...options, episodes })
  }
  return { points, checks }
}

function printVerdict(
  scenario: string,
  reference: Reference,
  seeds: readonly number[],
  columns: Readonly<Record<string, Points>>,
  checks: readonly Check[],
  { preset, episodes, markdown = false }: VerifyOptions & { readonly episodes: number },
): void {
  const cells = Object.entries(columns).flatMap(([measure, points]) =>
    Object.entries(points).map(([of, values]) => ({ title: `${of}, ${measure}`, measure, of, values })),
  )
  const row = (label: string, value: (cell: (typeof cells)[number]) => string) => [label, ...cells.map(value)]
  const judged = measures[reference.measure]
  const mean = ({ measure, of, values }: (typeof cells)[number]) =>
    measure === judged ? reference.mean(of, values) : meanOf(values)
  const rows = [
    ...seeds.map((seed, i) => row(`seed ${seed}`, ({ values }) => values[i]!.toFixed(2))),
    row('mean', cell => inWords(mean(cell), 2)),
    row('expected', ({ measure, of }) => (measure === judged ? reference.expected(of) : '')),
    row('untrained', ({ measure, of }) => (measure === measures.training ? String(untrained[scenario]![of]) : '')),
  ]
  print(`\n${pc.bold(`${scenario}, preset ${preset}, ${describeCount(episodes)} episodes`)}`)
  print(`Return per agent and episode; of a team, the mean over its agents.\n`)
  print(`${tableText(['', ...cells.map(({ title }) => title)], rows, 1, markdown)}\n`)
  for (const remark of reference.remarks(episodes)) print(remark)
  if (seeds.length < reference.seeds) print(`The rule speaks of ${reference.seeds} seeds.`)
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

async function evaluationOfRun({ folder }: WantedRun, mode: 'sample' | 'greedy') {
  const { run } = await openTrainedRun(folder, printNote)
  const { returns, metrics } = evaluate(evaluationOf(run, 'trained', mode, 1000))
  run.dispose()
  const means = (all: typeof returns) => Object.fromEntries(Object.entries(all).map(([id, { mean }]) => [id, mean]))
  return { returns: means(returns), figures: means(metrics) }
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
