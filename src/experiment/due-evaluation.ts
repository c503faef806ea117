// The evaluation that a training waits for: played tick by tick, and played again by a run that was stopped during it.
import { turns } from '../engine/carry-out.ts'
import type { Tick } from '../engine/clock.ts'
import type { Saved, Stateful } from '../types.ts'
import type { Evaluation } from './evaluate.ts'

/** What came of an evaluation, and whether a checkpoint that was due at the same step has waited for it. */
export interface DueEvaluationResult {
  readonly evaluation: Evaluation
  readonly checkpointDue: boolean
}

/** Its state is what is due, not how far it was played: an evaluation has random streams of its own, so it comes out the same. */
export interface DueEvaluation extends Stateful {
  /** An evaluation is due or under way: the training waits. */
  readonly due: boolean
  /** From now on one is due. */
  begin(): void
  /** A checkpoint is due: whether it waits until the evaluation is over, because one is due. */
  holdCheckpoint(): boolean
  /** Plays on while the tick has room; what came of it once it is over, null before. */
  advance(tick: Tick): DueEvaluationResult | null
}

/** No evaluation is due. `play`: begins one with the actors as they are. */
export function createDueEvaluation(play: () => Generator<void, Evaluation>): DueEvaluation {
  let due = false
  let checkpointDue = false
  let underWay: Generator<void, Evaluation> | null = null
  return {
    get due() {
      return due
    },
    begin() {
      due = true
      checkpointDue = false
      underWay = null
    },
    holdCheckpoint() {
      checkpointDue ||= due
      return due
    },
    advance(tick) {
      underWay ??= play()
      const outcome = turns(underWay, tick)
      if (outcome === null) return null
      due = false
      underWay = null
      return { evaluation: outcome.value, checkpointDue }
    },
    save: () => (due ? { checkpointDue } : null),
    restore(saved) {
      due = saved !== null
      checkpointDue = due && (saved as { checkpointDue: Saved }).checkpointDue === true
      underWay = null
    },
  }
}
