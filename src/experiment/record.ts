// Keeps a training run on disk: metrics lines as they come, checkpoints when due and at the end.
import { join } from 'node:path'
import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  merge,
  mergeMap,
  type Observable,
  type OperatorFunction,
  of,
  Subject,
  startWith,
  switchMap,
  takeUntil,
  throwError,
  timer,
} from 'rxjs'
import { NonFiniteError } from '../errors.ts'
import { shellQuoted } from '../text/shell-quoted.ts'
import type { Saved } from '../types.ts'
import { csvSink } from './csv-sink.ts'
import { diskTrouble } from './disk-trouble.ts'
import { bestChoice, createConstantSumWatch, meanOf } from './keep-best.ts'
import type { MetricsLine } from './metrics.ts'
import type { Rollback } from './recovery.ts'
import type { RunFolder } from './run-folder.ts'
import { type MetricsSink, openSinks, type Pictures } from './sinks.ts'
import { tensorboardSink } from './tensorboard-log.ts'
import { countersOf, type EvaluatedEvent, type Training, type TrainingEvent } from './training.ts'

/** What `record` tells: metrics lines, evaluations, checkpoints that were written, rollbacks, remarks. */
export type RecordedEvent =
  | { readonly type: 'metrics'; readonly line: MetricsLine }
  | EvaluatedEvent
  | { readonly type: 'checkpoint'; readonly episodes: number; readonly file: string; readonly bytes: number }
  /** Numbers were no longer finite: the run stands at its rollback point again and learns slower. `reason`: a sentence. */
  | { readonly type: 'rollback'; readonly rollback: Rollback; readonly reason: string }
  /** A sentence for people about how the run is set up. */
  | { readonly type: 'remark'; readonly message: string }

/** Where the lines of metrics.jsonl go too, beside what the settings say (run.tensorboard, run.csv). */
export interface RecordOptions {
  readonly sinks?: readonly MetricsSink[] | undefined
  readonly pictures?: Pictures | undefined
}

/**
 * Writes every event to the run folder, checkpoints also when none was due for some minutes, and a last one when the training ends or is
 * stopped. Those by the clock change nothing: they are no rollback points, keep no best actors and go when the next one comes. A training
 * that comes upon numbers that are not finite goes back to the last scheduled checkpoint if its recovery says so: checkpoints of interruptions do not count, so
 * that they change nothing. An error leaves the checkpoints as they were.
 * @see docs/runs.md
 */
export function record(
  training: Training,
  folder: RunFolder,
  { sinks: own = [], pictures = {} }: RecordOptions = {},
): OperatorFunction<TrainingEvent, RecordedEvent> {
  const keepsPoints = training.recovery?.keepsPoints ?? false
  const { keepBest = false, keepCheckpoints: keep = 1, checkpointMinutes: minutes = 0 } = training.schedule
  const sinks = [
    ...(training.schedule.tensorboard ? [tensorboardSink(training, folder.path)] : []),
    ...(training.schedule.csv ? [csvSink(join(folder.path, 'metrics.csv'))] : []),
    ...own,
  ]
  const written$ = new Subject<void>()
  let savedAt = ''
  const best = bestChoice(keepBest, training.agents)
  const bestBy = String(keepBest === true ? 'return' : keepBest)
  const sumWatch = best === null ? () => null : createConstantSumWatch(best)
  /** Keeps the actors that were evaluated where they are the best so far, and watches what they are chosen by. */
  const evaluated = ({ trainingEpisodes, evaluation }: EvaluatedEvent): RecordedEvent[] => {
    if (best?.by !== 'evaluation') return []
    const returns = training.agents.map(({ id }) => evaluation.returns[id]!.mean)
    folder.keepBest(trainingEpisodes, meanOf(best, returns), () => actorsIn(training.save()), bestBy)
    return remarksOn(returns)
  }
  const remarksOn = (returns: readonly number[]): RecordedEvent[] => {
    const message = sumWatch(returns)
    return message === null ? [] : [{ type: 'remark', message }]
  }
  const now = () => JSON.stringify(countersOf(training))
  const checkpoint = (how: 'planned' | 'rollbackPoint' | 'inBetween'): RecordedEvent => {
    const { episodes } = countersOf(training)
    const saved = training.save()
    if (best?.by === 'training' && how !== 'inBetween') {
      folder.keepBest(episodes, meanOf(best, training.returns.means()), () => actorsIn(saved), bestBy)
    }
    const options = { keep, isRollbackPoint: how === 'rollbackPoint', isInBetween: how === 'inBetween' }
    const file = folder.writeCheckpoint(episodes, saved, options)
    savedAt = now()
    written$.next()
    return { type: 'checkpoint', episodes, ...file }
  }
  /** Between two ticks, when the last checkpoint is some minutes old; nothing where nothing was trained since, as in a pause. */
  const inBetween$ = defer(() => {
    if (minutes === 0) return EMPTY
    savedAt = now()
    return written$.pipe(
      startWith(undefined),
      switchMap(() => timer(minutes * 60_000, minutes * 60_000)),
      mergeMap(() => (now() === savedAt ? [] : [checkpoint('inBetween')])),
    )
  })
  return (events$: Observable<TrainingEvent>) =>
    concat(
      defer(() => {
        if (keepsPoints && !folder.hasRollbackPoint) checkpoint('rollbackPoint')
        const open = openSinks(training, sinks, { folder: folder.path, pictures })
        const ended$ = new Subject<void>()
        const recorded$ = events$.pipe(
          mergeMap((event): RecordedEvent[] => {
            if (event.type === 'evaluation') {
              open.evaluated(event)
              return [event, ...evaluated(event)]
            }
            if (event.type === 'checkpointDue') return [checkpoint(keepsPoints ? 'rollbackPoint' : 'planned')]
            if (event.type === 'rowsDue') {
              if (training.replay) folder.writeRows(training.replay.rows())
              return []
            }
            const line = folder.appendMetrics(event.line, event.isLast)
            if (line === null) return []
            open.line(line, event.isLast ?? false)
            const remarks = best?.by === 'training' ? remarksOn(returnsIn(line, training.agents)) : []
            return [{ type: 'metrics', line }, ...remarks]
          }),
          open.closing(),
          finalize(() => ended$.next()),
        )
        // The events may all come as soon as they are asked for: what they end has to be there before.
        return merge(inBetween$.pipe(takeUntil(ended$)), recorded$)
      }).pipe(catchError((error, again$) => concat(of(rollBack(training, folder, error)), again$))),
      // A round may have been learnt since a checkpoint at the same step, so the last one is always written anew.
      defer(() => of(checkpoint('planned'))),
    ).pipe(catchError(error => throwError(() => diskTrouble(folder.path, error))))
}

/** Brings training and folder back to the rollback point. @throws the error where that is not possible, with what can be done. */
function rollBack(training: Training, folder: RunFolder, error: unknown): RecordedEvent {
  if (!(error instanceof NonFiniteError) || error.divergence === undefined) throw error
  const { recovery } = training
  if (!recovery?.possible) throw new NonFiniteError(`${error.message}; ${remedy(training, folder)}`, error.divergence)
  const before = recovery.save()
  training.restore(folder.readRollbackPoint())
  // The rollbacks of the run, not those that it had made when it came to this point for the first time.
  recovery.restore(before)
  const { episodes, envSteps } = countersOf(training)
  const rollback = recovery.note(episodes, error.divergence)
  folder.writeCheckpoint(episodes, training.save(), { isRollbackPoint: true })
  folder.cutCheckpoints(episodes)
  const damage = folder.cutMetrics(episodes, envSteps)
  return { type: 'rollback', rollback, reason: damage === null ? error.message : `${error.message}; ${damage}` }
}

/** The training returns of a line, agent by agent; none before the first episode has finished. */
function returnsIn(line: MetricsLine, agents: Training['agents']): number[] {
  return agents.flatMap(({ id }) => line[`return/${id}`] ?? [])
}

/** Of what a run saved, what is enough to act. */
function actorsIn(saved: Saved): Saved {
  const { learners, envSteps, scenarioVersion, kernels } = saved as Record<string, Saved>
  return { learners: learners!, envSteps: envSteps!, scenarioVersion: scenarioVersion!, kernels: kernels! }
}

function remedy({ recovery }: Training, { hasCheckpoint, path }: RunFolder): string {
  const from = hasCheckpoint
    ? `the last checkpoint is as it was, and --fork ${shellQuoted(path)} goes on from it, `
    : 'begin again '
  const rolledBack =
    recovery === undefined || recovery.rollbacks.length === 0
      ? ''
      : `${recovery.rollbacks.length === 1 ? 'a rollback' : `${recovery.rollbacks.length} rollbacks`} did not help; `
  return `${rolledBack}${from}with a smaller learner.learningRate${recovery?.keepsPoints ? '' : ' or with run.divergence=rollback'}`
}
