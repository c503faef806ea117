// marlstrom train: trains a run, keeps it on disk, shows it in the terminal and, with --watch, on a page.
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import pc from 'picocolors'
import { firstValueFrom, lastValueFrom, tap } from 'rxjs'
import { describeError } from '../../authoring/error-place.ts'
import { beforeStuckEnd } from '../../authoring/played-here.ts'
import { hasPlayed } from '../../experiment/done.ts'
import {
  besideTraining,
  countersOf,
  createProgress,
  createSession,
  createTrainingControl,
  initialSession,
  isDone,
  type RecordedEvent,
  type Run,
  type RunFolder,
  record,
  type Session,
  type SessionState,
  type TrainingControl,
  train,
} from '../../index.ts'
import { followTraining, host, type LiveGame, startLiveGame } from '../../live/live.ts'
import type { Recorder } from '../../recording/recorder.ts'
import { describeActors } from '../../run/actors/run-actors.ts'
import { endsUnlearnt, firstUpdateAt, rolloutsOf } from '../../run/experience.ts'
import { noteOfKernels } from '../../run/kernels.ts'
import { demandPictures } from '../../run/run.ts'
import { planOf, type Started, type StartOptions, startRun } from '../../starting/start-run.ts'
import { addRecordOption, expectFree, type RecordOptions, startRecording } from '../options/recording.ts'
import { addSettingOptions, layersOf, portNumber, type SettingOptions, wholeNumber } from '../options/settings.ts'
import { createInterruption } from '../terminal/interruption.ts'
import { printNote } from '../terminal/print.ts'
import {
  addServingOptions,
  openServer,
  openWanted,
  type ServingOptions,
  servingOf,
  whereToLook,
} from '../watch/serving.ts'
import { addElsewhereOptions, type ElsewhereOptions, howToPlay, launch, remoteOf } from './elsewhere.ts'
import { printConfig } from './print-config.ts'
import { createReporter, describeCount, type Reporter } from './reporter.ts'
import { tellPast, tellSession } from './session-news.ts'
import type { SlurmActors } from './slurm-actors.ts'
import { playTable, summarize, type TrainingFigures } from './summary.ts'

interface TrainOptions
  extends SettingOptions,
    Omit<StartOptions, 'layers' | 'note' | 'remote'>,
    ServingOptions,
    RecordOptions,
    ElsewhereOptions {
  readonly watch?: number | true
  readonly exit?: boolean
  readonly printConfig?: boolean
  readonly json?: boolean
}

export function addTrainCommand(program: Command): void {
  addElsewhereOptions(addRecordOption(addServingOptions(addSettingOptions(program.command('train')))))
    .argument('[scenario]', 'id of a scenario (see `marlstrom list`), or a scenario file')
    .option('--out <folder>', 'the run folder; default runs/<scenario>-<algorithm>-s<seed>-<time>')
    .option('--watch [port]', 'serve the live page, on this machine only unless --host says otherwise', portNumber)
    .option('--exit', 'with --watch in a terminal: end when the training does, instead of playing on until Ctrl-C')
    .option('--resume <run>', 'go on with an earlier run, bit for bit; its length and --threads may change')
    .option('--fork <run>', 'a new run from the newest checkpoint of an earlier one, with other settings')
    .option(
      '--before-step <steps>',
      'with --resume: go on from the newest checkpoint up to this environment step; later ones are set aside',
      wholeNumber,
    )
    .option('--without-damaged-rows', 'with --resume or --fork: leave out rows of the replay buffer that are damaged')
    .option(
      '--accept-other-kernels',
      'with --resume or --fork: go on with other kernels or another BLAS, by other bits',
    )
    .option('--takeover', 'train on in a folder whose trainer, on another host, is dead')
    .option('--print-config', 'print every setting and where its value came from; trains nothing')
    .option('--json', 'one JSON object per line and nothing else on stdout')
    .action(trainCommand)
}

async function trainCommand(scenario: string | undefined, options: TrainOptions): Promise<void> {
  if (options.printConfig) {
    const { plan, layers } = await planOf({ ...options, layers: layersOf(options, scenario), note: printNote })
    return printConfig(plan, layers, options.json === true)
  }
  const serving = servingOf(options)
  expectFree(options)
  const interruption = createInterruption()
  // A port that is taken is known before there is a run folder.
  const server = watched(options) ? await openServer(serving, portOf(options)) : undefined
  const started = await startRun(
    {
      ...options,
      ...(await remoteOf(options)),
      layers: layersOf(options, scenario),
      note: printNote,
      operators: [],
      onLocked: interruption.listen,
    },
    run => {
      if (options.record !== undefined) demandPictures(run.createGame())
    },
  ).catch(async error => {
    await server?.close('the training could not begin')
    throw error
  })
  const { run, folder, lock } = started
  const reporter = createReporter(options.json === true, lengthOf(run))
  beforeStuckEnd(() => reporter.finish())
  const session = createSession(initialSession(identityOf(run, folder), 'training', run, run.config.run.episodes))
  tellPast(session, run, folder.readMetrics())
  const control = createTrainingControl(session)
  interruption.asked$.subscribe({ next: () => control.quit(), error() {} })
  let jobs: SlurmActors | undefined
  let liveGame: LiveGame | undefined
  let recorder: Recorder | undefined
  try {
    if (server !== undefined || options.record !== undefined) liveGame = await showTraining(session, started)
    if (liveGame !== undefined && options.record !== undefined) {
      recorder = await startRecording(options, {
        session,
        show: liveGame.exhibition,
        config: { ...run.config },
        source: () => run.source,
      })
    }
    if (server !== undefined && liveGame !== undefined) {
      host(server, basename(folder.path), liveGame, besideTraining(liveGame.exhibition, control), recorder)
    }
    reporter.note(describeRun(run, folder))
    if (started.runKey !== null) {
      reporter.actors(started.runKey, howToPlay(started.runKey, options))
      jobs = await launch(started, options)
      if (jobs !== undefined) reporter.note(`${jobs.submitted} jobs with actors were submitted`)
    }
    for (const remark of [run.remark, describeActors(run), noteOfKernels(run.config)])
      if (remark !== null) reporter.note(remark)
    const unlearnt = endsUnlearnt(run, run.settings.scenario!, countersOf(run))
    if (unlearnt !== null) printNote(unlearnt)
    if (recorder !== undefined) reporter.note(`recording: ${recorder.file}`)
    if (server !== undefined) {
      reporter.note(whereToLook(server))
      openWanted(server, serving)
    }
    const figures = await trainAndReport(started, reporter, { session, exhibition: liveGame?.exhibition }, control)
    // What failed or was killed keeps the mark of a training that did not come to its end. Nothing more is written into the folder:
    // another process may go on with the run while its page still stands.
    lock.release()
    const stopped = !isDone(run)
    const stays = server !== undefined && !stopped && playsOn(options)
    session.dispatch({ type: 'ended', message: stopped ? standing(run) : endMessage(run, stays) })
    const table = stopped ? null : await playTable(run, interruption.asked$, reporter)
    summarize(run, folder.path, reporter, table, { stopped, ...figures })
    if (server !== undefined && stays && !interruption.asked) {
      const ended = countersOf(run).updates > 0 ? 'Trained; the' : 'Finished; the'
      reporter.note(`\n${pc.green(`${ended} agents play on.`)} ${whereToLook(server, '   (Ctrl-C ends)')}`)
      await firstValueFrom(interruption.asked$)
    }
    await recorder?.close()
    await server?.close(stopped ? 'the training was stopped' : 'the training has finished')
  } catch (error) {
    reporter.finish()
    const reason = describeError(error)
    session.dispatch({ type: 'failed', message: reason })
    await server?.close(`the training failed: ${reason}`)
    throw error
  } finally {
    await jobs?.cancel().catch((error: Error) => printNote(error.message))
    await recorder?.close()
    await liveGame?.exhibition.close()
    run.dispose()
    interruption.close()
  }
}

/** Who wants the page opened wants it served. */
function watched({ watch, open }: TrainOptions): boolean {
  return watch !== undefined || open === true
}

function portOf({ watch }: TrainOptions): number | undefined {
  return watch === true ? undefined : watch
}

/** Whether the page outlives the training: where a person at a terminal can end it. Scripts expect the end. */
function playsOn({ exit, json }: TrainOptions): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && exit !== true && json !== true
}

/** The game that viewers watch, played by the learners as they are. */
async function showTraining(session: Session, { run, folder }: Started): Promise<LiveGame> {
  const liveGame = await startLiveGame(session, { kind: 'run', folder: folder.path, checkpoint: null })
  followTraining(liveGame, run)
  return liveGame
}

/** Who trains here, for viewers. */
function identityOf({ definition, who, config }: Run, folder: RunFolder): SessionState['run'] {
  const { seed, preset } = config.run
  return { scenario: definition.id, algorithm: who, seed, preset, folder: resolve(folder.path) }
}

/** What is about to happen, in a sentence or two. */
function describeRun({ who, config, definition, agents, replay, tracker }: Run, folder: RunFolder): string {
  const done = tracker.finished > 0 ? ` from episode ${describeCount(tracker.finished)}` : ''
  return (
    `${who} on ${definition.id}: ${agents.length} agents, seed ${config.run.seed}, ` +
    `${describeLength(config)}${done}, into ${folder.path}${describeReplay(replay ?? null)}`
  )
}

function describeReplay(replay: NonNullable<Run['replay']> | null): string {
  if (replay === null) return ''
  return (
    `\nreplay buffer: up to ${describeCount(replay.capacity)} transitions of ${replay.bytesPerTransition} bytes, ` +
    `about ${describeCount(replay.bytesWhenFull / 1e6)} MB when full, taken as it fills`
  )
}

/** Trains until the run is done or the end is asked for. Viewers may stop and start it in between. */
async function trainAndReport(
  { run, folder }: Started,
  reporter: Reporter,
  { session, exhibition }: Pick<LiveGame, 'session'> & { readonly exhibition: LiveGame['exhibition'] | undefined },
  control: TrainingControl,
): Promise<TrainingFigures> {
  const began = performance.now()
  const beganAt = countersOf(run)
  const measure = createProgress(lengthOf(run), firstUpdateAt(run))
  const rollouts = rolloutsOf(run)
  const counted = () => ({
    ...countersOf(run),
    ...(rollouts && { rollouts: { ...rollouts, minibatches: run.rounds.updates } }),
    ...(run.actors && { actors: run.actors.standings() }),
  })
  measure(counted())
  const returns = () => Object.fromEntries(run.returns.means().map((mean, i) => [run.agents[i]!.id, mean]))
  const showProgress = () => {
    const progress = measure(counted())
    reporter.progress(progress, returns())
    session.dispatch({ type: 'progress', progress })
    exhibition?.reached(progress.envSteps)
  }
  const show = (event: RecordedEvent) => {
    report(reporter, event)
    tellSession(session, run, event)
    if (event.type === 'checkpoint') exhibition?.refresh()
  }
  const timer = setInterval(showProgress, 250)
  try {
    for (;;) {
      await lastValueFrom(train(run, control).pipe(record(run, folder), tap(show)))
      showProgress()
      if (isDone(run) || !(await control.goesOn(standing(run)))) break
      // As when a run is resumed: its seconds go on from those before.
      const damage = folder.cutMetrics(run.tracker.finished, countersOf(run).envSteps)
      if (damage !== null) reporter.note(damage)
    }
  } finally {
    clearInterval(timer)
  }
  reporter.finish()
  const wallSeconds = (performance.now() - began) / 1000
  const envStepsPerSecond = (countersOf(run).envSteps - beganAt.envSteps) / wallSeconds
  return { wallSeconds, envStepsPerSecond, returns: returns() }
}

/** How long a run is, as its progress is measured. */
function lengthOf({ config }: Run): number | { readonly steps: number } {
  const { episodes, steps } = config.run
  return steps === null ? episodes! : { steps }
}

function describeLength({ run: { episodes, steps } }: Pick<Run['config'], 'run'>): string {
  return steps === null ? `${describeCount(episodes!)} episodes` : `${describeCount(steps)} environment steps`
}

/** How a run stands that was stopped. */
function standing(run: Run): string {
  const done = describeCount(run.tracker.finished)
  if (hasPlayed(run)) {
    return `Stopped after the last of ${describeLength(run.config)}, with learning still due; a checkpoint was written.`
  }
  const { episodes, steps } = run.config.run
  return steps === null
    ? `Stopped at episode ${done} of ${describeCount(episodes!)}; a checkpoint was written.`
    : `Stopped at step ${describeCount(countersOf(run).envSteps)} of ${describeCount(steps)}; a checkpoint was written.`
}

/** What stands on the page of a run that is done. */
function endMessage(run: Run, stays: boolean): string {
  const { episodes, envSteps, updates } = countersOf(run)
  const all =
    run.config.run.steps === null
      ? `All ${describeCount(episodes)} episodes are done`
      : `All ${describeCount(envSteps)} environment steps are done`
  if (!stays) return `${all}.`
  return updates > 0 ? `${all}: trained; the agents play on.` : `${all}, without an update round; the agents play on.`
}

function report(reporter: Reporter, event: RecordedEvent): void {
  if (event.type === 'checkpoint') reporter.checkpoint(event.episodes, event.file, event.bytes)
  else if (event.type === 'remark') printNote(event.message)
  else if (event.type === 'rollback') reporter.rollback(event.rollback, event.reason)
  else if (event.type === 'evaluation') {
    reporter.evaluation({ policy: 'trained', trainingEpisodes: event.trainingEpisodes }, event.evaluation)
  }
}
