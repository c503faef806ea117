// marlstrom train: trains a run, keeps it on disk, shows it in the terminal and, with --watch, on a page.
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import pc from 'picocolors'
import { lastValueFrom, tap } from 'rxjs'
import { endsUnlearnt, firstUpdateAt } from '../experience.ts'
import {
  besideTraining,
  checkpointsOf,
  countersOf,
  createProgress,
  createTrainingControl,
  initialSession,
  type RecordedEvent,
  type Run,
  type RunFolder,
  record,
  runStage,
  type SessionState,
  type TrainingControl,
  train,
} from '../index.ts'
import { goOnAir, host, type OnAir } from './live.ts'
import { printError } from './print.ts'
import { printConfig } from './print-config.ts'
import { addRecordOption, expectFree, type RecordOptions, startRecording } from './recording.ts'
import { createReporter, describeCount, type Reporter } from './reporter.ts'
import { addServingOptions, openServer, type ServingOptions, servingOf, whereToLook } from './serving.ts'
import { tellPast, tellSession } from './session-news.ts'
import { addSettingOptions, portNumber } from './settings.ts'
import { planOf, type Started, type StartOptions, startRun } from './start-run.ts'
import { summarize } from './summary.ts'

interface TrainOptions extends StartOptions, ServingOptions, RecordOptions {
  readonly watch?: number | true
  readonly printConfig?: boolean
  readonly json?: boolean
}

export function addTrainCommand(program: Command): void {
  addRecordOption(addServingOptions(addSettingOptions(program.command('train'))))
    .argument('[scenario]', 'id of a scenario (see `marlstrom list`), or a scenario file')
    .option('--out <folder>', 'the run folder; default runs/<scenario>-<algorithm>-s<seed>-<time>')
    .option('--watch [port]', 'serve the live page, on this machine only unless --host says otherwise', portNumber)
    .option('--resume <run>', 'go on with an earlier run, bit for bit; only --episodes and --threads may change')
    .option('--fork <run>', 'a new run from the newest checkpoint of an earlier one, with other settings')
    .option('--takeover', 'train on in a folder whose trainer, on another host, is dead')
    .option('--print-config', 'print every setting and where its value came from; trains nothing')
    .option('--json', 'one JSON object per line and nothing else on stdout')
    .action(trainCommand)
}

async function trainCommand(scenario: string | undefined, options: TrainOptions): Promise<void> {
  if (options.printConfig) {
    const { plan, layers } = await planOf(scenario, options)
    return printConfig(plan, layers, options.json === true)
  }
  const serving = servingOf(options)
  expectFree(options)
  const started = await startRun(scenario, options)
  const { run, folder, lock } = started
  const reporter = createReporter(options.json === true, run.config.run.episodes)
  const air = goOnAir(
    initialSession(identityOf(run, folder), 'training', run, run.config.run.episodes),
    runStage(run, checkpointsOf(folder)),
  )
  tellPast(air.session, run, folder.readMetrics())
  const control = createTrainingControl(air.session)
  const recorder =
    options.record === undefined
      ? undefined
      : await startRecording(options, {
          session: air.session,
          show: air.exhibition,
          config: { ...run.config },
          source: () => run.source,
        })
  const server =
    options.watch === undefined
      ? undefined
      : await openServer(serving, options.watch === true ? undefined : options.watch)
  if (server !== undefined) host(server, basename(folder.path), air, besideTraining(air.exhibition, control), recorder)
  reporter.note(describeRun(run, folder))
  const unlearnt = endsUnlearnt(run.config, run.settings.scenario!, countersOf(run))
  if (unlearnt !== null) printError(`${pc.yellow('note:')} ${unlearnt}`)
  if (recorder !== undefined) reporter.note(`recording: ${recorder.file}`)
  if (server !== undefined) reporter.note(whereToLook(server))
  try {
    const stopped = await trainAndReport(started, reporter, air, control)
    // What failed or was killed keeps the mark of a training that did not come to its end.
    lock.release()
    await recorder?.close()
    await server?.close(stopped ? 'the training was stopped' : 'the training has finished')
  } catch (error) {
    reporter.finish()
    const reason = error instanceof Error ? error.message : String(error)
    air.session.dispatch({ type: 'failed', message: reason })
    await server?.close(`the training failed: ${reason}`)
    throw error
  } finally {
    await recorder?.close()
    run.dispose()
  }
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
    `${describeCount(config.run.episodes)} episodes${done}, into ${folder.path}\n` +
    `replay buffer: up to ${describeCount(replay.capacity)} transitions of ${replay.bytesPerTransition} bytes, ` +
    `${describeCount(replay.bytesWhenFull / 1e6)} MB when full, taken as it fills`
  )
}

/** Trains to the end or until Ctrl-C; true when it was stopped. Viewers may stop and start it in between. */
async function trainAndReport(
  { run, folder }: Started,
  reporter: Reporter,
  { session, exhibition }: OnAir,
  control: TrainingControl,
): Promise<boolean> {
  const began = performance.now()
  const beganAt = countersOf(run)
  const measure = createProgress(run.config.run.episodes, firstUpdateAt(run.config))
  measure(beganAt)
  const returns = () => Object.fromEntries(run.returns.means().map((mean, i) => [run.agents[i]!.id, mean]))
  const showProgress = () => {
    const progress = measure(countersOf(run))
    reporter.progress(progress, returns())
    session.dispatch({ type: 'progress', progress })
  }
  const show = (event: RecordedEvent) => {
    report(reporter, event)
    tellSession(session, run, event)
    if (event.type === 'checkpoint') exhibition.refresh()
  }
  const done = () => run.tracker.finished >= run.config.run.episodes
  const standing = () =>
    `Stopped at episode ${describeCount(run.tracker.finished)} of ${describeCount(run.config.run.episodes)}; a checkpoint was written.`

  const stop = () => {
    if (control.quitted) process.exit(130)
    control.quit()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const timer = setInterval(showProgress, 250)
  try {
    for (;;) {
      await lastValueFrom(train(run, control).pipe(record(run, folder), tap(show)))
      showProgress()
      if (done() || !(await control.goesOn(standing()))) break
      // As when a run is resumed: its seconds go on from those before.
      folder.cutMetrics(run.tracker.finished)
    }
  } finally {
    clearInterval(timer)
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  reporter.finish()

  const wallSeconds = (performance.now() - began) / 1000
  const now = countersOf(run)
  session.dispatch({
    type: 'ended',
    message: done() ? `All ${describeCount(now.episodes)} episodes are done.` : standing(),
  })
  summarize(run, folder.path, reporter, {
    stopped: !done(),
    wallSeconds,
    envStepsPerSecond: (now.envSteps - beganAt.envSteps) / wallSeconds,
    returns: returns(),
  })
  return !done()
}

function report(reporter: Reporter, event: RecordedEvent): void {
  if (event.type === 'checkpoint') reporter.checkpoint(event.episodes, event.file, event.bytes)
  else if (event.type === 'rollback') reporter.rollback(event.rollback, event.reason)
  else if (event.type === 'evaluation') {
    reporter.evaluation({ policy: 'trained', trainingEpisodes: event.trainingEpisodes }, event.evaluation)
  }
}
