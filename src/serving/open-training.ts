// A training with its run folder, page, game and recording: what commands and programs train by.
import { basename, resolve } from 'node:path'
import { ignoreElements, lastValueFrom, share, tap } from 'rxjs'
import { describeError } from '../authoring/error-place.ts'
import { isDone } from '../experiment/done.ts'
import { initialSession } from '../experiment/initial-session.ts'
import { type RecordedEvent, record } from '../experiment/record.ts'
import { createSession } from '../experiment/session.ts'
import { countersOf } from '../experiment/trainer.ts'
import { besideTraining, createTrainingControl, type TrainingControl } from '../experiment/training-control.ts'
import { followTraining, type LiveGame, startLiveGame } from '../live/live.ts'
import type { Recorder } from '../recording/recorder.ts'
import { demandPictures, type Run } from '../run/run.ts'
import { type Started, type StartOptions, startRun } from '../starting/start-run.ts'
import { type Page, preparePage } from './page.ts'
import { tellPast } from './session-news.ts'
import { addressName } from './show-sessions.ts'
import { trainingReturns, trainShown } from './shown-training.ts'
import { expectFree, startRecording } from './start-recording.ts'
import type { RunTraining, TrainedRun, TrainRunOptions } from './training-options.ts'
import { endMessage, standing } from './training-words.ts'

/** What a command adds: where actors are, whom it asks before anything is written, what stands on the page at the end. */
export interface OpenTraining extends TrainRunOptions, Omit<StartOptions, 'note' | 'out' | 'takeover' | 'operators'> {
  readonly demand?: (run: Run) => void
  /** Whether the page outlives the training. */
  readonly stays?: (stopped: boolean) => boolean
}

/** What is open, for who closes it piece by piece. */
export interface OpenedTraining extends Omit<RunTraining, 'close'>, Started {
  readonly control: TrainingControl
  readonly page: Page | null
  readonly recorder: Recorder | undefined
  /** Ends recording and page, with `message` as the last word to viewers. */
  hide(message: string): Promise<void>
  /** Ends the game that viewers watch, and gives the memory of the run back. */
  dispose(): Promise<void>
}

/** A training ready to begin, its page open and its game shown. @throws ConfigError, FileError as `trainRun` */
export async function openTraining(options: OpenTraining): Promise<OpenedTraining> {
  const { note = () => {}, watch, demand, stays = () => true, operators = [], stopWhen, sinks, pictures } = options
  const open = preparePage({ ...options, ...(typeof watch === 'number' ? { port: watch } : {}) })
  expectFree(options)
  // A port that is taken is known before there is a run folder.
  const lent = typeof watch === 'object' ? watch : null
  const page = lent ?? (watch === undefined || watch === false ? null : await open())
  const wantsPictures = options.record !== undefined
  const started = await startRun({ ...options, operators, note } as StartOptions, run => {
    if (wantsPictures) demandPictures(run.createGame())
    demand?.(run)
  }).catch(async error => {
    if (lent === null) await page?.close('the training could not begin')
    throw error
  })
  const { run, folder, lock } = started
  const { seed, preset, episodes } = run.config.run
  const who = { scenario: run.definition.id, algorithm: run.who, seed, preset, folder: resolve(folder.path) }
  const session = createSession(initialSession(who, 'training', run, episodes))
  tellPast(session, run, folder.readMetrics())
  const control = createTrainingControl(session)
  const id = addressName(basename(folder.path))
  let game: LiveGame | undefined
  let recorder: Recorder | undefined
  const hide = async (message: string) => {
    await recorder?.close()
    if (lent === null) await page?.close(message)
    else if (game !== undefined) await lent.remove(id, message)
  }
  const dispose = async () => {
    await recorder?.close()
    await game?.exhibition.close()
    run.dispose()
  }
  try {
    if (page !== null || options.record !== undefined) {
      // The game that viewers watch, played by the learners as they are.
      game = await startLiveGame(session, { kind: 'run', folder: folder.path, checkpoint: null })
      followTraining(game, run)
    }
    if (game !== undefined && options.record !== undefined) {
      const of = { session, show: game.exhibition, config: { ...run.config }, source: () => run.source }
      recorder = await startRecording(options, of, note)
    }
    if (page !== null && game !== undefined) {
      const show = besideTraining(game.exhibition, control)
      page.add({ id, title: session.state.run.scenario, session, show, recording: recorder?.snapshot })
    }
  } catch (error) {
    await hide(`the training failed: ${describeError(error)}`)
    await dispose()
    throw error
  }
  let began = 0
  let beganAt = countersOf(run)
  const events$ = trainShown<RecordedEvent>({
    ...{ run, session, control, keeps: true },
    own: { operators, stopWhen },
    // Lines go to sinks as they stand in metrics.jsonl.
    keep: record(run, folder, { sinks, pictures }),
    hear(event) {
      if (event.type === 'progress') game?.exhibition.reached(event.progress.envSteps)
      else if (event.type === 'checkpoint') game?.exhibition.refresh()
    },
    again() {
      // As when a run is resumed: its seconds go on from those before.
      const damage = folder.cutMetrics(run.tracker.finished, countersOf(run).envSteps)
      if (damage !== null) note(damage)
    },
  }).pipe(
    tap({
      subscribe() {
        began = performance.now()
        beganAt = countersOf(run)
      },
      complete() {
        result = resultOf(started, began, beganAt)
        // What failed or was killed keeps the mark of a training that did not come to its end. Nothing more is written into the folder:
        // another process may go on with the run while its page still stands.
        lock.release()
        const message = result.stopped ? standing(run) : endMessage(run, page !== null && stays(result.stopped))
        session.dispatch({ type: 'ended', message })
      },
      error: error => session.dispatch({ type: 'failed', message: describeError(error) }),
    }),
    share({ resetOnComplete: false, resetOnError: false, resetOnRefCountZero: false }),
  )
  let result: TrainedRun | undefined
  return {
    ...{ ...started, session, control, page, recorder, events$, hide, dispose },
    url: page?.url ?? null,
    recording: recorder?.file ?? null,
    stop: () => control.quit(),
    async finished() {
      await lastValueFrom(events$.pipe(ignoreElements()), { defaultValue: null })
      return result!
    },
  }
}

function resultOf({ run, folder }: Started, began: number, { envSteps }: { envSteps: number }): TrainedRun {
  const wallSeconds = (performance.now() - began) / 1000
  const counters = countersOf(run)
  return {
    runFolder: folder.path,
    stopped: !isDone(run),
    ...counters,
    wallSeconds,
    envStepsPerSecond: (counters.envSteps - envSteps) / wallSeconds,
    returns: trainingReturns(run),
  }
}
