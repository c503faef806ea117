// Joint steps become finished episodes with their returns.
import * as fc from 'fast-check'
import { concat, EMPTY, from, NEVER, of, Subject, take, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createRandomPolicy } from '../../src/agents/baseline-policies.ts'
import { createEpisodeTracker, episodes } from '../../src/engine/episodes.ts'
import { simulate } from '../../src/engine/simulate.ts'
import { createRandom } from '../../src/random.ts'
import type { JointStep } from '../../src/types.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { type TinyGameOptions, tinyVectorGame } from '../support/tiny-game.ts'

/** Joint steps of the tiny game, played by chance. */
function play(games: number, count: number, options: TinyGameOptions = {}): JointStep[] {
  const game = tinyVectorGame(games, options)
  const policies = game.agents.map(({ actionSpace }, i) => createRandomPolicy(actionSpace, createRandom(i)))
  return observed(ticks(count).pipe(simulate(game, policies))).values
}

const rewardsOf = ({ agent, step }: { agent: number; step: number }) => 10 * step + agent

describe('episodes', () => {
  it('come from nothing and end with the steps', () => {
    const tracker = createEpisodeTracker(1, 2)
    expect(observed(NEVER.pipe(episodes(tracker)))).toMatchObject({ values: [], completed: false })
    expect(observed(EMPTY.pipe(episodes(tracker)))).toMatchObject({ values: [], completed: true })
    expect(observed(from(play(1, 2)).pipe(episodes(tracker)))).toMatchObject({ values: [], completed: true })
    expect(tracker.finished).toBe(0)
  })

  it('have the sum of the rewards of each agent and their length', () => {
    const steps = play(1, 3, { length: 3, reward: rewardsOf })
    const seen = observed(from(steps).pipe(episodes(createEpisodeTracker(1, 2))))
    expect(seen.values).toEqual([{ number: 1, game: 0, length: 3, returns: Float64Array.of(60, 63) }])
  })

  it('that end together come in the order of the games, numbered on', () => {
    const seen = observed(from(play(3, 8, { length: 4 })).pipe(episodes(createEpisodeTracker(3, 2))))
    expect(seen.values.map(({ number, game }) => [number, game])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 0],
      [5, 1],
      [6, 2],
    ])
  })

  it('end when all agents terminated, not when one did; who is gone gets no more', () => {
    const steps = play(1, 6, { length: 3, ending: 'terminated', leaves: { 0: 1 }, reward: rewardsOf })
    const seen = observed(from(steps).pipe(episodes(createEpisodeTracker(1, 2))))
    expect(seen.values.map(({ length }) => length)).toEqual([3, 3])
    expect([...seen.values[0]!.returns]).toEqual([10, 11 + 21 + 31])
  })

  it('account for every reward once, whatever ends them', () => {
    const shape = fc.record({
      games: fc.integer({ min: 1, max: 4 }),
      steps: fc.integer({ min: 0, max: 40 }),
      length: fc.integer({ min: 1, max: 7 }),
      ending: fc.constantFrom('truncated', 'terminated'),
      leaves: fc.dictionary(fc.constantFrom('0', '1'), fc.integer({ min: 1, max: 7 })),
    })
    fc.assert(
      fc.property(shape, ({ games, steps, length, ending, leaves }) => {
        const all = play(games, steps, { length, ending, leaves, reward: rewardsOf })
        const tracker = createEpisodeTracker(games, 2)
        const ended = all.flatMap(step => [...tracker.add(step)])
        const { returns, lengths } = tracker.save() as { returns: Float64Array; lengths: Int32Array }
        const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)
        expect(sum(ended.map(episode => sum(episode.returns))) + sum(returns)).toBeCloseTo(
          sum(all.map(step => sum(step.rewards.data))),
          6,
        )
        expect(sum(ended.map(episode => episode.length)) + sum(lengths)).toBe(games * steps)
        expect(ended.map(episode => episode.number)).toEqual(ended.map((_, i) => i + 1))
        expect(tracker.finished).toBe(ended.length)
      }),
      { numRuns: 60 },
    )
  })

  it('are never changed after they were emitted', () => {
    const tracker = createEpisodeTracker(1, 2)
    const steps = play(1, 6, { length: 3, reward: rewardsOf })
    const seen = observed(from(steps).pipe(episodes(tracker)))
    expect(seen.values.map(({ returns }) => [...returns])).toEqual([
      [60, 63],
      [60, 63],
    ])
    expect(seen.values[0]!.returns).not.toBe(seen.values[1]!.returns)
  })

  it('go on in a restored tracker, in the middle of an episode too', () => {
    const steps = play(2, 20, { length: 7 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), at => {
        const tracker = createEpisodeTracker(2, 2)
        for (const step of steps.slice(0, at)) tracker.add(step)
        const restored = createEpisodeTracker(2, 2)
        restored.restore(structuredClone(tracker.save()))
        const rest = (t: typeof tracker) => steps.slice(at).flatMap(step => [...t.add(step)])
        expect(rest(restored)).toEqual(rest(tracker))
        expect(restored.finished).toBe(tracker.finished)
      }),
    )
  })

  it('pass on an error from above', () => {
    const steps$ = concat(
      from(play(1, 5)),
      throwError(() => 'gone'),
    )
    const seen = observed(steps$.pipe(episodes(createEpisodeTracker(1, 2))))
    expect(seen.values).toHaveLength(1)
    expect(seen.errors).toEqual(['gone'])
  })

  it('make an error of the tracker the error of the stream', () => {
    const tracker = createEpisodeTracker(1, 2)
    const broken = {
      ...tracker,
      add() {
        throw new Error('lost count')
      },
    }
    expect(observed(of(play(1, 1)[0]!).pipe(episodes(broken))).errors).toEqual([new Error('lost count')])
  })

  it('let go of the steps when they are left', () => {
    const steps$ = new Subject<JointStep>()
    const seen = observed(steps$.pipe(episodes(createEpisodeTracker(3, 2)), take(2)))
    for (const step of play(3, 5)) steps$.next(step)
    expect(seen.values).toHaveLength(2)
    expect(steps$.observed).toBe(false)
  })
})
