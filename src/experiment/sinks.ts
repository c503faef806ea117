// Where metrics go: sinks that take the lines of a training as they come, each opened before the first and closed after the last.
import { concat, defer, EMPTY, finalize, from, ignoreElements, type MonoTypeOperatorFunction } from 'rxjs'
import type { AgentSpec } from '../types.ts'
import type { MetricsLine } from './metrics.ts'
import { countersOf, type EvaluatedEvent, type Training } from './training.ts'

/** What a sink is told of a training that begins, goes on, or goes back to an earlier point. */
export interface SinkStart {
  /** The run's folder; null: it has none. */
  readonly folder: string | null
  readonly agents: readonly AgentSpec[]
  readonly counters: { readonly episodes: number; readonly envSteps: number; readonly updates: number }
  /** Environment steps of the last line that stands: what a sink has of later ones is void, and comes again. */
  readonly linesUpTo: number
}

/** Where lines go. An error of it is the training's: what may fail for a while, such as a network, must be caught in it. */
export interface MetricsSink {
  /** The training begins, goes on or goes back; called again before it goes on after that. */
  open(start: SinkStart): void
  /** A line, as it stands in metrics.jsonl. `isLast`: at an end or a stop, taken back when the training goes on. */
  line(line: MetricsLine, isLast: boolean): void
  /** A picture of an evaluation, PNG, after the line with its figures. */
  image?(name: string, png: Uint8Array, envSteps: number): void
  /** No more lines; a training that ends waits for the promise. */
  close(): void | Promise<void>
}

/** Draw an evaluation, by name: the bytes of a PNG, or null, nothing. */
export type Pictures = Readonly<Record<string, (event: EvaluatedEvent) => Uint8Array | null>>

/** The sinks of a training, open. */
export interface OpenSinks {
  line(line: MetricsLine, isLast: boolean): void
  evaluated(event: EvaluatedEvent): void
  /** Closes them at the end of what it is put behind, whatever ends it. */
  closing<T>(): MonoTypeOperatorFunction<T>
}

/** Opens sinks; where one of them cannot be opened, those before it are closed. */
export function openSinks(
  training: Training,
  sinks: readonly MetricsSink[],
  { folder = null, pictures = {} }: { readonly folder?: string | null; readonly pictures?: Pictures } = {},
): OpenSinks {
  const open: MetricsSink[] = []
  /** Promises of those that take their time. */
  const closeAll = () => open.splice(0).flatMap(sink => sink.close() ?? [])
  const { agents, rounds } = training
  const start: SinkStart = { folder, agents, counters: countersOf(training), linesUpTo: rounds.figuresTakenAt }
  try {
    for (const sink of sinks) {
      sink.open(start)
      open.push(sink)
    }
  } catch (error) {
    for (const closed of closeAll()) closed.catch(() => {})
    throw error
  }
  let evaluated: EvaluatedEvent | null = null
  const draw = (event: EvaluatedEvent) => {
    const { envSteps } = countersOf(training)
    for (const [name, picture] of Object.entries(pictures)) {
      const png = picture(event)
      if (png !== null) for (const sink of open) sink.image?.(name, png, envSteps)
    }
  }
  return {
    line(line, isLast) {
      for (const sink of open) sink.line(line, isLast)
      if (evaluated !== null) draw(evaluated)
      evaluated = null
    },
    evaluated(event) {
      evaluated = event
    },
    closing: () => events$ =>
      concat(
        events$,
        defer(() => {
          const closed = closeAll()
          return closed.length === 0 ? EMPTY : from(Promise.all(closed)).pipe(ignoreElements())
        }),
      ).pipe(
        finalize(() => {
          for (const closed of closeAll()) closed.catch(() => {})
        }),
      ),
  }
}
