// Joint steps go through operators to those who learn from them, and come out as the game made them: what is counted is what was played.
import { defer, type MonoTypeOperatorFunction, map, tap } from 'rxjs'

/** Hands every value to `inner`, which gives one for each, at once; what comes out is the value as it went in. */
export function aside<T>(inner: MonoTypeOperatorFunction<T>): MonoTypeOperatorFunction<T> {
  return source$ =>
    defer(() => {
      let before: T
      return source$.pipe(
        tap(value => {
          before = value
        }),
        inner,
        map(() => before),
      )
    })
}
