// When a run is done: its episodes are finished, no update round is due, and no evaluation is.
import type { Saved } from '../types.ts'

/** What a training knows of its end. */
export interface Progress {
  readonly tracker: { readonly finished: number }
  readonly rounds: { readonly due: boolean }
  readonly evaluation?: { readonly due: boolean }
  /** `episodes`: to train in all. */
  readonly schedule: { readonly episodes: number }
}

/** Whether nothing is left to be trained. */
export function isDone({ tracker, rounds, evaluation, schedule }: Progress): boolean {
  return tracker.finished >= schedule.episodes && !rounds.due && !evaluation?.due
}

/**
 * The same of what a run saved, for `episodes` in all; its tensors are not needed. A run that was stopped after its last episode, before
 * its last update round had ended, is not done: it has yet to learn from that episode.
 */
export function wasDone(saved: Saved, episodes: number): boolean {
  const { tracker, rounds, evaluationDue } = saved as {
    tracker?: { finished?: unknown }
    /** `pending`: as earlier versions said it. */
    rounds?: { due?: unknown; pending?: unknown }
    evaluationDue?: Saved
  }
  return isDone({
    tracker: { finished: Number(tracker?.finished ?? 0) },
    rounds: { due: rounds?.due === true || Number(rounds?.pending ?? 0) > 0 },
    evaluation: { due: (evaluationDue ?? null) !== null },
    schedule: { episodes },
  })
}
