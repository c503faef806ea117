// How a training begins: anew, from a run's newest checkpoint as it was, or from there with other settings in a folder of its own.
import { availableParallelism } from 'node:os'
import { resolve as absolute, join } from 'node:path'
import pc from 'picocolors'
import type { Overrides } from '../config.ts'
import {
  type ConfigIdentity,
  type Difference,
  describeDifferences,
  differences,
  identityOf,
  isIntact,
  isMaterial,
} from '../config-identity.ts'
import { flatten, type Layer, placed } from '../config-layers.ts'
import { changeableSettings, changeOf } from '../describe-settings.ts'
import { damagedName, environmentFile, noteStart, type Start, startsIn } from '../experiment/environment.ts'
import {
  ConfigError,
  countersOf,
  createRun,
  createRunFolder,
  openRunFolder,
  type Run,
  type RunFolder,
  runFolderName,
  type TrainerLock,
} from '../index.ts'
import { translated } from '../old-keys.ts'
import { completeSettings, planRun, type RunPlan, refuseUnfounded, refuseUntrainable } from '../plan.ts'
import { withWholePaths } from '../player-file.ts'
import { shellQuoted } from '../shell-quoted.ts'
import type { Described } from '../team-settings.ts'
import { forkState, refuseFixed } from './fork.ts'
import { locked } from './locked.ts'
import { noteOldKeys } from './old-keys-note.ts'
import { openRun, restoreFitting } from './open-run.ts'
import { packageVersion } from './package.ts'
import { printError } from './print.ts'
import { describeCount } from './reporter.ts'
import { layersOf, overridesOf, type SettingOptions } from './settings.ts'
import { readToGoOn } from './whole-checkpoint.ts'

export interface StartOptions extends SettingOptions {
  readonly out?: string
  readonly resume?: string
  readonly fork?: string
  readonly takeover?: boolean
  /** Is called when the folder is locked: from here on a signal must not end the process on the spot. */
  readonly onLocked?: () => void
  readonly withoutDamagedRows?: boolean
}

export interface Started {
  readonly run: Run
  readonly folder: RunFolder
  /** Held until the training has ended. */
  readonly lock: TrainerLock
}

/**
 * The run that the options ask for, ready to be trained, and its folder. `demand` may refuse the run.
 * @throws ConfigError before anything is written.
 */
export function startRun(
  scenario: string | undefined,
  options: StartOptions,
  demand: (run: Run) => void = () => {},
): Promise<Started> {
  refuseMixture(scenario, options)
  if (options.resume !== undefined) return resume(options.resume, options, demand)
  return options.fork === undefined ? begin(scenario, options, demand) : fork(options.fork, options, demand)
}

/** The plan that the options ask for, and the layers that it came from; nothing is opened for writing. */
export async function planOf(
  scenario: string | undefined,
  options: StartOptions,
): Promise<{ plan: RunPlan; layers: readonly Layer[] }> {
  refuseMixture(scenario, options)
  const given = layersOf(options, scenario)
  const earlier = options.resume ?? options.fork
  if (earlier === undefined) {
    await refuseNoScenario(given)
    return { plan: await placed(given, () => planRun(flatten(given))), layers: given }
  }
  return await planAgain(earlier, given, options.resume === undefined ? refuseFixed : refuseChanges)
}

/** A new run in a folder of its own. */
async function begin(
  scenario: string | undefined,
  options: StartOptions,
  demand: (run: Run) => void,
): Promise<Started> {
  const layers = layersOf(options, scenario)
  await refuseNoScenario(layers)
  const run = await placed(layers, () => createRun(flatten(layers)))
  demand(run)
  const path = newPath(run, options.out)
  const work = async (lock: TrainerLock) => {
    const folder = newFolder(run, path, lock)
    note(run, folder, { how: 'train' })
    return { run, folder, lock }
  }
  return locked(path, '--out', options.takeover, work, options.onLocked)
}

/** An earlier run as it was at its newest checkpoint. */
async function resume(path: string, options: StartOptions, demand: (run: Run) => void): Promise<Started> {
  const { plan, changed } = await planAgain(path, layersOf(options), refuseChanges)
  const problem = refuseEdited(path, plan)
  const work = async (lock: TrainerLock) => {
    const { run, folder } = await openRun(path, overridesOf(options), lock)
    demand(run)
    const { saved, remark } = readToGoOn(folder, { setAside: true, withoutDamagedRows: options.withoutDamagedRows })
    restoreFitting(path, () => run.restore(saved))
    if (changed.some(({ key }) => key === 'run.episodes' || key === 'run.steps')) refuseShorter(run)
    folder.writeConfig(run.config)
    const { episodes, envSteps } = countersOf(run)
    const damage = folder.cutMetrics(episodes, envSteps)
    // The rows that are left are written anew, so that the next resume does not have to leave the others out again.
    const point = remark === null ? null : withoutRows(run, folder)
    for (const sentence of [problem, damage, point]) if (sentence !== null) remarkOn(sentence)
    const remarks = [problem, damage, remark, point].filter(sentence => sentence !== null)
    note(run, folder, { how: 'resume', ...(remarks.length > 0 ? { remarks } : {}) })
    return { run, folder, lock }
  }
  return locked(path, '--resume', options.takeover, work, options.onLocked)
}

/** A new run that begins where an earlier one stands, with other settings. */
async function fork(path: string, options: StartOptions, demand: (run: Run) => void): Promise<Started> {
  const { changed, before } = await planAgain(path, layersOf(options), refuseFixed)
  const { run, folder: parent } = await openRun(path, overridesOf(options))
  demand(run)
  const remark = await forkState(path, run, parent, changed, options.withoutDamagedRows)
  const { episodes } = countersOf(run)
  const out = newPath(run, options.out)
  const work = async (lock: TrainerLock) => {
    const folder = newFolder(run, out, lock)
    // From here on it needs its parent no more.
    folder.writeCheckpoint(episodes, run.save())
    note(run, folder, {
      how: 'fork',
      ...(remark === null ? {} : { remarks: [remark] }),
      parent: {
        run: absolute(path),
        episodes,
        config: identityOf({ ...before, settings: completeSettings(before) }).sha256,
      },
    })
    return { run, folder, lock }
  }
  return locked(out, '--out', options.takeover, work, options.onLocked)
}

/** An earlier run as its folder describes it, and with the layers on top: what would change, as far as that is not refused. */
async function planAgain(
  path: string,
  given: readonly Layer[],
  refuse: (changed: readonly Difference[], described: readonly Described[]) => void,
) {
  const { folder, config } = openRunFolder(path)
  const kept: Layer = { source: `run ${path}`, overrides: config as Overrides }
  noteOldKeys([{ source: join(path, 'config.json'), overrides: kept.overrides }])
  const before = await planRun(kept.overrides, folder)
  const layers = [kept, ...given]
  const plan = await placed(layers, async () => {
    const plan = await planRun(flatten(layers), folder)
    refuseUntrainable(plan)
    return plan
  }).catch(error => {
    // Another algorithm may not know the settings of the run's own, which says less than that it is another.
    const algorithms = [before.config.learner.algorithm, withWholePaths(flatten(layers)).learner?.algorithm]
    const [was, is] = algorithms.map(algorithm => ({ learner: { algorithm } }))
    refuse(differences(was!, is!), before.described)
    throw error
  })
  const changed = differences(completeSettings(before), completeSettings(plan))
  refuse(changed, plan.described)
  return { before, plan, layers, changed }
}

function newPath({ definition, who, config }: Run, out: string | undefined): string {
  return out ?? runFolderName(definition.id, wordsOf(who), config.run.seed, new Date())
}

/** The folder of a new run, with all that the run needs to be opened again. */
function newFolder(run: Run, path: string, lock: TrainerLock): RunFolder {
  const folder = createRunFolder(path, run.config, lock)
  if (run.source !== null) folder.keepScenario(run.source.code)
  for (const [team, { source }] of run.files) folder.keepPlayer(team, source.code)
  for (const { team, config, saved, files } of run.opponents) {
    const code = [...files].map(([of, { source }]) => [of, source.code] as const)
    folder.keepOpponent(team, config, saved, new Map(code))
  }
  return folder
}

/** Writes a checkpoint of a run whose buffer has lost rows; a rollback point that needs them goes. What became of it, in a sentence. */
function withoutRows(run: Run, folder: RunFolder): string | null {
  const aside = folder.setAsideDamagedRollbackPoint()
  const { episodes } = countersOf(run)
  folder.writeCheckpoint(episodes, run.save(), { keep: run.config.run.keepCheckpoints })
  if (aside === null) return null
  return `the rollback point needs those rows too and is now ${aside}; the run goes back to where it stands now instead`
}

function remarkOn(sentence: string): void {
  printError(`${pc.yellow('note:')} ${sentence}`)
}

function note(run: Run, folder: RunFolder, start: Pick<Start, 'how' | 'parent' | 'remarks'>): void {
  const { seed, backend, kernels, threads } = run.config.run
  noteStart(folder.path, {
    ...start,
    episodes: countersOf(run).episodes,
    config: identityOf(run),
    seed,
    backend,
    kernels,
    threads: backend === 'simd' ? (threads ?? availableParallelism()) : 1,
    version: packageVersion(),
  })
}

/** A run that is resumed is the same run. */
function refuseChanges(changed: readonly Difference[], described: readonly Described[]): void {
  const others = changed.filter(({ key }) => changeOf(key, described) !== 'resume')
  if (others.length === 0) return
  throw new ConfigError(
    others[0]!.key,
    `cannot change when a run is resumed (${describeDifferences(others)}); only ${changeableSettings(described).join(', ')} can. ` +
      '--fork begins a new run from its newest checkpoint',
  )
}

/** What was trained cannot be taken back. */
function refuseShorter(run: Run): void {
  const { episodes, envSteps } = countersOf(run)
  const { episodes: asked, steps } = run.config.run
  const [key, done, wanted] =
    steps === null ? (['episodes', episodes, asked ?? 0] as const) : (['steps', envSteps, steps] as const)
  if (wanted >= done) return
  const what = key === 'steps' ? 'environment steps' : key
  throw new ConfigError(
    `run.${key}`,
    `the run has trained ${describeCount(done)} ${what} already, so that it cannot end at ${describeCount(wanted)}; ask for more ` +
      `than that with --${key}, or begin a new run with fewer`,
  )
}

/**
 * Nor may somebody have written other settings into its config.json since. Where environment.json is damaged nothing is known of that: then
 * a sentence, else null.
 */
function refuseEdited(path: string, plan: RunPlan): string | null {
  const { starts, problem } = startsIn(path)
  const aside = damagedName(environmentFile(path))
  if (problem !== null) return `${problem}; it is now ${aside}, and another one was begun`
  const last = starts.at(-1)?.config as ConfigIdentity | undefined
  if (last?.settings === undefined) return null
  if (!isIntact(last))
    return `${environmentFile(path)}: damaged: the settings of the last start are not those of their sha256; nothing was held against them`
  const { settings } = identityOf({ ...plan, settings: completeSettings(plan) })
  // Settings that are new in this version have their defaults, as before.
  const edited = differences(translated(last.settings), settings).filter(
    ({ key, before }) => before !== undefined && isMaterial(key, settings, plan.described),
  )
  if (edited.length === 0) return null
  throw new ConfigError(
    edited[0]!.key,
    `was changed in ${path}/config.json since the run began (${describeDifferences(edited)}); put it back, or begin a new run with ` +
      `--fork ${shellQuoted(path)}`,
  )
}

function refuseMixture(scenario: string | undefined, { resume, fork, withoutDamagedRows }: StartOptions): void {
  if (withoutDamagedRows && resume === undefined && fork === undefined)
    throw new ConfigError('--without-damaged-rows', 'expected --resume or --fork beside it: a new run has no rows yet')
  if (resume !== undefined && fork !== undefined)
    throw new ConfigError('--fork', 'expected --resume or --fork, got both')
  if (scenario === undefined || (resume === undefined && fork === undefined)) return
  const how = resume === undefined ? '--fork' : '--resume'
  throw new ConfigError('scenario', `${how} goes on with the run's own scenario; leave '${scenario}' out`)
}

/** What else is wrong with the settings is said first. */
async function refuseNoScenario(layers: readonly Layer[]): Promise<void> {
  noteOldKeys(layers)
  await placed(layers, async () => refuseUnfounded(flatten(layers)))
  if (flatten(layers).scenario?.id !== undefined) return
  throw new ConfigError('scenario', 'expected a scenario id or a file, got none; see `marlstrom list`')
}

/** For file names: `adversary-ddpg-agent-maddpg`. */
function wordsOf(text: string): string {
  return (text.match(/\w+/g) ?? []).join('-')
}
