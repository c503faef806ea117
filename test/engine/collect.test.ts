// Ticks while actors play: waited for where others do it, spent on playing where this thread does, passed on when a step is there.
import { expect, it } from 'vitest'
import { type Collected, collect } from '../../src/engine/collect.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'

/** The next joint step is there after so many calls of `work`, or of `look` where nobody works here. */
function actorsAfter(count: number, works: boolean) {
  const calls = { work: 0, look: [] as number[] }
  const actors: Collected = {
    prepare: () => (works ? calls.work : calls.look.length) >= count,
    look: milliseconds => void calls.look.push(milliseconds),
    ...(works ? { work: () => void calls.work++ } : {}),
  }
  return { actors, calls }
}

const passed = (actors: Collected | null, hold: () => boolean, count: number, room = 1) =>
  observed(ticks(count, room).pipe(collect(actors, hold))).values.length

it('lets every tick pass where no actors play, and where no step is wanted', () => {
  expect(passed(null, () => false, 3)).toBe(3)
  const { actors, calls } = actorsAfter(5, true)
  expect(passed(actors, () => true, 3)).toBe(3)
  expect(calls).toEqual({ work: 0, look: [] })
})

it('plays a step for each that a tick has room for until the next joint step is there', () => {
  const { actors, calls } = actorsAfter(5, true)
  expect(passed(actors, () => false, 4, 2)).toBe(2)
  expect(calls.work).toBe(5)
  expect(calls.look).toEqual([0, 0, 0, 0, 0])
})

it('sleeps a little in each tick where others play', () => {
  const { actors, calls } = actorsAfter(2, false)
  expect(passed(actors, () => false, 4)).toBe(3)
  expect(calls.look).toEqual([2, 2])
})
