// marlstrom train: trains a run, keeps it on disk, shows it in the terminal and, with --watch, on a page.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { BehaviorSubject, lastValueFrom, Subject, type Subscription, tap } from 'rxjs'
import { countersOf, createProgress, type RecordedEvent, type Run, type RunFolder, record, train } from '../index.ts'
import { trainedPolicies } from '../run.ts'
import { initialSession, type Live, openLive } from './live.ts'
import { printConfig } from './print-config.ts'
import { createReporter, describeCount, describeRollback, type Reporter } from './reporter.ts'
import { addServingOptions, type Serving, type ServingOptions, servingOf, whereToLook } from './serving.ts'
import { addSettingOptions, portNumber } from './settings.ts'
import { planOf, type StartOptions, startRun } from './start-run.ts'
import { summarize } from './summary.ts'

interface TrainOptions extends StartOptions, ServingOptions {
  readonly watch?: number | true
  readonly printConfig?: boolean
  readonly json?: boolean
}

export function addTrainCommand(program: Command): void {
  addServingOptions(addSettingOptions(program.command('train')))
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
  const { run, folder, lock } = await startRun(scenario, options)
  const reporter = createReporter(options.json === true, run.config.run.episodes)
  const live = options.watch === undefined ? undefined : await openTrainingPage(run, folder, serving, options.watch)
  reporter.note(describeRun(run, folder))
  if (live !== undefined) reporter.note(whereToLook(live))
  try {
    const stopped = await trainAndReport(run, folder, reporter, live)
    // What failed or was killed keeps the mark of a training that did not come to its end.
    lock.release()
    await live?.close(stopped ? 'the training was stopped' : 'the training has finished')
  } catch (error) {
    reporter.finish()
    const reason = error instanceof Error ? error.message : String(error)
    live?.session.dispatch({ type: 'failed', message: reason })
    await live?.close(`the training failed: ${reason}`)
    throw error
  } finally {
    run.dispose()
  }
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

/** Trains to the end or until Ctrl-C; true when it was stopped. */
async function trainAndReport(
  run: Run,
  folder: RunFolder,
  reporter: Reporter,
  live: Live | undefined,
): Promise<boolean> {
  const started = performance.now()
  const startedAt = countersOf(run)
  const measure = createProgress(run.config.run.episodes)
  measure(startedAt)
  const returns = () => Object.fromEntries(run.returns.means().map((mean, i) => [run.agents[i]!.id, mean]))
  const showProgress = () => {
    const progress = measure(countersOf(run))
    reporter.progress(progress, returns())
    live?.session.dispatch({ type: 'progress', progress })
  }
  const show = (event: RecordedEvent) => {
    if (event.type === 'checkpoint') reporter.checkpoint(event.episodes, event.file, event.bytes)
    else if (event.type === 'rollback') {
      reporter.rollback(event.rollback, event.reason)
      const message = describeRollback(event.rollback, event.reason)
      live?.session.dispatch({ type: 'rolledBack', episodes: event.rollback.episodes, message })
    } else if (event.type === 'evaluation') {
      reporter.evaluation({ policy: 'trained', trainingEpisodes: event.trainingEpisodes }, event.evaluation)
    } else live?.session.dispatch({ type: 'point', episodes: event.line.episodes!, returns: run.returns.means() })
  }

  const stop$ = new Subject<void>()
  let stopped = false
  const stop = () => {
    if (stopped) process.exit(130)
    stopped = true
    stop$.next()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const paused$ = new BehaviorSubject(false)
  const pausing: Subscription | undefined = live?.session.changes$.subscribe(({ state }) => {
    const paused = state.status === 'paused'
    if (paused !== paused$.value) paused$.next(paused)
  })
  const timer = setInterval(showProgress, 250)
  try {
    await lastValueFrom(train(run, { paused$, stop$ }).pipe(record(run, folder), tap(show)))
    showProgress()
  } finally {
    clearInterval(timer)
    pausing?.unsubscribe()
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  reporter.finish()

  const wallSeconds = (performance.now() - started) / 1000
  const now = countersOf(run)
  const message = stopped
    ? `Stopped at episode ${describeCount(now.episodes)} of ${describeCount(run.config.run.episodes)}; a checkpoint was written.`
    : `All ${describeCount(now.episodes)} episodes are done.`
  live?.session.dispatch({ type: 'ended', message })
  summarize(run, folder.path, reporter, {
    stopped,
    wallSeconds,
    envStepsPerSecond: (now.envSteps - startedAt.envSteps) / wallSeconds,
    returns: returns(),
  })
  return stopped
}

/** The page shows a game of its own, played by the latest actors. */
async function openTrainingPage(run: Run, folder: RunFolder, serving: Serving, port: number | true): Promise<Live> {
  const { config } = run
  const game = run.createGame()
  const identity = {
    scenario: run.definition.id,
    algorithm: run.who,
    seed: config.run.seed,
    preset: config.run.preset,
    folder: resolve(folder.path),
  }
  const session = initialSession(identity, 'training', game, config.run.episodes)
  return openLive(session, game, trainedPolicies(run, 'exhibition', [game]), serving, port === true ? undefined : port)
}
