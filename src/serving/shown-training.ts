// A training as its viewers see it and control it: round after round, with pauses, stops and starts, and how far it is.
import {
  concat,
  defer,
  EMPTY,
  finalize,
  from,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  type OperatorFunction,
  of,
  Subject,
  takeUntil,
  tap,
} from 'rxjs'
import { isDone } from '../experiment/done.ts'
import { createProgress } from '../experiment/progress.ts'
import type { RecordedEvent } from '../experiment/record.ts'
import type { Session } from '../experiment/session.ts'
import { countersOf, type TrainingEvent, train } from '../experiment/trainer.ts'
import type { TrainingControl } from '../experiment/training-control.ts'
import { firstUpdateAt, rolloutsOf } from '../run/experience.ts'
import type { Run } from '../run/run.ts'
import { tellSession } from './session-news.ts'
import type { OwnControls, ProgressEvent } from './training-options.ts'
import { lengthOf, standing } from './training-words.ts'

export interface ShownTraining<E extends TrainingEvent | RecordedEvent> {
  readonly run: Run
  readonly session: Session
  readonly control: TrainingControl
  readonly own?: OwnControls
  /** What becomes of its events, such as `record(run, folder)`. */
  readonly keep: OperatorFunction<TrainingEvent, E>
  /** Whether that writes checkpoints. */
  readonly keeps: boolean
  /** Is told every event before others are. */
  readonly hear: (event: E | ProgressEvent) => void
  /** Before it goes on after a stop. */
  readonly again?: () => void
}

/** Milliseconds between two tellings of how far it is. */
const tellEvery = 250

/** Trains until the run is done, or its end is asked for; viewers may stop and start it in between. Cold. */
export function trainShown<E extends TrainingEvent | RecordedEvent>(
  training: ShownTraining<E>,
): Observable<E | ProgressEvent> {
  const { run, session, control, own = {}, keep, keeps, hear, again = () => {} } = training
  return defer(() => {
    const progress = measuring(run, session)
    const rounds = (): Observable<E | ProgressEvent> =>
      concat(
        defer(() => train(run, { ...control, ...own }).pipe(keep)).pipe(tap(event => tellSession(session, run, event))),
        defer(() => of(progress())),
        defer(() => (isDone(run) ? EMPTY : from(control.goesOn(standing(run, keeps))))).pipe(
          mergeMap(goesOn => {
            if (!goesOn) return EMPTY
            again()
            return rounds()
          }),
        ),
      )
    const over = new Subject<void>()
    const told$ = interval(tellEvery).pipe(map(progress), takeUntil(over))
    return merge(told$, rounds().pipe(finalize(() => over.next()))).pipe(tap(hear))
  })
}

/** By agent id: the mean over the last training episodes. */
export function trainingReturns(run: Run): Record<string, number> {
  return Object.fromEntries(run.returns.means().map((mean, i) => [run.agents[i]!.id, mean]))
}

/** Each call tells viewers how far it is. */
function measuring(run: Run, session: Session): () => ProgressEvent {
  const measure = createProgress(lengthOf(run), firstUpdateAt(run))
  const rollouts = rolloutsOf(run)
  const counted = () => ({
    ...countersOf(run),
    ...(rollouts && { rollouts: { ...rollouts, minibatches: run.rounds.updates } }),
    ...(run.actors && { actors: run.actors.standings() }),
  })
  measure(counted())
  return () => {
    const progress = measure(counted())
    session.dispatch({ type: 'progress', progress })
    return { type: 'progress', progress, returns: trainingReturns(run) }
  }
}
