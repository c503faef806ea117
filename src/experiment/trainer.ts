// The training loop on one page: ticks go to due update rounds, else to vector steps; steps to replay, episodes and metrics.
import {
  catchError,
  concat,
  connect,
  defer,
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
import type { ActorGames } from '../actors/actor-games.ts'
import type { Policy } from '../agents/policy.ts'
import { fastClock, type Tick } from '../engine/clock.ts'
import { collect } from '../engine/collect.ts'
import { deliver } from '../engine/deliver.ts'
import { type EpisodeTracker, episodes, placedIn } from '../engine/episodes.ts'
import { learn } from '../engine/learn.ts'
import { simulate } from '../engine/simulate.ts'
import type { UpdateRounds } from '../engine/update-rounds.ts'
import type { VectorGame } from '../envs/vector-game.ts'
import type { Roster } from '../learning/member.ts'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { AgentSpec, Stateful } from '../types.ts'
import { hasPlayed, isDone } from './done.ts'
import type { DueEvaluation, DueEvaluationResult } from './due-evaluation.ts'
import type { Evaluation } from './evaluate.ts'
import { evaluationFigures, type LineLog, type MetricsLine, type TrainingReturns } from './metrics.ts'
import type { Recovery } from './recovery.ts'
import { rowsPerSegment } from './segments.ts'

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
    /** Whether a run folder also gets the metrics as TensorBoard events; default: no. */
    readonly tensorboard?: boolean
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

export interface TrainingControls {
  /** true: no ticks, until false again. */
  readonly paused$?: Observable<boolean>
  /** Ends the training between two ticks. */
  readonly stop$?: Observable<unknown>
  readonly clock$?: Observable<Tick>
}

/**
 * Trains until the run is done. Cold; events do not depend on ticks, viewers or wall time. There is at least one metrics line: where the
 * last one was written before, another comes at the end or the stop.
 */
export function train(training: Training, controls: TrainingControls = {}): Observable<TrainingEvent> {
  const { paused$ = of(false), stop$ = NEVER, clock$ = fastClock() } = controls
  const {
    vectorGame,
    actors = null,
    policies,
    replay = null,
    rounds,
    tracker,
    returns,
    schedule,
    evaluation,
  } = training
  const played = () => hasPlayed(training)
  const evaluates = () => evaluation?.due ?? false
  const holds = () => rounds.due || played() || evaluates()
  const regular = (began: number, wrote: () => void) =>
    paused$.pipe(
      switchMap(paused => (paused ? NEVER : clock$)),
      takeUntil(stop$),
      takeWhile(() => !isDone(training)),
      connect(ticks$ => {
        const evaluationDue = passes(evaluationEvery(schedule), () => tracker.finished)
        let evaluationBegan = 0
        const steps$ = ticks$.pipe(
          filter(() => !evaluates()),
          learn(rounds),
          collect(actors, holds),
          simulate(vectorGame, policies, () => holds() || actors?.prepare() === false),
          deliver(replay, rounds),
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
            filter(lineDue(training)),
            mergeMap(() => {
              if (!evaluationDue() || evaluation === undefined) return [regularLine(training, began)]
              // Its line comes after it.
              evaluation.begin()
              evaluationBegan = performance.now()
              return []
            }),
          ),
          steps$.pipe(
            filter(rowsDue(replay)),
            map(() => ({ type: 'rowsDue' }) as const),
          ),
          // The end has a checkpoint of its own; a run that goes on from any other has its line of that step already.
          steps$.pipe(
            filter(checkpointDue(training)),
            filter(() => !played() && !evaluation?.holdCheckpoint()),
            map(() => ({ type: 'checkpointDue' }) as const),
          ),
          // The step that made it due is over when it begins.
          ticks$.pipe(
            filter(evaluates),
            mergeMap(tick => {
              // A run that was stopped during it begins it anew.
              evaluationBegan ||= performance.now()
              const evaluated = evaluation!.advance(tick)
              return evaluated === null ? [] : eventsAfter(evaluated, training, began, evaluationBegan)
            }),
          ),
        )
      }),
      tap(event => event.type === 'metrics' && wrote()),
      catchError(error => throwError(() => placedIn(tracker, error, seedOf(schedule)))),
    )
  return defer(() => {
    const began = performance.now()
    let lines = 0
    const last$ = defer((): TrainingEvent[] => {
      if (lines > 0 && stepsSinceLine(training) === 0) return []
      return [
        {
          type: 'metrics',
          line: metricsLine(training, began, { ...actors?.lagFigures(), ...rounds.figures() }),
          isLast: true,
        },
      ]
    })
    return concat(
      regular(began, () => void lines++),
      last$,
    )
  })
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
function eventsAfter(
  { evaluation, checkpointDue }: DueEvaluationResult,
  training: Training,
  began: number,
  evaluationBegan: number,
): TrainingEvent[] {
  const seconds = (performance.now() - evaluationBegan) / 1000
  return [
    { type: 'evaluation', trainingEpisodes: training.tracker.finished, evaluation },
    regularLine(training, began, { ...evaluationFigures(evaluation), 'time/evaluation': seconds }),
    ...(checkpointDue ? [{ type: 'checkpointDue' } as const] : []),
  ]
}

/** A line that the training has whatever interrupts it; the next one tells of what comes after it. */
function regularLine(training: Training, began: number, evaluated: MetricsLine = {}): TrainingEvent {
  const figures = { ...training.actors?.takeLagFigures(), ...training.rounds.takeFigures() }
  const line = { ...metricsLine(training, began, figures), ...evaluated }
  training.log?.add(line)
  return { type: 'metrics', line }
}

/** Before the first episode has finished there are no returns in it. */
function metricsLine(training: Training, began: number, figures: Readonly<Record<string, number>>): MetricsLine {
  const counters = countersOf(training)
  const means = counters.episodes === 0 ? [] : training.returns.means()
  return {
    ...counters,
    ...Object.fromEntries(means.map((mean, i) => [`return/${training.agents[i]!.id}`, mean])),
    ...figures,
    ...(training.recovery?.keepsPoints ? { rollbacks: training.recovery.rollbacks.length } : {}),
    'time/seconds': (performance.now() - began) / 1000,
  }
}

/** Environment steps since the last metrics line of the run, whichever process wrote it. */
function stepsSinceLine({ vectorGame, rounds }: Training): number {
  return vectorGame.steps * vectorGame.games.length - rounds.figuresTakenAt
}

/** Says after every step whether a metrics line is due: so many episodes have finished, or so many steps have gone by without a line. */
function lineDue(training: Training): () => boolean {
  const { logEvery, logSteps = 0 } = training.schedule
  const byEpisodes = passes(logEvery, () => training.tracker.finished)
  return () => byEpisodes() || (logSteps > 0 && stepsSinceLine(training) >= logSteps)
}

/** Says after every step whether a segment of the replay buffer is full. */
function rowsDue(replay: JointReplay | null): () => boolean {
  return replay === null ? () => false : passes(rowsPerSegment(replay.rows()), () => replay.inserted)
}

function checkpointDue(training: Training): () => boolean {
  const { checkpointEvery, checkpointSteps = 0 } = training.schedule
  const byEpisodes = passes(checkpointEvery, () => training.tracker.finished)
  const bySteps = passes(checkpointSteps || Number.POSITIVE_INFINITY, () => countersOf(training).envSteps)
  return () => {
    const due = [byEpisodes(), bySteps()]
    return due.includes(true)
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
