// Clocks: what drives the engine. As fast as possible, in real time, and one step at a time are three clocks, not three flags.
import { map, Observable } from 'rxjs'

/** A turn at the event loop. */
export interface Tick {
  /** True while this turn has room for one more step; asking uses the room up. */
  take(): boolean
}

/**
 * As fast as possible: one tick per macrotask, each with room for about `milliseconds` of work and for one step at least, so
 * that sockets and timers stay served. Half a tick of 8 ms is what a websocket message waits on average.
 */
export function fastClock(milliseconds = 8): Observable<Tick> {
  return new Observable(subscriber => {
    let handle: NodeJS.Immediate
    const turn = () => {
      const end = performance.now() + milliseconds
      let first = true
      subscriber.next({
        take() {
          const room = first || performance.now() < end
          first = false
          return room && !subscriber.closed
        },
      })
      if (!subscriber.closed) handle = setImmediate(turn)
    }
    handle = setImmediate(turn)
    return () => clearImmediate(handle)
  })
}

/**
 * In real time: `rate` ticks per second with room for one step each, by due time, so that lateness does not add up. A clock that
 * fell behind by more than a quarter of a second goes on from now.
 */
export function realTimeClock(rate: number): Observable<Tick> {
  return new Observable(subscriber => {
    const period = 1000 / rate
    let due = performance.now() + period
    let handle: NodeJS.Timeout
    const turn = () => {
      subscriber.next(oneStep())
      if (subscriber.closed) return
      const now = performance.now()
      due = now - due > 250 ? now + period : due + period
      handle = setTimeout(turn, Math.max(0, due - now))
    }
    handle = setTimeout(turn, period)
    return () => clearTimeout(handle)
  })
}

/** One tick with room for one step per request. */
export function stepClock(requests$: Observable<unknown>): Observable<Tick> {
  return requests$.pipe(map(oneStep))
}

function oneStep(): Tick {
  let room = true
  return {
    take() {
      const had = room
      room = false
      return had
    },
  }
}
