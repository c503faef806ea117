// marlstrom train: trains a run, keeps it on disk, shows it in the terminal and, with --watch, on a page.
import type { Command } from 'commander'
import pc from 'picocolors'
import { firstValueFrom, lastValueFrom, tap } from 'rxjs'
import { describeError } from '../../authoring/error-place.ts'
import { beforeStuckEnd } from '../../authoring/played-here.ts'
import { countersOf, type RecordedEvent, type Run, type RunFolder } from '../../index.ts'
import { describeActors } from '../../run/actors/run-actors.ts'
import { endsUnlearnt } from '../../run/experience.ts'
import { noteOfKernels } from '../../run/kernels.ts'
import { type OpenedTraining, openTraining } from '../../serving/open-training.ts'
import type { RecordOptions } from '../../serving/page-options.ts'
import type { ProgressEvent, TrainedRun } from '../../serving/training-options.ts'
import { describeLength, lengthOf } from '../../serving/training-words.ts'
import { planOf, type StartOptions } from '../../starting/start-run.ts'
import { describeCount } from '../../text/describe-count.ts'
import { addRecordOption } from '../options/recording.ts'
import { addSettingOptions, layersOf, portNumber, type SettingOptions, wholeNumber } from '../options/settings.ts'
import { createInterruption } from '../terminal/interruption.ts'
import { printNote } from '../terminal/print.ts'
import { addServingOptions, openWanted, type ServingOptions, whereToLook } from '../watch/serving.ts'
import { addElsewhereOptions, type ElsewhereOptions, howToPlay, launch, remoteOf } from './elsewhere.ts'
import { printConfig } from './print-config.ts'
import { createReporter, type Reporter } from './reporter.ts'
import type { SlurmActors } from './slurm-actors.ts'
import { playTable, summarize } from './summary.ts'

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
  const interruption = createInterruption()
  const training = await openTraining({
    ...options,
    ...(await remoteOf(options)),
    layers: layersOf(options, scenario),
    note: printNote,
    onLocked: interruption.listen,
    // Who wants the page opened wants it served.
    watch: options.watch ?? options.open === true,
    stays: () => playsOn(options),
  })
  const { run, folder, session, control, page, recorder, runKey } = training
  const reporter = createReporter(options.json === true, lengthOf(run))
  beforeStuckEnd(() => reporter.finish())
  interruption.asked$.subscribe({ next: () => control.quit(), error() {} })
  let jobs: SlurmActors | undefined
  try {
    reporter.note(describeRun(run, folder))
    if (runKey !== null) {
      reporter.actors(runKey, howToPlay(runKey, options))
      jobs = await launch(training, options)
      if (jobs !== undefined) reporter.note(`${jobs.submitted} jobs with actors were submitted`)
    }
    for (const remark of [run.remark, describeActors(run), noteOfKernels(run.config)])
      if (remark !== null) reporter.note(remark)
    const unlearnt = endsUnlearnt(run, run.settings.scenario!, countersOf(run))
    if (unlearnt !== null) printNote(unlearnt)
    if (recorder !== undefined) reporter.note(`recording: ${recorder.file}`)
    if (page !== null) {
      reporter.note(whereToLook(page))
      openWanted(page, options)
    }
    const trained = await trainAndReport(training, reporter)
    const { stopped } = trained
    const table = stopped ? null : await playTable(run, interruption.asked$, reporter)
    summarize(run, folder.path, reporter, table, trained)
    if (page !== null && !stopped && playsOn(options) && !interruption.asked) {
      const ended = countersOf(run).updates > 0 ? 'Trained; the' : 'Finished; the'
      reporter.note(`\n${pc.green(`${ended} agents play on.`)} ${whereToLook(page, '   (Ctrl-C ends)')}`)
      await firstValueFrom(interruption.asked$)
    }
    await training.hide(stopped ? 'the training was stopped' : 'the training has finished')
  } catch (error) {
    control.quit()
    reporter.finish()
    const reason = describeError(error)
    session.dispatch({ type: 'failed', message: reason })
    await training.hide(`the training failed: ${reason}`)
    throw error
  } finally {
    await jobs?.cancel().catch((error: Error) => printNote(error.message))
    await training.dispose()
    interruption.close()
  }
}

/** Whether the page outlives the training: where a person at a terminal can end it. Scripts expect the end. */
function playsOn({ exit, json }: TrainOptions): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && exit !== true && json !== true
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
async function trainAndReport(training: OpenedTraining, reporter: Reporter): Promise<TrainedRun> {
  await lastValueFrom(training.events$.pipe(tap(event => report(reporter, event))), { defaultValue: null })
  reporter.finish()
  return training.finished()
}

function report(reporter: Reporter, event: RecordedEvent | ProgressEvent): void {
  if (event.type === 'progress') reporter.progress(event.progress, event.returns)
  else if (event.type === 'checkpoint') reporter.checkpoint(event.episodes, event.file, event.bytes)
  else if (event.type === 'remark') printNote(event.message)
  else if (event.type === 'rollback') reporter.rollback(event.rollback, event.reason)
  else if (event.type === 'evaluation') {
    reporter.evaluation({ policy: 'trained', trainingEpisodes: event.trainingEpisodes }, event.evaluation)
  }
}
