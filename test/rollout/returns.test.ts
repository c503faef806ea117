// Discounted returns to the end of an episode, and means of other returns as baselines.
import { describe, expect, it } from 'vitest'
import { discountedReturns, meanAtStep, meanOfOthersAtStep } from '../../src/rollout/returns.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import type { Trajectory } from '../../src/rollout/trajectory.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { recordedStep } from '../support/recorded-steps.ts'

const agents = agentsOf([1, 1])

/** Complete episodes of these rewards of the first agent; the second gets ten times as much. */
function episodes(
  rewards: readonly (readonly number[])[],
  ending: 'terminated' | 'truncated' = 'truncated',
): Trajectory {
  const rollout = createRollout({ agents, games: 1, members: [0, 1], length: { episodes: rewards.length } })
  for (const episode of rewards) {
    episode.forEach((reward, i) => {
      const last = i === episode.length - 1 ? 1 : 0
      const end = ending === 'truncated' ? { truncated: last } : { terminated: [last, last] }
      rollout.add(recordedStep(agents, [{ rewards: [reward, 10 * reward], ...end }]))
    })
  }
  return rollout.trajectory([0, 1])
}

/** Of the first agent, lane by lane. */
const laneOf = ({ steps, sequences, present }: Trajectory, values: ArrayLike<number>, lane: number) =>
  Array.from({ length: steps }, (_, step) => step * sequences + lane)
    .filter(row => present[row] === 1)
    .map(row => values[row]!)

describe('returns', () => {
  it('sum discounted rewards to the end of the episode', () => {
    const trajectory = episodes([[1, 2, 4], [8, 16]]) // biome-ignore format: a table
    const returns = discountedReturns(trajectory, 0.5)
    expect(laneOf(trajectory, returns, 0)).toEqual([3, 4, 4])
    expect(laneOf(trajectory, returns, 1)).toEqual([16, 16])
  })

  it('add the value of what follows where the game was cut, not where the episode was over', () => {
    const values = new Float64Array(8).fill(100)
    const cut = episodes([[1, 2]])
    expect(laneOf(cut, discountedReturns(cut, 0.5, values), 0)).toEqual([27, 52])
    const over = episodes([[1, 2]], 'terminated')
    expect(laneOf(over, discountedReturns(over, 0.5, values), 0)).toEqual([2, 2])
  })
})

describe('a time limit', () => {
  const values = new Float64Array(8).fill(100)
  const own = Float64Array.from({ length: 8 }, (_, row) => 10 + row)

  it('may be taken for an end by the rules, and the end of the rollout not', () => {
    const cut = episodes([[1, 2]])
    expect(laneOf(cut, discountedReturns(cut, 0.5, values, 'terminate'), 0)).toEqual([2, 2])
    const unfinished = { ...cut, truncated: new Uint8Array(cut.rows) }
    expect(laneOf(cut, discountedReturns(unfinished, 0.5, values, 'terminate'), 0)).toEqual([27, 52])
  })

  it('may leave the step that it cuts with what it was believed to be worth', () => {
    const cut = episodes([[1, 2]])
    expect(laneOf(cut, discountedReturns(cut, 0.5, null, { values: own }), 0)).toEqual([1 + 0.5 * 12, 12])
    const over = episodes([[1, 2]], 'terminated')
    expect(laneOf(over, discountedReturns(over, 0.5, null, { values: own }), 0)).toEqual([2, 2])
  })
})

describe('the mean at a step', () => {
  it('is over the episodes that have that step, agent by agent', () => {
    const trajectory = episodes([[3], [1, 6], [2, 2]]) // biome-ignore format: a table
    const returns = discountedReturns(trajectory, 1)
    const means = meanAtStep(trajectory, returns)
    expect(laneOf(trajectory, means, 0)).toEqual([14 / 3])
    expect(laneOf(trajectory, means, 1)).toEqual([14 / 3, 4])
    const second = trajectory.lanes + 1
    expect(means[second]).toBeCloseTo(140 / 3, 12)
  })

  it('without the own return does not depend on it, and is 0 where nobody else has that step', () => {
    const trajectory = episodes([[3], [1, 6], [2]]) // biome-ignore format: a table
    const means = meanOfOthersAtStep(trajectory, discountedReturns(trajectory, 1))
    expect([0, 1, 2].map(lane => laneOf(trajectory, means, lane))).toEqual([[4.5], [2.5, 0], [5]])
  })
})
