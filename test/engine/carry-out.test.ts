import { of, Subject, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { atOnce, carryOut } from '../../src/engine/carry-out.ts'
import type { Tick } from '../../src/engine/clock.ts'
import { observed } from '../support/observed.ts'
import { tick, ticks } from '../support/ticks.ts'

/** Counts to `last`, one number a turn. */
function* counting(last: number, done: number[]): Generator<void, string> {
  for (let n = 1; n <= last; n++) {
    done.push(n)
    yield
  }
  return `counted to ${last}`
}

describe('carryOut', () => {
  it('does a turn for each step that a tick has room for, and emits what came of it', () => {
    const done: number[] = []
    const clock$ = new Subject<Tick>()
    const seen = observed(clock$.pipe(carryOut(counting(5, done))))
    clock$.next(tick(2))
    expect(done).toEqual([1, 2])
    clock$.next(tick(0))
    expect(done).toEqual([1, 2])
    clock$.next(tick(3))
    expect([done, seen.values]).toEqual([[1, 2, 3, 4, 5], []])
    clock$.next(tick(9))
    expect(seen.values).toEqual(['counted to 5'])
    expect(seen.completed).toBe(true)
    expect(clock$.observed).toBe(false)
  })

  it('ends with nothing where the ticks end', () => {
    const done: number[] = []
    const seen = observed(ticks(3).pipe(carryOut(counting(5, done))))
    expect([done, seen.values, seen.completed]).toEqual([[1, 2, 3], [], true])
  })

  it('fails as the work does', () => {
    const work = (function* (): Generator<void, never> {
      yield
      throw new RangeError('no more')
    })()
    const seen = observed(of(tick(9)).pipe(carryOut(work), toArray()))
    expect(seen.errors).toEqual([new RangeError('no more')])
  })

  it('comes to the same at once', () => {
    const done: number[] = []
    expect(atOnce(counting(3, done))).toBe('counted to 3')
    expect(done).toEqual([1, 2, 3])
  })
})
