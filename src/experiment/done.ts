// When a run is done: its episodes are finished or it was good enough before, no update round is due, and no evaluation is.
import type { Saved } from '../types.ts'

/** How long a training is: by episodes or by environment steps; the other is null. */
export interface Length {
  readonly episodes: number | null
  readonly steps?: number | null
}

/** What a training knows of its end. */
export interface Progress {
  readonly tracker: { readonly finished: number }
  readonly vectorGame?: { readonly steps: number; readonly games: { readonly length: number } }
  readonly rounds: { readonly due: boolean }
  readonly evaluation?: { readonly due: boolean }
  readonly goodEnough?: { readonly length: Length | null }
  readonly schedule: Length
}

/** Whether all games are played that were to be played, or that were needed. */
export function hasPlayed({ tracker, vectorGame, goodEnough, schedule }: Omit<Progress, 'rounds'>): boolean {
  if (goodEnough !== undefined && covers(goodEnough.length, schedule)) return true
  return reached(schedule, tracker.finished, vectorGame === undefined ? 0 : vectorGame.steps * vectorGame.games.length)
}

/** Whether a length is reached with so many finished episodes, or environment steps. */
export function reached({ episodes, steps = null }: Length, finished: number, envSteps: number): boolean {
  return steps === null ? finished >= (episodes ?? 0) : envSteps >= steps
}

/** Whether a training that ended early, and was to be `length`, was to be as long as this. */
function covers(length: Length | null, { episodes, steps = null }: Length): boolean {
  if (length === null || ((length.steps ?? null) === null) !== (steps === null)) return false
  return steps === null ? (episodes ?? 0) <= (length.episodes ?? 0) : steps <= length.steps!
}

/** Whether nothing is left to be trained. */
export function isDone(training: Progress): boolean {
  return hasPlayed(training) && !training.rounds.due && !training.evaluation?.due
}

/**
 * The same of what a run saved, for this length in all; its tensors are not needed. A run that was stopped after its last episode, before
 * its last update round had ended, is not done: it has yet to learn from that episode.
 */
export function wasDone(saved: Saved, length: Length): boolean {
  const {
    tracker,
    rounds,
    evaluationDue,
    goodEnough = null,
    envSteps,
  } = saved as {
    tracker?: { finished?: unknown }
    /** `pending`: as earlier versions said it. */
    rounds?: { due?: unknown; pending?: unknown }
    evaluationDue?: Saved
    goodEnough?: Length | null
    envSteps?: unknown
  }
  const learns = rounds?.due === true || Number(rounds?.pending ?? 0) > 0
  const waits = learns || (evaluationDue ?? null) !== null
  const isOver = covers(goodEnough, length) || reached(length, Number(tracker?.finished ?? 0), Number(envSteps ?? 0))
  return !waits && isOver
}
