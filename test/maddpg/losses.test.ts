// The losses of MADDPG against numbers worked out by hand.
import { describe, expect, it } from 'vitest'
import { NonFiniteError } from '../../src/errors.ts'
import { presence } from '../../src/learning/batch-rows.ts'
import { actorGradient, criticGradient, temporalDifferenceTarget } from '../../src/maddpg/losses.ts'
import type { Batch, Matrix } from '../../src/types.ts'

const column = (...values: number[]): Matrix => ({ rows: values.length, columns: 1, data: Float32Array.from(values) })
const table = (...rows: number[][]): Matrix => ({
  rows: rows.length,
  columns: rows[0]!.length,
  data: Float32Array.from(rows.flat()),
})

/** Two agents; the numbers of agent 0 are wrong on purpose: nothing of agent 1's may come from them. */
const batch: Batch = {
  rows: 4,
  observations: [],
  actions: [],
  nextObservations: [],
  rewards: table([99, 1], [99, 2], [99, -3], [99, 0.5]),
  present: table([0, 1], [0, 1], [0, 0], [0, 1]),
  terminated: table([1, 0], [1, 1], [1, 0], [1, 0]),
  discounts: Float64Array.of(0.5, 0.5, 0.5, 0.5),
  weights: Float32Array.of(1, 1, 1, 1),
  tdErrors: new Float32Array(4),
}
const fresh = () => ({ weights: Float32Array.of(1, 1, 1, 1), tdErrors: new Float32Array(4) })
const everybody = Float32Array.of(1, 1, 1, 1)

describe('the temporal-difference target', () => {
  it('is r + gamma Q, without the second term where the agent terminated', () => {
    const target = new Float32Array(4)
    temporalDifferenceTarget(batch, 1, column(10, 10, 4, -2), target)
    expect([...target]).toEqual([1 + 5, 2, -3 + 2, 0.5 - 1])
  })

  it('of a truncated game bootstraps: a batch does not even know of truncation', () => {
    expect(Object.keys(batch)).not.toContain('truncated')
    const target = new Float32Array(4)
    temporalDifferenceTarget(
      { ...batch, discounts: Float64Array.of(1, 1, 1, 1), terminated: table([0, 0], [0, 0], [0, 0], [0, 0]) },
      1,
      column(1, 1, 1, 1),
      target,
    )
    expect([...target]).toEqual([2, 3, -2, 1.5])
  })
})

describe('the gradient of the critic', () => {
  it('is that of the mean squared error', () => {
    const gradient = column(9, 9, 9, 9)
    const loss = criticGradient(
      'agent_1',
      column(1, 2, 3, 4),
      Float32Array.of(0, 4, 3, 1),
      everybody,
      fresh(),
      gradient,
    )
    expect([...gradient.data]).toEqual([(2 * 1) / 4, (2 * -2) / 4, 0, (2 * 3) / 4])
    expect(loss).toEqual({ criticLoss: (1 + 4 + 0 + 9) / 4 })
  })

  it('is zero where the agent was absent', () => {
    const gradient = column(9, 9, 9, 9)
    const loss = criticGradient(
      'agent_1',
      column(1, 2, 3, 4),
      Float32Array.of(0, 0, 0, 0),
      Float32Array.of(1, 0, 0, 1),
      fresh(),
      gradient,
    )
    expect([...gradient.data]).toEqual([0.5, 0, 0, 2])
    expect(loss).toEqual({ criticLoss: (1 + 16) / 4 })
  })
})

describe('a weighted row', () => {
  it('counts for as much in gradient and loss, and its TD errors is the unweighted error', () => {
    const gradient = column(9, 9)
    const batch = { weights: Float32Array.of(0.5, 1), tdErrors: Float32Array.of(0, 7) }
    const loss = criticGradient('agent_1', column(2, 2), Float32Array.of(0, 4), everybody.slice(2), batch, gradient)
    expect([...gradient.data]).toEqual([(0.5 * 2 * 2) / 2, (2 * -2) / 2])
    expect(loss).toEqual({ criticLoss: (0.5 * 4 + 4) / 2 })
    expect([...batch.tdErrors]).toEqual([2, 7])
  })
})

describe('the gradient of the actor', () => {
  it('is that of the mean value, upwards', () => {
    const gradient = column(9, 9, 9, 9)
    expect(actorGradient('agent_1', column(1, 2, 3, 4), everybody, gradient)).toEqual({ actorLoss: -2.5 })
    expect([...gradient.data]).toEqual([-0.25, -0.25, -0.25, -0.25])
  })

  it('is zero where the agent was absent', () => {
    const gradient = column(9, 9, 9, 9)
    expect(actorGradient('agent_1', column(1, 2, 3, 4), Float32Array.of(0, 1, 0, 1), gradient)).toEqual({
      actorLoss: -1.5,
    })
    expect([...gradient.data].map(Math.abs)).toEqual([0, 0.25, 0, 0.25])
  })
})

describe('presence', () => {
  it('is the column of the agent', () => {
    const present = new Float32Array(4)
    presence(batch, 1, present)
    expect([...present]).toEqual([1, 1, 0, 1])
    presence(batch, 0, present)
    expect([...present]).toEqual([0, 0, 0, 0])
  })
})

describe('a loss that is not finite', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('%d names the agent and the remedy', value => {
    const gradient = column(0)
    const one = Float32Array.of(1)
    const critic = () => criticGradient('adversary_0', column(value), Float32Array.of(0), one, fresh(), gradient)
    const actor = () => actorGradient('adversary_0', column(value), one, gradient)
    for (const loss of [critic, actor]) {
      expect(loss).toThrow(NonFiniteError)
      expect(loss).toThrow(/^adversary_0: (critic|actor) loss is -?(NaN|Infinity), .* learner\.learningRate/)
    }
  })
})
