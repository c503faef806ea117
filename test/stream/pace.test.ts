import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createPace } from '../../src/stream/pace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** When it was sent, while something new comes every `every` milliseconds. */
function sent(rate: number, every: number, milliseconds: number): number[] {
  const start = performance.now()
  const times: number[] = []
  const pace = createPace(rate, () => times.push(performance.now() - start))
  for (let now = 0; now < milliseconds; now += every) {
    pace.touch()
    vi.advanceTimersByTime(every)
  }
  pace.stop()
  vi.advanceTimersByTime(1000)
  return times
}

it('sends at once what is rare', () => {
  expect(sent(30, 100, 500)).toEqual([0, 100, 200, 300, 400])
})

it('thins what is frequent, without falling behind its rate', () => {
  expect(sent(10, 1, 850)).toEqual([0, 1, 100, 200, 300, 400, 500, 600, 700, 800])
  expect(sent(60, 1, 1000).length).toBeGreaterThanOrEqual(59)
})

it('lets nothing wait that comes at the rate itself, even after a late one', () => {
  const start = performance.now()
  const times: number[] = []
  const pace = createPace(10, () => times.push(performance.now() - start))
  const comes = [0, 100, 260, 300, 400, 500, 590, 700]
  for (const time of comes) {
    vi.advanceTimersByTime(start + time - performance.now())
    pace.touch()
  }
  expect(times).toEqual(comes)
})

it('sends the last one when it is due, and nothing after it was stopped', () => {
  const times: number[] = []
  const pace = createPace(10, () => times.push(performance.now()))
  for (let i = 0; i < 5; i++) pace.touch()
  vi.advanceTimersByTime(99)
  expect(times).toHaveLength(2)
  vi.advanceTimersByTime(2)
  expect(times).toHaveLength(3)
  pace.touch()
  pace.stop()
  vi.advanceTimersByTime(1000)
  expect(times).toHaveLength(3)
})
