// The whole machine on one page: ticks go to due update rounds, else to vector steps; steps to replay, episodes and metrics.
import {
  catchError,
  connect,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  share,
  switchMap,
  takeUntil,
  takeWhile,
  tap,
  throwError,
} from 'rxjs'
import type { Roster } from '../agents/learner.ts'
import type { Policy } from '../agents/policy.ts'
import { fastClock, type Tick } from '../engine/clock.ts'
import { type EpisodeTracker, episodes, placedIn } from '../engine/episodes.ts'
import { learn } from '../engine/learn.ts'
import { simulate } from '../engine/simulate.ts'
import { store } from '../engine/store.ts'
import type { UpdateRounds } from '../engine/update-rounds.ts'
import type { VectorGame } from '../envs/vector-game.ts'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { AgentSpec, Stateful } from '../types.ts'
import { isDone } from './done.ts'
import type { DueEvaluation, Evaluated } from './due-evaluation.ts'
import type { Evaluation } from './evaluate.ts'
import { evaluationFigures, type MetricsLine, type TrainingReturns } from './metrics.ts'
import type { Recovery } from './recovery.ts'
import { rowsPerSegment } from './segments.ts'

/** A wired training run: everything that lasts, by name. `save` and `restore` cover all of it. */
export interface Training extends Stateful {
  readonly agents: readonly AgentSpec[]
  readonly vectorGame: VectorGame
  /** What explores, in agent order. */
  readonly policies: readonly Policy[]
  readonly roster: Roster
  readonly replay: JointReplay
  readonly rounds: UpdateRounds
  readonly tracker: EpisodeTracker
  readonly returns: TrainingReturns
  /** What becomes of it when numbers are no longer finite; absent: it stops. */
  readonly recovery?: Recovery
  /** Plays evaluation episodes with the actors as they are, with random streams of its own; absent: the run is never evaluated. */
  readonly evaluation?: DueEvaluation
  /** Episodes to train in all, and between metrics lines, checkpoints and evaluations (rounded up to whole metrics lines; 0: none). */
  readonly schedule: {
    readonly episodes: number
    /** Of the run, for errors. */
    readonly seed?: number
    readonly logEvery: number
    readonly checkpointEvery: number
    readonly evaluateEvery?: number
    /** Whether a run folder also gets the metrics as TensorBoard events; default: no. */
    readonly tensorboard?: boolean
    /** Newest checkpoints that a run folder keeps; default: 1. */
    readonly keepCheckpoints?: number
    /** Whether it keeps the actors with the best training return too; default: no. */
    readonly keepBest?: boolean
  }
}

export type TrainingEvent =
  | { readonly type: 'metrics'; readonly line: MetricsLine }
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

export interface TrainingControls {
  /** true: no ticks, until false again. */
  readonly paused$?: Observable<boolean>
  /** Ends the training between two ticks. */
  readonly stop$?: Observable<unknown>
  readonly clock$?: Observable<Tick>
}

/** Trains until the run is done. Cold; events do not depend on ticks, viewers or wall time. */
export function train(training: Training, controls: TrainingControls = {}): Observable<TrainingEvent> {
  const { paused$ = of(false), stop$ = NEVER, clock$ = fastClock() } = controls
  const { vectorGame, policies, replay, rounds, tracker, returns, schedule, evaluation } = training
  const played = () => tracker.finished >= schedule.episodes
  const evaluates = () => evaluation?.due ?? false
  return paused$.pipe(
    switchMap(paused => (paused ? NEVER : clock$)),
    takeUntil(stop$),
    takeWhile(() => !isDone(training)),
    connect(ticks$ => {
      const began = performance.now()
      const evaluationDue = passes(evaluationEvery(schedule), () => tracker.finished)
      const steps$ = ticks$.pipe(
        filter(() => !evaluates()),
        learn(rounds),
        simulate(vectorGame, policies, () => rounds.due || played() || evaluates()),
        store(replay),
        tap(step => rounds.count(step.truncated.length)),
        share(),
      )
      return merge(
        steps$.pipe(
          episodes(tracker),
          tap(episode => returns.add(episode)),
          ignoreElements(),
        ),
        // The others come after it, when all episodes of the step have been counted everywhere.
        steps$.pipe(
          filter(passes(schedule.logEvery, () => tracker.finished)),
          mergeMap(() => {
            if (!evaluationDue() || evaluation === undefined)
              return [{ type: 'metrics', line: metricsLine(training, began) } as const]
            // Its line comes after it.
            evaluation.begin()
            return []
          }),
        ),
        steps$.pipe(
          filter(passes(rowsPerSegment(replay.rows()), () => replay.inserted)),
          map(() => ({ type: 'rowsDue' }) as const),
        ),
        // The end has a checkpoint of its own; a run that goes on from any other has its line of that step already.
        steps$.pipe(
          filter(passes(schedule.checkpointEvery, () => tracker.finished)),
          filter(() => !played() && !evaluation?.holdCheckpoint()),
          map(() => ({ type: 'checkpointDue' }) as const),
        ),
        // The step that made it due is over when it begins.
        ticks$.pipe(
          filter(evaluates),
          mergeMap(tick => {
            const evaluated = evaluation!.advance(tick)
            return evaluated === null ? [] : eventsAfter(evaluated, training, began)
          }),
        ),
      )
    }),
    catchError(error => throwError(() => placedIn(tracker, error, seedOf(schedule)))),
  )
}

function seedOf({ seed }: Training['schedule']): { seed?: number } {
  return seed === undefined ? {} : { seed }
}

/** Where a training run stands. */
export function countersOf({ vectorGame, rounds, tracker }: Training) {
  return {
    episodes: tracker.finished,
    envSteps: vectorGame.steps * vectorGame.games.length,
    updates: rounds.finished,
  }
}

/** Whole metrics lines between two evaluations, so that one that is due never depends on where a run was resumed. */
function evaluationEvery({ evaluateEvery = 0, logEvery }: Training['schedule']): number {
  return evaluateEvery === 0 ? Number.POSITIVE_INFINITY : Math.ceil(evaluateEvery / logEvery) * logEvery
}

/** What there is to say after an evaluation: how it went, its metrics line, and what has waited for it. */
function eventsAfter({ evaluation, checkpointDue }: Evaluated, training: Training, began: number): TrainingEvent[] {
  return [
    { type: 'evaluation', trainingEpisodes: training.tracker.finished, evaluation },
    { type: 'metrics', line: { ...metricsLine(training, began), ...evaluationFigures(evaluation) } },
    ...(checkpointDue ? [{ type: 'checkpointDue' } as const] : []),
  ]
}

function metricsLine(training: Training, began: number): MetricsLine {
  const means = training.returns.means()
  return {
    ...countersOf(training),
    ...Object.fromEntries(training.agents.map((agent, i) => [`return/${agent.id}`, means[i]!])),
    ...training.rounds.takeFigures(),
    ...(training.recovery?.keepsPoints ? { rollbacks: training.recovery.rollbacks.length } : {}),
    'time/seconds': (performance.now() - began) / 1000,
  }
}

/** True whenever a counter has passed a multiple of `every` since it was last asked. */
function passes(every: number, counter: () => number): () => boolean {
  let reached = Math.floor(counter() / every)
  return () => {
    const before = reached
    reached = Math.floor(counter() / every)
    return reached > before
  }
}
