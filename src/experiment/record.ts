// Keeps a training run on disk: metrics lines as they come, checkpoints when due and at the end.
import { catchError, concat, defer, mergeMap, type Observable, type OperatorFunction, of, throwError } from 'rxjs'
import { NonFiniteError } from '../errors.ts'
import { shellQuoted } from '../shell-quoted.ts'
import type { Saved } from '../types.ts'
import { diskTrouble } from './disk-trouble.ts'
import type { MetricsLine } from './metrics.ts'
import type { Rollback } from './recovery.ts'
import type { RunFolder } from './run-folder.ts'
import { beginTensorboardLog } from './tensorboard-log.ts'
import { countersOf, type EvaluatedEvent, type Training, type TrainingEvent } from './trainer.ts'

export type RecordedEvent =
  | { readonly type: 'metrics'; readonly line: MetricsLine }
  | EvaluatedEvent
  | { readonly type: 'checkpoint'; readonly episodes: number; readonly file: string; readonly bytes: number }
  /** Numbers were no longer finite: the run stands at its rollback point again and learns slower. `reason`: a sentence. */
  | { readonly type: 'rollback'; readonly rollback: Rollback; readonly reason: string }

/**
 * Writes every event to the run folder and, when the training ends or is stopped, a last checkpoint. A training that comes upon numbers
 * that are not finite goes back to the last scheduled checkpoint if its recovery says so: checkpoints of interruptions do not count, so
 * that they change nothing. An error leaves the checkpoints as they were.
 */
export function record(training: Training, folder: RunFolder): OperatorFunction<TrainingEvent, RecordedEvent> {
  const keepsPoints = training.recovery?.keepsPoints ?? false
  const checkpoint = (isRollbackPoint: boolean): RecordedEvent => {
    const { episodes } = countersOf(training)
    const saved = training.save()
    if (training.schedule.keepBest) folder.keepBest(episodes, meanReturn(training), () => actorsIn(saved))
    const keep = training.schedule.keepCheckpoints ?? 1
    return { type: 'checkpoint', episodes, ...folder.writeCheckpoint(episodes, saved, { isRollbackPoint, keep }) }
  }
  return (events$: Observable<TrainingEvent>) =>
    concat(
      defer(() => {
        if (keepsPoints && !folder.hasRollbackPoint) checkpoint(true)
        const tensorboard = training.schedule.tensorboard ? beginTensorboardLog(training, folder.path) : null
        return events$.pipe(
          mergeMap(event => {
            if (event.type === 'evaluation') return [event]
            if (event.type === 'checkpointDue') return [checkpoint(keepsPoints)]
            if (event.type === 'rowsDue') {
              folder.writeRows(training.replay.rows())
              return []
            }
            const line = folder.appendMetrics(event.line)
            tensorboard?.append(line)
            return [{ type: 'metrics', line } as const]
          }),
        )
      }).pipe(catchError((error, again$) => concat(of(rollBack(training, folder, error)), again$))),
      // A round may have been learnt since a checkpoint at the same step, so the last one is always written anew.
      defer(() => of(checkpoint(false))),
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
  const { episodes } = countersOf(training)
  const rollback = recovery.note(episodes, error.divergence)
  folder.writeCheckpoint(episodes, training.save(), { isRollbackPoint: true })
  folder.cutCheckpoints(episodes)
  folder.cutMetrics(episodes)
  return { type: 'rollback', rollback, reason: error.message }
}

/** Mean training return of the agents. */
function meanReturn({ returns }: Training): number {
  const means = returns.means()
  return means.reduce((sum, mean) => sum + mean, 0) / means.length
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
