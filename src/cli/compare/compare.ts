// marlstrom compare: algorithms side by side on one game, with some seeds each: trained, evaluated on the way, and put on one page.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, extname, join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { NEVER } from 'rxjs'
import { writeReport } from '../../api/write-report.ts'
import { ConfigError } from '../../errors.ts'
import { isRunFolder, lockTrainer } from '../../index.ts'
import { freed } from '../../jobs/train-job.ts'
import { longestEpisode } from '../../run/experience.ts'
import { completeSettings } from '../../run/plan.ts'
import { type KeptRun, keptRun, type WantedRun } from '../../starting/kept-run.ts'
import { safeFileName } from '../../text/safe-name.ts'
import { choiceOf, numberOfSteps, positiveNumber } from '../options/settings.ts'
import { tellLeftOut } from '../report/report.ts'
import { seedList } from '../reproduce/many-runs.ts'
import { trainMany } from '../reproduce/train-many.ts'
import { printNote } from '../terminal/print.ts'
import { createCompareReporter } from './compare-reporter.ts'
import { type Calibration, calibrate, secondsOf, secondsTogether } from './expected-time.ts'
import { about, type Method, type MethodOptions, methodsOf } from './methods.ts'

interface CompareOptions extends MethodOptions {
  readonly seeds: readonly number[]
  readonly out?: string
  readonly jobs?: number
  readonly evaluations: number
  readonly evaluationEpisodes: number
  readonly mode: 'greedy' | 'sample'
  readonly json?: boolean
}

/** A run of a method. */
interface ComparedRun extends WantedRun {
  readonly method: Method
  readonly kept: KeptRun
}

export function addCompareCommand(program: Command): void {
  const several = (value: string, all: readonly string[] = []) => [...all, value]
  program
    .command('compare')
    .argument('<scenario>', 'id of a scenario (see `marlstrom list`), or a scenario file')
    .requiredOption(
      '--algorithms <names>',
      'what is compared, with commas between: algorithms, their short names, preset:<name>, files with an algorithm of your own',
      namesOf,
    )
    .option('--seeds <seeds>', 'how many (3: seeds 1 to 3), or which: 1-10, or 1,4,7', seedList, [1, 2, 3])
    .requiredOption('--steps <n>', 'environment steps of each run, like 200000 or 1e6', numberOfSteps)
    .option('--out <folder>', 'folder of the comparison; default compare/<scenario>. One that was begun goes on')
    .option('--jobs <n>', 'runs trained side by side; default: one per core that a run leaves free', positiveNumber)
    .option('--threads <n>', 'threads of each run; default: 1', positiveNumber)
    .option('--games <n>', 'games stepped side by side in each run; default: as the method says', positiveNumber)
    .option('--config <file>', 'settings of all runs from a YAML or JSON file; repeatable, later ones win', several)
    .option('--team <team=player>', 'who plays a team, in all runs: as in `marlstrom train`; repeatable', several)
    .option(
      '--set <key=value>',
      'any setting of `marlstrom list` for all runs, or for those of one method: ppo:learner.epochs=4; repeatable',
      several,
    )
    .option('--evaluations <n>', 'evaluations of each run on its way', positiveNumber, 20)
    .option('--evaluation-episodes <n>', 'episodes of each of them, and of that at the end', positiveNumber, 100)
    .option(
      '--mode <mode>',
      'how actors play in evaluations: greedy, or sample as in training',
      choiceOf('greedy', 'sample'),
      'greedy',
    )
    .option('--json', 'one JSON object per line and nothing else on stdout')
    .action(compareCommand)
}

async function compareCommand(scenario: string, options: CompareOptions): Promise<void> {
  if (options.seeds.length === 0)
    throw new ConfigError('--seeds', 'expected at least one seed, got none; say --seeds 3')
  const methods = await methodsOf(scenario, options)
  const out = options.out ?? join('compare', safeFileName(basename(scenario, extname(scenario))))
  if (isRunFolder(out))
    throw new ConfigError('--out', `${out} is the folder of a run, expected one of a comparison, or none`)
  let lock = existsSync(out) ? lockTrainer(out, { option: '--out' }) : null
  try {
    const found = await runsOf(methods, options, out)
    const unfinished = methods.filter(method => found.some(run => run.method === method && isUnfinished(run)))
    const calibrations = new Map<Method, Calibration>()
    for (const method of unfinished) {
      const measured = await about(method.name, () => calibrate(method))
      if (measured !== null) calibrations.set(method, measured)
    }
    lock ??= lockTrainer(out, { option: '--out' })
    await carryOut(scenario, found, calibrations, options, out)
  } finally {
    lock?.release()
  }
}

async function carryOut(
  scenario: string,
  found: readonly ComparedRun[],
  calibrations: ReadonlyMap<Method, Calibration>,
  options: CompareOptions,
  out: string,
): Promise<void> {
  const runs = found.map(run => ({ ...run, config: withEvaluations(run, calibrations.get(run.method), options) }))
  const threads = Math.max(...runs.map(({ config }) => config.run.threads ?? availableParallelism()))
  const jobs = options.jobs ?? Math.max(1, Math.floor(availableParallelism() / threads))
  const left = new Map(runs.filter(isUnfinished).map(run => [run.name, secondsLeft(run, calibrations, options)]))
  const methods = [...new Set(runs.map(({ method }) => method))]
  const reporter = createCompareReporter(options.json === true, {
    ...{ scenario, folder: out, jobs, left },
    steps: options.steps,
    seeds: options.seeds,
    methods: methods.map(method => ({
      name: method.name,
      seconds: calibrations.has(method) ? secondsOf(calibrations.get(method)!, { ...work(options), done: 0 }) : null,
    })),
    unmeasured: methods
      .filter(method => runs.some(run => run.method === method && isUnfinished(run)) && !calibrations.has(method))
      .map(({ name }) => name),
    seconds: secondsTogether([...left.values()], jobs),
  })
  const failed = new Map<string, string>()
  try {
    await trainMany(runs, {
      jobs,
      goesOn: true,
      show(event) {
        if (event.type === 'failed') failed.set(event.run, event.reason)
        reporter.show(event)
      },
    })
    reporter.measuring()
    const done = runs.filter(({ name }) => !failed.has(name))
    if (done.length === 0) throw new Error(`no run came to its end: ${[...failed.values()][0]}`)
    const { report: made, note } = await writeReport(
      done.map(({ folder }) => folder),
      {
        out: join(out, 'report.html'),
        episodes: options.evaluationEpisodes,
        mode: options.mode,
        seed: 0,
        names: new Map(done.map(({ folder, method }) => [folder, method.name])),
        note: printNote,
        leftOut: tellLeftOut,
      },
    )
    reporter.end(made, join(out, 'report.html'), failed, note)
    if (failed.size > 0) process.exitCode = 1
  } finally {
    reporter.close()
  }
}

/** Every run, with what is in its folder. @throws ConfigError where it is another run's */
async function runsOf(methods: readonly Method[], { seeds }: CompareOptions, out: string): Promise<ComparedRun[]> {
  const runs: ComparedRun[] = []
  for (const method of methods) {
    for (const seed of seeds) {
      const name = `${method.folder}-s${seed}`
      const folder = join(out, 'runs', name)
      const config = { ...method.plan.config, run: { ...method.plan.config.run, seed } }
      // One that was killed may still be writing its last checkpoint.
      await freed(folder, NEVER)
      runs.push({ name, folder, config, method, kept: await keptRun({ name, folder, config }) })
    }
  }
  return runs
}

function isUnfinished({ kept }: ComparedRun): boolean {
  return kept.state !== 'finished'
}

/** Evaluations are counted in episodes: as many as come to the asked number of evaluations, unless settings say how many. */
function withEvaluations(
  { config, method }: ComparedRun,
  calibration: Calibration | undefined,
  { steps, evaluations, evaluationEpisodes, mode }: CompareOptions,
): ComparedRun['config'] {
  if (config.run.evaluateEvery > 0) return config
  const length = longestEpisode(completeSettings(method.plan).scenario!) ?? calibration?.episodeSteps ?? 1
  const every = Math.max(1, Math.floor(steps / length / evaluations))
  const { logEvery } = config.run
  return {
    ...config,
    run: {
      ...config.run,
      // Evaluations come with lines of metrics.
      ...(every < logEvery ? { logEvery: every, evaluateEvery: every } : { evaluateEvery: every - (every % logEvery) }),
      evaluateEpisodes: evaluationEpisodes,
      evaluateMode: mode,
    },
  }
}

function work({ steps, evaluations, evaluationEpisodes }: CompareOptions) {
  // That of the report is one more.
  return { steps, evaluated: (evaluations + 1) * Math.ceil(evaluationEpisodes / 50) * 50 }
}

function secondsLeft(
  { method, kept }: ComparedRun,
  calibrations: ReadonlyMap<Method, Calibration>,
  options: CompareOptions,
): number {
  const done = kept.state === 'unfinished' ? (kept.envSteps ?? 0) : 0
  const calibration = calibrations.get(method)
  return calibration === undefined ? 0 : secondsOf(calibration, { ...work(options), done })
}

/** Names with commas between. */
function namesOf(text: string): string[] {
  const names = text.split(',').map(name => name.trim())
  if (names.every(name => name !== '')) return names
  throw new InvalidArgumentError(`Expected names with commas between, like maddpg,ppo, got '${text}'.`)
}
