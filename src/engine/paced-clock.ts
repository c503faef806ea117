// A clock for games that are watched: so many steps a second, or as many as fit, within a share of the time that others leave to it.
import { Observable } from 'rxjs'
import type { Tick } from './clock.ts'

/** A clock that fell behind by more goes on from now. */
const patience = 250
/** Milliseconds of work in one tick at most, one step at least. */
const slice = 4
const remembered = 8

/**
 * Ticks with room for the steps that are due at `rate` a second; null: for as many as fit. All steps together take at most a `share` of
 * the time (0 ... 1, asked for after each tick): after a tick the clock rests in proportion to the work that was done in it. So a fast
 * game slows down where it would take time from whatever else the process does.
 */
export function pacedClock(rate: number | null, share: () => number): Observable<Tick> {
  return new Observable(subscriber => {
    const period = rate === null ? 0 : 1000 / rate
    let due = performance.now() + period
    let timer: NodeJS.Timeout | undefined
    let immediate: NodeJS.Immediate | undefined
    /** Milliseconds that a step took in the last ticks. The least is what it costs: the others were held up by somebody else. */
    const costs: number[] = []
    const turn = () => {
      const began = performance.now()
      if (began - due > patience) due = began
      let steps = 0
      subscriber.next({
        take() {
          const now = performance.now()
          if (subscriber.closed || due > began || (now - began >= slice && steps > 0)) return false
          steps++
          due += period
          return true
        },
      })
      if (subscriber.closed) return
      const now = performance.now()
      if (steps > 0 && costs.push((now - began) / steps) > remembered) costs.shift()
      const work = steps === 0 ? 0 : steps * Math.min(...costs)
      wait(Math.max(due, now + work * (1 / share() - 1)) - now)
    }
    const wait = (milliseconds: number) => {
      if (milliseconds > 0) timer = setTimeout(turn, milliseconds)
      else immediate = setImmediate(turn)
    }
    wait(period)
    return () => {
      clearTimeout(timer)
      clearImmediate(immediate)
    }
  })
}
