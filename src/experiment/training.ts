// What a training is made of, what it tells, and where it stands.
import type { ActorGames } from '../actors/actor-games.ts'
import type { Policy } from '../agents/policy.ts'
import type { EpisodeTracker } from '../engine/episodes.ts'
import type { UpdateRounds } from '../engine/update-rounds.ts'
import type { VectorGame } from '../envs/vector-game.ts'
import type { Roster } from '../learning/member.ts'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { AgentSpec, Stateful } from '../types.ts'
import type { DueEvaluation } from './due-evaluation.ts'
import type { Evaluation } from './evaluate.ts'
import type { GoodEnough } from './good-enough.ts'
import type { LineLog, MetricsLine, TrainingReturns } from './metrics.ts'
import type { Recovery } from './recovery.ts'
import type { TrainingOperators } from './training-operators.ts'

/** A wired training run: everything that lasts, by name. `save` and `restore` cover all of it. */
export interface Training extends Stateful {
  readonly agents: readonly AgentSpec[]
  readonly vectorGame: VectorGame
  /** The same where actors play it; absent or null: it is played here, by the policies. */
  readonly actors?: ActorGames | null
  /** What explores, in agent order; of games that actors play none, since they bring their own. */
  readonly policies: readonly Policy[]
  readonly roster: Roster
  /** Absent or null: nobody learns from one. */
  readonly replay?: JointReplay | null
  readonly rounds: UpdateRounds
  readonly tracker: EpisodeTracker
  readonly returns: TrainingReturns
  /** Those of the caller's own; absent: it can have none. */
  readonly operators?: TrainingOperators
  /** Whether it ended early; absent: it cannot. */
  readonly goodEnough?: GoodEnough
  /** Which regular lines there were, so that a run folder can be held against it; absent: nobody knows. */
  readonly log?: LineLog
  /** What becomes of it when numbers are no longer finite; absent: it stops. */
  readonly recovery?: Recovery
  /** Plays evaluation episodes with the actors as they are, with random streams of its own; absent: the run is never evaluated. */
  readonly evaluation?: DueEvaluation
  /** Episodes to train in all, and between metrics lines, checkpoints and evaluations (rounded up to whole metrics lines; 0: none). */
  readonly schedule: {
    /** null: `steps` says how long. */
    readonly episodes: number | null
    /** Environment steps to train in all; null and default: `episodes` says how long. */
    readonly steps?: number | null
    /** Of the run, for errors. */
    readonly seed?: number
    readonly logEvery: number
    /** Environment steps after a metrics line at which the next comes, however few episodes have finished; 0 and default: none. */
    readonly logSteps?: number
    readonly checkpointEvery: number
    /** Environment steps between checkpoints, beside those by episodes; 0 and default: none. */
    readonly checkpointSteps?: number
    /** Minutes after a checkpoint at which a run folder gets another; 0 and default: none. */
    readonly checkpointMinutes?: number
    readonly evaluateEvery?: number
    /** Whether a run folder also gets the metrics as TensorBoard events, or as metrics.csv; default: no. */
    readonly tensorboard?: boolean
    readonly csv?: boolean
    /** Newest checkpoints that a run folder keeps; default: 1. */
    readonly keepCheckpoints?: number
    /** Whether it keeps the best actors too, and by what: see keep-best.ts; default: no. */
    readonly keepBest?: boolean | string
  }
}

/** What `train` tells, in the order in which it happens; nothing is left out and nothing depends on who listens. */
export type TrainingEvent =
  /** `isLast`: at the end or a stop. It is no part of the lines that the training would have without that stop. */
  | { readonly type: 'metrics'; readonly line: MetricsLine; readonly isLast?: true }
  | EvaluatedEvent
  /** A good moment to write a checkpoint: every part is between two steps. */
  | { readonly type: 'checkpointDue' }
  /** So many more transitions have come that they can be written down; only where the replay buffer is large. */
  | { readonly type: 'rowsDue' }

/** The actors were evaluated after so many training episodes; the metrics line that comes next has the figures too. */
export interface EvaluatedEvent {
  readonly type: 'evaluation'
  readonly trainingEpisodes: number
  readonly evaluation: Evaluation
}

/** Where a training run stands. */
export function countersOf({ vectorGame, rounds, tracker }: Training) {
  return {
    episodes: tracker.finished,
    envSteps: vectorGame.steps * vectorGame.games.length,
    updates: rounds.finished,
  }
}
