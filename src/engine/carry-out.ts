// Long work in ticks: a generator that yields where it can wait is carried on while a tick has room, so that all else stays served.
import { Observable, type OperatorFunction } from 'rxjs'
import type { Tick } from './clock.ts'

/** Carries `work` on, one turn for each step that a tick has room for; emits what comes of it and completes. An error of the work is the stream's. */
export function carryOut<T>(work: Generator<void, T>): OperatorFunction<Tick, T> {
  return ticks$ =>
    new Observable(subscriber => {
      const ticks = ticks$.subscribe({
        next(tick) {
          try {
            const outcome = turns(work, tick)
            if (outcome === null) return
            subscriber.next(outcome.value)
            subscriber.complete()
          } catch (error) {
            subscriber.error(error)
          }
        },
        error: error => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
      return ticks
    })
}

/** As many turns of `work` as a tick has room for; what came of it once it is over, null before. */
export function turns<T>(work: Generator<void, T>, tick: Tick): { readonly value: T } | null {
  while (tick.take()) {
    const turn = work.next()
    if (turn.done) return { value: turn.value }
  }
  return null
}

/** The same work at once. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const turn = work.next()
    if (turn.done) return turn.value
  }
}
