// Clocks without time: a fixed number of ticks, one after the other, at once.
import { Observable } from 'rxjs'
import type { Tick } from '../../src/engine/clock.ts'

/** A tick with room for `room` steps. */
export function tick(room = 1): Tick {
  let left = room
  return { take: () => left-- > 0 }
}

/** `count` ticks, each with room for `room` steps, emitted at once; then complete. */
export function ticks(count: number, room = 1): Observable<Tick> {
  return new Observable(subscriber => {
    for (let i = 0; i < count && !subscriber.closed; i++) subscriber.next(tick(room))
    subscriber.complete()
  })
}
