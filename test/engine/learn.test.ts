// While a round is due, ticks belong to it; then the simulation goes on.
import { EMPTY, from, NEVER, of, Subject, take, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Tick } from '../../src/engine/clock.ts'
import { learn } from '../../src/engine/learn.ts'
import { observed } from '../support/observed.ts'
import { tick } from '../support/ticks.ts'

/** Rounds with so many parts left. */
function parts(left: number) {
  return {
    left,
    get due() {
      return this.left > 0
    },
    advance() {
      this.left--
    },
  }
}

describe('learn', () => {
  it('does nothing without ticks, and ends when they end', () => {
    const rounds = parts(3)
    expect(observed(NEVER.pipe(learn(rounds)))).toMatchObject({ values: [], completed: false })
    expect(observed(EMPTY.pipe(learn(rounds)))).toMatchObject({ values: [], completed: true })
    expect(rounds.left).toBe(3)
  })

  it('passes a tick on untouched while no round is due', () => {
    const only = tick(1)
    const seen = observed(of(only).pipe(learn(parts(0))))
    expect(seen.values).toEqual([only])
    expect(only.take()).toBe(true)
  })

  it('spends one tick on each part of a due round, then passes ticks on', () => {
    const rounds = parts(3)
    const all = [1, 2, 3, 4, 5].map(() => tick(1))
    const left: number[] = []
    const ticks$ = new Subject<Tick>()
    const seen = observed(ticks$.pipe(learn(rounds)))
    for (const each of all) {
      ticks$.next(each)
      left.push(rounds.left)
    }
    expect(left).toEqual([2, 1, 0, 0, 0])
    expect(seen.values).toEqual(all.slice(3))
  })

  it('passes on an error from above', () => {
    expect(observed(throwError(() => 'gone').pipe(learn(parts(1)))).errors).toEqual(['gone'])
  })

  it('makes an error of an update the error of the stream, and learns no further', () => {
    let calls = 0
    const rounds = {
      due: true,
      advance() {
        calls++
        throw new Error('not finite')
      },
    }
    expect(observed(from([tick(), tick()]).pipe(learn(rounds))).errors).toEqual([new Error('not finite')])
    expect(calls).toBe(1)
  })

  it('learns no further when it is left', () => {
    const rounds = parts(0)
    const ticks$ = new Subject<Tick>()
    const seen = observed(ticks$.pipe(learn(rounds), take(1)))
    ticks$.next(tick())
    rounds.left = 5
    ticks$.next(tick())
    expect(seen.completed).toBe(true)
    expect(rounds.left).toBe(5)
    expect(ticks$.observed).toBe(false)
  })
})
