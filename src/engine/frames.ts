// Frames for viewers: the newest wins, at most `rate` a second, each sent when it is due.
import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import type { Frame } from '../envs/frame.ts'

/** Thins frames to `rate` per second. A dropped frame's `restarted` is carried over to the next one that is sent. */
export function frames(rate: number): MonoTypeOperatorFunction<Frame> {
  const period = 1000 / rate
  return source$ =>
    new Observable(subscriber => {
      let waiting: Frame | undefined
      let handle: NodeJS.Timeout | undefined
      let due = 0
      const send = () => {
        clearTimeout(handle)
        handle = undefined
        const frame = waiting
        waiting = undefined
        if (frame === undefined) return
        // Lateness of less than a period does not add up; after a longer silence the rate counts from now.
        const now = performance.now()
        due = now - due > period ? now + period : due + period
        subscriber.next(frame)
      }
      const subscription = source$.subscribe({
        next(frame) {
          waiting = waiting?.restarted ? { ...frame, restarted: true } : frame
          if (handle !== undefined) return
          const wait = due - performance.now()
          if (wait <= 0) send()
          else handle = setTimeout(send, wait)
        },
        error: error => subscriber.error(error),
        complete() {
          send()
          subscriber.complete()
        },
      })
      return () => {
        clearTimeout(handle)
        subscription.unsubscribe()
      }
    })
}
