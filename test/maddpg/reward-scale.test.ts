// Reward normalisation: the deviation of all rewards so far, whatever the batches they came in.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { maddpg } from '../../src/maddpg/maddpg.ts'
import { createRewardScale } from '../../src/maddpg/reward-scale.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import type { Batch } from '../../src/types.ts'
import { agentsIn, randomBatch, spaces, tinyRoster } from '../support/tiny-roster.ts'

/** Rewards of agent 1 of two, the other's being far off. */
const batchOf = (rewards: readonly number[], present: readonly number[] = rewards.map(() => 1)) => {
  const matrix = (of: (row: number, agent: number) => number) => ({
    rows: rewards.length,
    columns: 2,
    data: Float32Array.from({ length: 2 * rewards.length }, (_, at) => of(Math.floor(at / 2), at % 2)),
  })
  return {
    rewards: matrix((row, agent) => (agent === 1 ? rewards[row]! : 1000 * row)),
    present: matrix((row, agent) => (agent === 1 ? present[row]! : 1)),
  }
}

/** The deviation in two passes over everything. */
const deviationOf = (all: readonly number[]) => {
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length
  return Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length)
}

describe('the scale of an agent’s rewards', () => {
  const reward = fc.float({ min: -100, max: 100, noNaN: true })
  const batches = fc.array(fc.array(fc.tuple(reward, fc.constantFrom(0, 1)), { minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 6,
  })

  it('is the deviation of all rewards so far of rows where the agent was present', () => {
    fc.assert(
      fc.property(batches, batches => {
        const scale = createRewardScale(1)
        const all: number[] = []
        for (const batch of batches) {
          const divisor = scale.next(
            batchOf(
              batch.map(([r]) => r),
              batch.map(([, p]) => p),
            ),
          )
          all.push(...batch.flatMap(([r, p]) => (p === 1 ? [r] : [])))
          const expected = all.length === 0 ? 0 : deviationOf(all)
          if (expected > 1e-3) expect(divisor / expected).toBeCloseTo(1, 6)
          else expect(divisor).toBeGreaterThan(0)
        }
      }),
    )
  })

  it('is 1 as long as rewards have not differed', () => {
    const scale = createRewardScale(1)
    for (const rewards of [[0.1, 0.1, 0.1], [0.1]]) expect(scale.next(batchOf(rewards))).toBe(1)
    expect(scale.next(batchOf([5], [0]))).toBe(1)
    expect(scale.next(batchOf([2.1]))).toBeCloseTo(deviationOf([0.1, 0.1, 0.1, 0.1, 2.1]), 6)
  })

  it('goes on with the same bits when restored', () => {
    const scale = createRewardScale(1)
    scale.next(batchOf([1, 2, 4.5]))
    const restored = createRewardScale(1)
    restored.restore(scale.save())
    expect(restored.next(batchOf([-3, 8]))).toBe(scale.next(batchOf([-3, 8])))
    expect(restored.save()).toEqual(scale.save())
  })
})

describe('a learner that normalises rewards', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const agents = agentsIn(spaces.soft, ['agent', 'agent'])
  const rows = 16
  const figures = (normaliseRewards: boolean, change: (batch: Batch) => void) => {
    const roster = tinyRoster(backend, maddpg, agents, { rows, learner: { normaliseRewards } })
    const batch = randomBatch(backend, agents, rows, 1)
    change(batch)
    return roster[1]!.update(batch, roster)
  }
  const scaled = (factor: number) => (batch: Batch) => {
    for (let i = 0; i < batch.rewards.data.length; i++) batch.rewards.data[i]! *= factor
  }

  it('learns the same from rewards in another unit', () => {
    // A power of two: the quotients are the same bits.
    expect(figures(true, scaled(64))).toEqual(figures(true, () => {}))
    expect(figures(false, scaled(64))).not.toEqual(figures(false, () => {}))
  })

  it('aims at r / deviation', () => {
    const deviation = (batch: Batch) => deviationOf([...batch.rewards.data].filter((_, at) => at % 2 === 1))
    const divided = figures(false, batch => scaled(1 / deviation(batch))(batch))
    const { criticLoss } = figures(true, () => {})
    expect(criticLoss! / divided.criticLoss!).toBeCloseTo(1, 5)
  })

  it('keeps what it knows of them; one that does not keeps nothing', () => {
    const saved = (normaliseRewards: boolean) =>
      tinyRoster(backend, maddpg, agents, { rows, learner: { normaliseRewards } })[0]!.save()
    expect(saved(true)).toHaveProperty('rewardScale')
    expect(saved(false)).not.toHaveProperty('rewardScale')
  })
})
