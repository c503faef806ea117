import { describe, expect, it } from 'vitest'
import { Curves } from '../../../viewer/charts/curves.ts'
import { EpisodeRewards } from '../../../viewer/charts/rewards.ts'
import { circlingFrame, tinySchema } from '../../stream/tiny-stream.ts'

describe('the lines of a chart', () => {
  const ids = ['agent_0', 'agent_1', 'adversary_0']
  const names = (curves: Curves) => curves.list().map(curve => curve.name)

  it('are one while all agents get the same, and the legend says so', () => {
    const curves = new Curves(ids)
    expect(curves.see([-1, -1, -1])).toBe(false)
    expect(curves.see(Float32Array.of(2, 2, 2))).toBe(false)
    expect(names(curves)).toEqual(['all 3 agents share one line: their numbers are equal'])
  })

  it('part when agents differ, and stay apart', () => {
    const curves = new Curves(ids)
    expect(curves.see([-1, -1, 4])).toBe(true)
    expect(names(curves)).toEqual(['agent_0, agent_1 (equal)', 'adversary_0'])
    expect(curves.see([3, 2, 2])).toBe(true)
    expect(curves.see([0, 0, 0])).toBe(false)
    expect(names(curves)).toEqual(ids)
  })

  it('do not part over the last digit of a sum', () => {
    const curves = new Curves(ids)
    expect(curves.see([0.1 + 0.2, 0.3, 0.3])).toBe(false)
  })

  it('bear the name of a lonely agent', () => {
    expect(names(new Curves(['agent_0']))).toEqual(['agent_0'])
    expect(names(new Curves([]))).toEqual([])
  })

  it('hold numbers that are none together too', () => {
    expect(new Curves(ids).see([Number.NaN, Number.NaN, Number.NaN])).toBe(false)
  })
})

describe('the rewards of an episode', () => {
  const schema = tinySchema()

  it('begin anew with each episode; the one before stays', () => {
    const rewards = new EpisodeRewards(3)
    for (let n = 0; n < 30; n++) rewards.take(circlingFrame(schema, n))
    expect(rewards.before.steps).toEqual(Array.from({ length: 24 }, (_, i) => i + 1))
    expect(rewards.now.steps).toEqual([1, 2, 3, 4])
    expect(rewards.now.rewards[2]).toEqual([26, 27, 28, 29].map(n => circlingFrame(schema, n).rewards[2]))
    expect(rewards.longest).toBe(24)
  })

  it('take a frame that is sent again only once', () => {
    const rewards = new EpisodeRewards(3)
    for (const n of [0, 1, 2, 2]) rewards.take(circlingFrame(schema, n))
    expect(rewards.now.steps).toEqual([1, 2])
  })

  it('have a range before and after the first step, numbers that are none left out', () => {
    const rewards = new EpisodeRewards(3)
    expect(rewards.range).toEqual([-1, 0])
    rewards.take({ ...circlingFrame(schema, 1), rewards: Float32Array.of(Number.NaN, -3, 5) })
    expect(rewards.range).toEqual([-3, 5])
  })
})
