// How fast a run goes and how long it will take.
import { describe, expect, it } from 'vitest'
import { createProgress } from '../../src/experiment/progress.ts'

/** Progress at some seconds, with counters that follow from them. */
function measure(total: number | null, seconds: readonly number[], episodesAt: (second: number) => number) {
  let now = 0
  const progress = createProgress(total, null, () => now)
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
      learnsAt: null,
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

  it('claims no end from the speed at which experience is collected', () => {
    let now = 0
    const progress = createProgress(1000, 2500, () => now)
    const at = (second: number, episodes: number, updates: number) => {
      now = second * 1000
      return progress({ episodes, envSteps: episodes * 25, updates })
    }
    expect(at(0, 0, 0)).toMatchObject({ learnsAt: 2500, secondsLeft: null })
    expect(at(1, 90, 0)).toMatchObject({ learnsAt: 2500, secondsLeft: null, envStepsPerSecond: 2250 })
    // Learning is ten times as slow: only its own speed counts.
    expect(at(2, 100, 1)).toMatchObject({ learnsAt: null, secondsLeft: 90, envStepsPerSecond: 250 })
    expect(at(3, 110, 2)).toMatchObject({ learnsAt: null, secondsLeft: 89 })
  })

  it('of a run that has learnt before waits for no first round', () => {
    let now = 0
    const progress = createProgress(100, 2500, () => now)
    progress({ episodes: 50, envSteps: 5000, updates: 10 })
    now = 1000
    expect(progress({ episodes: 60, envSteps: 6000, updates: 12 })).toMatchObject({ learnsAt: null, secondsLeft: 4 })
  })

  it('of a training from rollouts also has the rate of minibatches', () => {
    let now = 0
    const measure = createProgress({ steps: 10_000 }, 400, () => now)
    const at = (second: number, updates: number, minibatches: number) => {
      now = second * 1000
      return measure({ episodes: 0, envSteps: 400 * updates, updates, rollouts: { envSteps: 400, minibatches } })
    }
    expect(at(0, 0, 0)).toMatchObject({ learnsAt: 400, rollouts: { envSteps: 400, minibatchesPerSecond: 0 } })
    const progress = at(2, 3, 30)
    expect(progress).toMatchObject({
      updatesPerSecond: 1.5,
      learnsAt: null,
      rollouts: { envSteps: 400, minibatchesPerSecond: 15 },
    })
    expect(Object.keys(progress)).not.toContain('minibatches')
  })

  it('is told of environment steps where those say how long', () => {
    let now = 0
    const measure = createProgress({ steps: 1000 }, null, () => now)
    measure({ episodes: 0, envSteps: 0, updates: 0 })
    now = 1000
    const progress = measure({ episodes: 3, envSteps: 200, updates: 1 })
    expect(progress).toMatchObject({ totalEpisodes: null, totalSteps: 1000, secondsLeft: 4 })
  })
})

it('tells of the actors that play, each at its own pace', () => {
  let now = 0
  const progress = createProgress(100, null, () => now)
  const at = (second: number, envSteps: readonly [number, number]) => {
    now = second * 1000
    const actors = envSteps.map((envSteps, actor) => ({
      name: `actor ${actor}`,
      envSteps,
      lag: actor,
      secondsSince: null,
    }))
    return progress({ episodes: second, envSteps: 0, updates: 0, actors }).actors
  }
  expect(at(0, [0, 0])!.first.map(({ envStepsPerSecond }) => envStepsPerSecond)).toEqual([0, 0])
  expect(at(2, [100, 40])).toEqual({
    count: 2,
    first: [
      { name: 'actor 0', lag: 0, secondsSince: null, envStepsPerSecond: 50 },
      { name: 'actor 1', lag: 1, secondsSince: null, envStepsPerSecond: 20 },
    ],
  })
})
