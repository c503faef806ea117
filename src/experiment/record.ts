// Keeps a training run on disk: metrics lines as they come, checkpoints when due and at the end.
import { concat, defer, map, type Observable, type OperatorFunction, of, tap } from 'rxjs'
import type { MetricsLine } from './metrics.ts'
import type { RunFolder } from './run-folder.ts'
import { countersOf, type Training, type TrainingEvent } from './trainer.ts'

export type RecordedEvent =
  | { readonly type: 'metrics'; readonly line: MetricsLine }
  | { readonly type: 'checkpoint'; readonly episodes: number; readonly file: string; readonly bytes: number }

/** Writes every event to the run folder and, when the training ends or is stopped, a last checkpoint. */
export function record(training: Training, folder: RunFolder): OperatorFunction<TrainingEvent, RecordedEvent> {
  const checkpoint = (): RecordedEvent => {
    const { episodes } = countersOf(training)
    return { type: 'checkpoint', episodes, ...folder.writeCheckpoint(episodes, training.save()) }
  }
  return (events$: Observable<TrainingEvent>) =>
    concat(
      events$.pipe(
        tap(event => {
          if (event.type === 'metrics') folder.appendMetrics(event.line)
        }),
        map(event => (event.type === 'metrics' ? event : checkpoint())),
      ),
      // A round may have been learnt since a checkpoint at the same step, so the last one is always written anew.
      defer(() => of(checkpoint())),
    )
}
