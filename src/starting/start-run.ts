// Starts a training: a new run, a run resumed from its newest checkpoint, or a fork of it with other settings in its own folder.
import { availableParallelism } from 'node:os'
import { resolve as absolute, join } from 'node:path'
import { ConfigError } from '../errors.ts'
import { damagedName, environmentFile, noteStart, type RunStart, startsIn } from '../experiment/environment.ts'
import { openRunFolder, type RunFolder, runFolderName } from '../experiment/run-folder.ts'
import { countersOf, type TrainingControls } from '../experiment/trainer.ts'
import type { TrainerLock } from '../experiment/trainer-lock.ts'
import { packageVersion } from '../installation/package.ts'
import { createRunKey, type RunKey } from '../remote/run-key.ts'
import type { Overrides } from '../run/config/config.ts'
import {
  type ConfigIdentity,
  describeDifferences,
  differences,
  identityOf,
  isIntact,
  isMaterial,
  type SettingDifference,
} from '../run/config/config-identity.ts'
import { flatten, type Layer, placed } from '../run/config/config-layers.ts'
import { changeableSettings, changeOf } from '../run/config/describe-settings.ts'
import { translated } from '../run/config/old-keys.ts'
import type { Described } from '../run/config/team-settings.ts'
import { kernelsNamed } from '../run/kernels.ts'
import { areSameAgents } from '../run/other-agents.ts'
import { completeSettings, planRun, type RunPlan, refuseUnfounded, refuseUntrainable } from '../run/plan.ts'
import { withWholePaths } from '../run/player-file.ts'
import type { RemoteActorsOptions } from '../run/remote/remote-actors.ts'
import { createRun, gameOf, type Run, type RunRequest } from '../run/run.ts'
import { shellQuoted } from '../text/shell-quoted.ts'
import { forkState, forkTeams, refuseFixed } from './fork.ts'
import { keepRun } from './keep-run.ts'
import { keepKey, keptKey } from './kept-key.ts'
import { type LockedOptions, locked } from './locked.ts'
import { noteOldKeys } from './old-keys-note.ts'
import { openRun, restoreFitting } from './open-run.ts'
import { goBack, readToGoOn } from './whole-checkpoint.ts'

export interface StartOptions {
  /** Settings of the run, the later winning; of a run that is resumed or forked, those that change. */
  readonly layers: readonly Layer[]
  readonly out?: string
  readonly resume?: string
  readonly fork?: string
  readonly takeover?: boolean
  /** Is told what a person should know, though nothing failed. */
  readonly note: (sentence: string) => void
  /** Is called when the folder is locked: from here on a signal must not end the process on the spot. */
  readonly onLocked?: () => void
  readonly withoutDamagedRows?: boolean
  /** With `resume`: goes on from the newest checkpoint up to this environment step, and sets aside what is later. */
  readonly beforeStep?: number
  /** Where actors on other machines find the run; absent: they are played here. */
  readonly remote?: Omit<RemoteActorsOptions, 'key' | 'note'>
  /** Those that it will be trained with, so that a resume with others is refused before anything is written; absent: `train` says so. */
  readonly operators?: TrainingControls['operators']
  /** Whether a run may go on with other kernels than it was trained with. */
  readonly acceptOtherKernels?: boolean
}

export interface Started {
  readonly run: Run
  readonly folder: RunFolder
  /** Held until the training has ended. */
  readonly lock: TrainerLock
  /** What actors on other machines must know: the public half of the run's key; null: none play. */
  readonly runKey: string | null
}

/**
 * The run that the options ask for, ready to be trained, and its folder. `demand` may refuse the run.
 * @throws ConfigError before anything is written.
 */
export function startRun(options: StartOptions, demand: (run: Run) => void = () => {}): Promise<Started> {
  refuseMixture(options)
  if (options.resume !== undefined) return resume(options.resume, options, demand)
  return options.fork === undefined ? begin(options, demand) : fork(options.fork, options, demand)
}

/** The plan that the options ask for, and the layers that it came from; nothing is opened for writing. */
export async function planOf(options: StartOptions): Promise<{ plan: RunPlan; layers: readonly Layer[] }> {
  refuseMixture(options)
  const given = options.layers
  const earlier = options.resume ?? options.fork
  if (earlier === undefined) {
    await refuseNoScenario(given, options.note)
    return { plan: await placed(given, () => planRun(flatten(given))), layers: given }
  }
  return await planAgain(earlier, options, options.resume === undefined ? refuseFixed : refuseChanges)
}

/** A new run in a folder of its own. */
async function begin(options: StartOptions, demand: (run: Run) => void): Promise<Started> {
  const layers = options.layers
  await refuseNoScenario(layers, options.note)
  const key = newKey(options)
  const run = await placed(layers, () => createRun({ ...flatten(layers), ...remoteOf(options, key) }))
  demand(run)
  const path = newPath(run, options.out)
  const work = async (lock: TrainerLock) => {
    const folder = keepRun(run, path, lock)
    if (key !== null) keepKey(path, key)
    note(run, folder, { how: 'train' })
    return { run, folder, lock, runKey: publicOf(key) }
  }
  return locked(path, '--out', lockingOf(options), work)
}

/** An earlier run as it was at its newest checkpoint. */
async function resume(path: string, options: StartOptions, demand: (run: Run) => void): Promise<Started> {
  const { plan, changed } = await planAgain(path, options, refuseChanges)
  const problem = refuseEdited(path, plan, options)
  const work = async (lock: TrainerLock) => {
    const key = options.remote === undefined ? null : (keptKey(path) ?? newKey(options))
    const how = { ...kernelsOf(options), ...remoteOf(options, key) }
    const { run, folder } = await openRun(path, options.note, flatten(options.layers), lock, how)
    if (key !== null) keepKey(path, key)
    demand(run)
    const wentBack = goBack(folder, options.beforeStep)
    const { saved, remark } = readToGoOn(folder, { ...options, setAside: true })
    restoreFitting(path, () => run.restore(saved))
    if (options.operators !== undefined) run.operators?.attach(options.operators)
    if (changed.some(({ key }) => key === 'run.episodes' || key === 'run.steps')) refuseShorter(run)
    folder.writeConfig(run.config)
    const { episodes, envSteps } = countersOf(run)
    const damage = folder.cutMetrics(episodes, envSteps)
    // The rows that are left are written anew, so that the next resume does not have to leave the others out again.
    const point = remark === null ? null : withoutRows(run, folder)
    for (const sentence of [problem, wentBack, damage, point]) if (sentence !== null) options.note(sentence)
    const remarks = [problem, wentBack, damage, remark, point].filter(sentence => sentence !== null)
    note(run, folder, { how: 'resume', ...(remarks.length > 0 ? { remarks } : {}) })
    return { run, folder, lock, runKey: publicOf(key) }
  }
  return locked(path, '--resume', lockingOf(options), work)
}

/** A new run that begins where an earlier one stands, with other settings. */
async function fork(path: string, options: StartOptions, demand: (run: Run) => void): Promise<Started> {
  const { changed, before } = await planAgain(path, options, refuseFixed)
  const key = newKey(options)
  const { run, folder: parent } = await openRun(path, options.note, flatten(options.layers), undefined, {
    ...kernelsOf(options),
    ...remoteOf(options, key),
  })
  demand(run)
  const restore = areSameAgents(agentsOf(before), run.agents) ? forkState : forkTeams
  const { remark, episodes: learntFor } = await restore(path, run, parent, changed, options)
  const { episodes } = countersOf(run)
  const out = newPath(run, options.out)
  const work = async (lock: TrainerLock) => {
    const folder = keepRun(run, out, lock)
    if (key !== null) keepKey(out, key)
    // From here on it needs its parent no more.
    folder.writeCheckpoint(episodes, run.save())
    note(run, folder, {
      how: 'fork',
      ...(remark === null ? {} : { remarks: [remark] }),
      parent: {
        run: absolute(path),
        episodes: learntFor,
        config: identityOf({ ...before, settings: completeSettings(before) }).sha256,
      },
    })
    return { run, folder, lock, runKey: publicOf(key) }
  }
  return locked(out, '--out', lockingOf(options), work)
}

/** An earlier run as its folder describes it, and with the layers on top: what would change, as far as that is not refused. */
async function planAgain(
  path: string,
  { layers: given, note: tell, acceptOtherKernels }: StartOptions,
  refuse: (changed: readonly SettingDifference[], described: readonly Described[]) => void,
) {
  const { folder, config } = openRunFolder(path)
  const kept: Layer = { source: `run ${path}`, overrides: config as Overrides }
  noteOldKeys([{ source: join(path, 'config.json'), overrides: kept.overrides }, ...given], tell)
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
  refuse(
    changed.filter(({ key }) => !(acceptOtherKernels && isOfKernels(key))),
    plan.described,
  )
  return { before, plan, layers, changed }
}

function agentsOf({ config, definition }: RunPlan): Run['agents'] {
  return gameOf(config, definition)().agents
}

function newPath({ definition, who, config }: Run, out: string | undefined): string {
  return out ?? runFolderName(definition.id, wordsOf(who), config.run.seed, new Date())
}

/** Writes a checkpoint of a run whose buffer has lost rows; a rollback point that needs them goes. What became of it, in a sentence. */
function withoutRows(run: Run, folder: RunFolder): string | null {
  const aside = folder.setAsideDamagedRollbackPoint()
  const { episodes } = countersOf(run)
  folder.writeCheckpoint(episodes, run.save(), { keep: run.config.run.keepCheckpoints })
  if (aside === null) return null
  return `the rollback point needs those rows too and is now ${aside}; the run goes back to where it stands now instead`
}

/** The key of a run that others play for; a run that goes on keeps its own. */
function newKey({ remote }: StartOptions): RunKey | null {
  return remote === undefined ? null : createRunKey()
}

function publicOf(key: RunKey | null): string | null {
  return key?.publicKey ?? null
}

function remoteOf({ remote, note }: StartOptions, key: RunKey | null): Pick<RunRequest, 'remote'> {
  return remote === undefined || key === null ? {} : { remote: { ...remote, key: key.pem, note } }
}

function kernelsOf({ acceptOtherKernels = false }: StartOptions) {
  return { acceptOtherKernels }
}

function isOfKernels(key: string): boolean {
  return key === 'run.kernels' || key === 'run.blas'
}

function lockingOf({ takeover, note, onLocked }: StartOptions): LockedOptions {
  return { takeover, note, onLocked }
}

function note(run: Run, folder: RunFolder, start: Pick<RunStart, 'how' | 'parent' | 'remarks'>): void {
  const { seed, backend, threads, actors, actorOrder } = run.config.run
  noteStart(folder.path, {
    ...start,
    episodes: countersOf(run).episodes,
    config: identityOf(run),
    seed,
    backend,
    kernels: kernelsNamed(run.config.run),
    threads: threads ?? availableParallelism(),
    ...(actors !== null && actorOrder === 'arrival' ? { reproducible: false } : {}),
    version: packageVersion(),
  })
}

/** A run that is resumed is the same run. */
function refuseChanges(changed: readonly SettingDifference[], described: readonly Described[]): void {
  const others = changed.filter(({ key }) => changeOf(key, described) !== 'resume')
  if (others.length === 0) return
  throw new ConfigError(
    others[0]!.key,
    `cannot change when a run is resumed (${describeDifferences(others)}); only ${changeableSettings(described).join(', ')} can. ` +
      '--fork begins a new run from its newest checkpoint' +
      (others.every(({ key }) => isOfKernels(key)) ? ', --accept-other-kernels goes on by other bits' : ''),
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
    `the run has trained ${count(done)} ${what} already, so that it cannot end at ${count(wanted)}; ask for more ` +
      `than that with --${key}, or begin a new run with fewer`,
  )
}

/**
 * Nor may somebody have written other settings into its config.json since. Where environment.json is damaged nothing is known of that: then
 * a sentence, else null.
 */
function refuseEdited(path: string, plan: RunPlan, { acceptOtherKernels }: StartOptions): string | null {
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
    ({ key, before }) =>
      before !== undefined && isMaterial(key, settings, plan.described) && !(acceptOtherKernels && isOfKernels(key)),
  )
  if (edited.length === 0) return null
  throw new ConfigError(
    edited[0]!.key,
    `was changed in ${path}/config.json since the run began (${describeDifferences(edited)}); put it back, or begin a new run with ` +
      `--fork ${shellQuoted(path)}`,
  )
}

function refuseMixture({ layers, resume, fork, withoutDamagedRows, beforeStep }: StartOptions): void {
  if (beforeStep !== undefined && resume === undefined)
    throw new ConfigError('--before-step', 'expected --resume beside it: another run has no checkpoints yet')
  if (withoutDamagedRows && resume === undefined && fork === undefined)
    throw new ConfigError('--without-damaged-rows', 'expected --resume or --fork beside it: a new run has no rows yet')
  if (resume !== undefined && fork !== undefined)
    throw new ConfigError('--fork', 'expected --resume or --fork, got both')
  const scenario = layers.find(({ source }) => source === 'argument')?.overrides.scenario?.id
  if (scenario === undefined || (resume === undefined && fork === undefined)) return
  const how = resume === undefined ? '--fork' : '--resume'
  throw new ConfigError('scenario', `${how} goes on with the run's own scenario; leave '${scenario}' out`)
}

/** What else is wrong with the settings is said first. */
async function refuseNoScenario(layers: readonly Layer[], tell: (sentence: string) => void): Promise<void> {
  noteOldKeys(layers, tell)
  await placed(layers, async () => refuseUnfounded(flatten(layers)))
  if (flatten(layers).scenario?.id !== undefined) return
  throw new ConfigError('scenario', 'expected a scenario id or a file, got none; see `marlstrom list`')
}

/** With thousands separators. */
function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** For file names: `adversary-ddpg-agent-maddpg`. */
function wordsOf(text: string): string {
  return (text.match(/\w+/g) ?? []).join('-')
}
