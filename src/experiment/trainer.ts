// The training loop on one page: ticks go to due update rounds, else to vector steps; steps to replay, episodes and metrics.
import {
  catchError,
  concat,
  connect,
  defer,
  filter,
  ignoreElements,
  type MonoTypeOperatorFunction,
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
import { aside } from '../engine/aside.ts'
import { fastClock, type Tick } from '../engine/clock.ts'
import { collect } from '../engine/collect.ts'
import { deliver } from '../engine/deliver.ts'
import { episodes, placedIn } from '../engine/episodes.ts'
import { learn } from '../engine/learn.ts'
import type { OperatorDefinition } from '../engine/operator.ts'
import { simulate } from '../engine/simulate.ts'
import { ConfigError } from '../errors.ts'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { JointStep } from '../types.ts'
import { hasPlayed, isDone } from './done.ts'
import type { DueEvaluationResult } from './due-evaluation.ts'
import { evaluationFigures, type MetricsLine } from './metrics.ts'
import { rowsPerSegment } from './segments.ts'
import { type MetricsSink, openSinks, type Pictures } from './sinks.ts'
import { countersOf, type EvaluatedEvent, type Training, type TrainingEvent } from './training.ts'

export { countersOf, type EvaluatedEvent, type Training, type TrainingEvent } from './training.ts'

/** What a training is given beside the run: when it pauses and stops, what happens to its steps, where its metrics go. */
export interface TrainingControls {
  /** true: no ticks, until false again. */
  readonly paused$?: Observable<boolean>
  /** Ends the training between two ticks. */
  readonly stop$?: Observable<unknown>
  readonly clock$?: Observable<Tick>
  /** What happens to joint steps before they are learnt from: the same ones, in the same order, as long as the run is trained. */
  readonly operators?: readonly OperatorDefinition[] | undefined
  /** Whether the training ends early, asked after each evaluation (run.evaluateEvery). The run is done then for as long as it was to be. */
  readonly stopWhen?: ((event: EvaluatedEvent) => boolean) | undefined
  /** Where metrics lines go, beside the stream. With a run folder, `record` has the lines as they stand in metrics.jsonl. */
  readonly sinks?: readonly MetricsSink[] | undefined
  readonly pictures?: Pictures | undefined
}

/**
 * Trains until the run is done. Cold; events do not depend on ticks, viewers or wall time. There is at least one metrics line: where the
 * last one was written before, another comes at the end or the stop.
 */
export function train(training: Training, controls: TrainingControls = {}): Observable<TrainingEvent> {
  const { paused$ = of(false), stop$ = NEVER, clock$ = fastClock(), operators = [], stopWhen } = controls
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
          delivering(training),
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
              return evaluated === null ? [] : eventsAfter(evaluated, training, began, evaluationBegan, stopWhen)
            }),
          ),
        )
      }),
      tap(event => event.type === 'metrics' && wrote()),
      catchError(error => throwError(() => placedIn(tracker, error, seedOf(schedule)))),
    )
  const events$ = defer(() => {
    refuseUnstoppable(training, stopWhen)
    attach(training, operators)
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
  return intoSinks(events$, training, controls)
}

/** Operators, then those who learn; what is counted is what was played. */
function delivering({ operators, replay = null, rounds }: Training): MonoTypeOperatorFunction<JointStep> {
  const through = operators?.through ?? null
  const toLearners = deliver(replay, rounds)
  return through === null ? toLearners : aside(step$ => step$.pipe(through, toLearners))
}

/** @throws ConfigError where they are not those that the training was begun with */
function attach({ operators }: Training, definitions: readonly OperatorDefinition[]): void {
  if (operators !== undefined) operators.attach(definitions)
  else if (definitions.length > 0)
    throw new ConfigError('operators', 'expected a run of createRun, which can keep them')
}

function refuseUnstoppable({ schedule, goodEnough }: Training, stopWhen: TrainingControls['stopWhen']): void {
  if (stopWhen === undefined) return
  if (goodEnough === undefined) throw new ConfigError('stopWhen', 'expected a run of createRun, which can end early')
  if ((schedule.evaluateEvery ?? 0) > 0) return
  throw new ConfigError(
    'run.evaluateEvery',
    'expected a number of episodes, got 0: stopWhen is asked after evaluations, and there are none',
  )
}

function intoSinks(
  events$: Observable<TrainingEvent>,
  training: Training,
  { sinks = [], pictures = {} }: TrainingControls,
): Observable<TrainingEvent> {
  if (sinks.length === 0) return events$
  return defer(() => {
    const open = openSinks(training, sinks, { pictures })
    const told$ = events$.pipe(
      tap(event => {
        if (event.type === 'evaluation') open.evaluated(event)
        if (event.type === 'metrics') open.line(event.line, event.isLast ?? false)
      }),
    )
    return told$.pipe(open.closing())
  })
}

function seedOf({ seed }: Training['schedule']): { seed?: number } {
  return seed === undefined ? {} : { seed }
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
  stopWhen: TrainingControls['stopWhen'],
): TrainingEvent[] {
  const seconds = (performance.now() - evaluationBegan) / 1000
  const evaluated = { type: 'evaluation', trainingEpisodes: training.tracker.finished, evaluation } as const
  if (stopWhen?.(evaluated)) training.goodEnough!.reach(training.schedule)
  return [
    evaluated,
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
    ...training.operators?.figures(),
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
