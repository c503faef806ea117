// While an update round is due, ticks belong to it: one agent's part each; then the simulation goes on.
import { filter, type MonoTypeOperatorFunction } from 'rxjs'
import type { Tick } from './clock.ts'
import type { UpdateRounds } from './update-rounds.ts'

/** Spends a tick on one agent's part of a due round, or passes it on untouched. */
export function learn(rounds: Pick<UpdateRounds, 'due' | 'advance'>): MonoTypeOperatorFunction<Tick> {
  return filter(() => {
    if (!rounds.due) return true
    rounds.advance()
    return false
  })
}
