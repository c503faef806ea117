// serve: the live page of a training in this program, with its curves, its past and its control.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identity, type Observable, tap } from 'rxjs'
import { describeError } from '../authoring/error-place.ts'
import { createExhibition } from '../exhibition/exhibition.ts'
import { isDone } from '../experiment/done.ts'
import { initialSession } from '../experiment/initial-session.ts'
import type { RecordedEvent } from '../experiment/record.ts'
import { createSession, type Session } from '../experiment/session.ts'
import type { Show } from '../experiment/show.ts'
import type { TrainingControls, TrainingEvent } from '../experiment/trainer.ts'
import { besideTraining, createTrainingControl } from '../experiment/training-control.ts'
import { followTraining, startLiveGame } from '../live/live.ts'
import { selfPlayNamed } from '../run/config/self-play-name.ts'
import { playerNamed } from '../run/config/team-settings.ts'
import { algorithms, shortNames } from '../run/players.ts'
import { demandPictures, type Run } from '../run/run.ts'
import { runSetup } from '../run/run-setup.ts'
import { learntTeams } from '../run/standings.ts'
import { keepRun } from '../starting/keep-run.ts'
import type { LiveView } from './live-view.ts'
import { openPage, type Page } from './page.ts'
import type { PageOptions, RecordOptions } from './page-options.ts'
import { tellSession } from './session-news.ts'
import { addressName, hide, type Shown, showAll } from './show-sessions.ts'
import { trainShown } from './shown-training.ts'
import { startRecording } from './start-recording.ts'
import type { OwnControls, ProgressEvent } from './training-options.ts'
import { endMessage, standing } from './training-words.ts'

/** Where the page of `serve` is, what is recorded, and what the training is given. */
export interface ServeOptions extends PageOptions, RecordOptions, OwnControls {
  /** A page that is open already: the session is added to it, and its own options count. */
  readonly page?: Page | undefined
  /** What the session is called in addresses; absent: the scenario's id. */
  readonly name?: string | undefined
}

/** A run on its page. */
export interface ServedRun extends LiveView {
  readonly session: Session
  /** Cold: trains the run as viewers control it, and shows them what comes of it. Completes when it is done or `stop` was called. */
  train(): Observable<TrainingEvent | ProgressEvent>
  /** The same for a pipe of one's own: `train(run, live.controls).pipe(tap(live.tell))`. */
  readonly controls: Pick<TrainingControls, 'paused$' | 'stop$'>
  /** Shows an event of the training to viewers. */
  tell(event: TrainingEvent | RecordedEvent): void
  /** Ends the training between two ticks, for good. */
  stop(): void
}

/**
 * Serves the page of a run that is trained in this program, nothing of which is written to disk (`trainRun` writes a run folder). What is
 * learnt is the same bits as without it.
 * @example
 * const run = await createRun({ scenario: { id: 'simple_spread' } })
 * const live = await serve(run)
 * console.log(live.url)
 * await lastValueFrom(live.train())
 * await live.close()
 * @throws ConfigError for a port that is taken, a wider address without a token.
 */
export async function serve(run: Run, options: ServeOptions = {}): Promise<ServedRun> {
  if (options.record !== undefined) demandPictures(run.createGame())
  const { note = () => {} } = options
  const { seed, preset, episodes } = run.config.run
  const who = { scenario: run.definition.id, algorithm: run.who, seed, preset, folder: null }
  const session = createSession(initialSession(who, 'training', run, episodes))
  const control = createTrainingControl(session)
  const page = options.page ?? (await openPage(options))
  const owned = options.page === undefined
  let game: Game | undefined
  let view: LiveView
  try {
    game = await gameOf(run, session)
    const { show, close } = game
    const of = { session, show, config: { ...run.config }, source: () => run.source }
    const recorder = options.record === undefined ? undefined : await startRecording(options, of, note)
    const shown: Shown = {
      ...{ session, recorder, close, show: besideTraining(show, control), title: run.definition.id },
      id: options.name ?? addressName(run.definition.id),
    }
    view = showAll(page, owned, [shown])
  } catch (error) {
    await hide(page, owned, [], 'the page could not be shown')
    await game?.close()
    throw error
  }
  const { reached } = game
  const training$ = trainShown<TrainingEvent>({
    ...{ run, session, control, keep: identity, keeps: false, own: options },
    hear(event) {
      if (event.type === 'progress') reached(event.progress.envSteps)
    },
  })
  return {
    ...view,
    session,
    controls: { paused$: control.paused$, stop$: control.stop$ },
    train: () =>
      training$.pipe(
        tap({
          error: error => session.dispatch({ type: 'failed', message: describeError(error) }),
          complete: () =>
            session.dispatch({ type: 'ended', message: isDone(run) ? endMessage(run, true) : standing(run, false) }),
        }),
      ),
    tell: event => tellSession(session, run, event),
    stop: () => control.quit(),
    close(message = 'the page was closed') {
      // Nobody is left who could start it again.
      if (session.state.status === 'paused') control.command({ type: 'resumeTraining' })
      if (session.state.status === 'stopped') control.quit()
      return view.close(message)
    },
  }
}

interface Game {
  readonly show: Show
  reached(envSteps: number): void
  close(): Promise<void>
}

/** The game that viewers watch: in a thread of its own, unless only this program knows who learns. */
async function gameOf(run: Run, session: Session): Promise<Game> {
  if (!isKnown(run)) {
    return { show: createExhibition(runSetup(run), session), reached() {}, async close() {} }
  }
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-served-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    keepRun(run, folder)
    const live = await startLiveGame(session, { kind: 'run', folder, checkpoint: null })
    followTraining(live, run)
    const { exhibition } = live
    return { show: exhibition, reached: exhibition.reached, close: () => exhibition.close().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}

/** Whether another thread finds all algorithms by their names. */
function isKnown(run: Run): boolean {
  return learntTeams(run).every(team => {
    const name = playerNamed(run.config, team)
    return (
      run.files.has(team) || [algorithms, shortNames].some(known => Object.hasOwn(known, name)) || selfPlayNamed(name)
    )
  })
}
