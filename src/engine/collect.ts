// Ticks go on to the simulation when the next joint step of the actors is there; until then they are spent on playing, or on waiting.
import { filter, identity, type MonoTypeOperatorFunction } from 'rxjs'
import type { Tick } from './clock.ts'

/** Games that actors play: see actor-games.ts. */
export interface Collected {
  prepare(): boolean
  look(milliseconds: number): void
  readonly work?: () => void
}

/** How long a tick sleeps where others play and nothing has come: sockets wait no longer than behind any other tick. */
const sleepMilliseconds = 2

/** null: the games are played here, step by step. `hold`: no step is wanted. */
export function collect(actors: Collected | null, hold: () => boolean): MonoTypeOperatorFunction<Tick> {
  if (actors === null) return identity
  return filter(tick => {
    if (hold() || actors.prepare()) return true
    if (actors.work === undefined) actors.look(sleepMilliseconds)
    else {
      while (!actors.prepare() && tick.take()) {
        actors.work()
        actors.look(0)
      }
    }
    return actors.prepare()
  })
}
