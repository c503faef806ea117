// What came out of a stream, in order.
import type { Observable, Subscription } from 'rxjs'

export interface Observed<T> {
  readonly values: T[]
  readonly errors: unknown[]
  completed: boolean
  readonly subscription: Subscription
}

/** Subscribes and keeps everything. */
export function observed<T>(stream$: Observable<T>): Observed<T> {
  const values: T[] = []
  const errors: unknown[] = []
  const result = { values, errors, completed: false } as Observed<T> & { subscription: Subscription }
  result.subscription = stream$.subscribe({
    next: value => values.push(value),
    error: error => errors.push(error),
    complete: () => {
      result.completed = true
    },
  })
  return result
}
