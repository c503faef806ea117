// How fast a run goes and how long it will take.
import { describe, expect, it } from 'vitest'
import { createProgress } from '../../src/experiment/progress.ts'

/** Progress at some seconds, with counters that follow from them. */
function measure(total: number | null, seconds: readonly number[], episodesAt: (second: number) => number) {
  let now = 0
  const progress = createProgress(total, () => now)
  return seconds.map(second => {
    now = second * 1000
    const episodes = episodesAt(second)
    return progress({ episodes, envSteps: episodes * 25, updates: episodes / 4 })
  })
}

describe('progress', () => {
  it('has no rate and no end in sight at first', () => {
    expect(measure(100, [0], () => 0)[0]).toEqual({
      episodes: 0,
      totalEpisodes: 100,
      envSteps: 0,
      updates: 0,
      envStepsPerSecond: 0,
      updatesPerSecond: 0,
      secondsLeft: null,
    })
  })

  it('is a rate and the time left at that rate', () => {
    const last = measure(100, [0, 1, 2], second => 10 * second).at(-1)
    expect(last).toMatchObject({
      episodes: 20,
      envSteps: 500,
      updates: 5,
      envStepsPerSecond: 250,
      updatesPerSecond: 2.5,
      secondsLeft: 8,
    })
  })

  it('is that of the last five seconds only', () => {
    const seconds = Array.from({ length: 21 }, (_, second) => second)
    const slowing = measure(1000, seconds, second => (second <= 10 ? 100 * second : 1000))
    expect(slowing[10]!.envStepsPerSecond).toBe(2500)
    expect(slowing[20]!.envStepsPerSecond).toBe(0)
    expect(slowing[20]!.secondsLeft).toBeNull()
  })

  it('has no end when there is none', () => {
    expect(measure(null, [0, 1], second => second).at(-1)).toMatchObject({ totalEpisodes: null, secondsLeft: null })
  })

  it('of a resumed run counts the new episodes alone', () => {
    const last = measure(1000, [0, 1], second => 900 + 10 * second).at(-1)
    expect(last!.envStepsPerSecond).toBe(250)
    expect(last!.secondsLeft).toBe(9)
  })
})
