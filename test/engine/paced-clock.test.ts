// The clock of games that are watched: due steps, and no more than a share of the time.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Tick } from '../../src/engine/clock.ts'
import { pacedClock } from '../../src/engine/paced-clock.ts'

describe('a paced clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  /** Plays for a while; a step takes `cost` milliseconds. Gives the steps made, and the time that was spent on them. */
  function play(rate: number | null, share: number, cost: (step: number) => number, milliseconds: number) {
    const real = performance.now.bind(performance)
    const begin = real()
    let spent = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => real() + spent)
    let steps = 0
    const subscription = pacedClock(rate, () => share).subscribe((tick: Tick) => {
      while (tick.take()) spent += cost(steps++)
    })
    while (real() - begin + spent < milliseconds) vi.advanceTimersByTime(1)
    subscription.unsubscribe()
    clock.mockRestore()
    expect(vi.getTimerCount()).toBe(0)
    return { steps, part: spent / milliseconds }
  }

  it('makes the steps that are due', () => {
    expect(play(10, 0.1, () => 1, 10_000).steps).toBeGreaterThan(97)
    expect(play(640, 0.9, () => 0.1, 5000).steps).toBeGreaterThan(3100)
  })

  it('takes no more than its share of the time, however much is due', () => {
    for (const rate of [640, null]) {
      const { steps, part } = play(rate, 0.1, () => 0.5, 10_000)
      expect(part).toBeGreaterThan(0.07)
      expect(part).toBeLessThan(0.11)
      expect(steps).toBeGreaterThan(1000)
    }
  })

  it('makes a step at least, and rests for as long as it has to', () => {
    const { part } = play(null, 0.25, () => 30, 20_000)
    expect(part).toBeGreaterThan(0.2)
    expect(part).toBeLessThan(0.27)
  })

  it('is not slowed down by what holds up single steps from outside', () => {
    const { steps } = play(10, 0.1, step => (step % 3 === 0 ? 40 : 1), 10_000)
    expect(steps).toBeGreaterThan(95)
  })

  it('goes on from now after it fell far behind', () => {
    const { steps } = play(10, 0.9, step => (step === 5 ? 3000 : 1), 10_000)
    expect(steps).toBeLessThan(75)
  })
})
