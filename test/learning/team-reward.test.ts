import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { createTeamReward } from '../../src/learning/team-reward.ts'
import type { JointStep, Matrix } from '../../src/types.ts'
import { agentsOf, numberedSteps } from '../support/joint-steps.ts'

const agents = agentsOf([2, 2, 2, 2])
/** agent_1 is of nobody's team here. */
const team = { agents, indices: [0, 2, 3] }

/** A step of two games in which agents get these rewards, [games, agents]. */
function paid(rewards: readonly number[], flags: Partial<Pick<JointStep, 'present' | 'terminated' | 'waiting'>> = {}) {
  const [step] = numberedSteps(agents, 2, 1, 16)
  step!.rewards.data.set(rewards)
  step!.present.fill(1)
  step!.terminated.fill(0)
  return { ...step!, ...flags }
}

const unequal = [1, 7, 1, 1, 2, 7, 3, 2]

describe('the reward of a team', () => {
  it('is that of each agent where all get the same, and leaves the others alone', () => {
    const rewards = [1, 7, 1, 1, 2, 9, 2, 2]
    expect([...createTeamReward(team, { teamReward: null }).of(paid(rewards)).rewards.data]).toEqual(rewards)
  })

  it('is refused where agents get different ones, by their names, at the step, with the remedy', () => {
    const { of } = createTeamReward(team, { teamReward: null })
    expect(() => of(paid(unequal))).toThrow(ConfigError)
    expect(() => of(paid(unequal))).toThrow(
      "learner.teamReward: expected sum or mean where agents of team 'agent' get different rewards, got null; in step 17 of game 1 they got " +
        'agent_0 2, agent_2 3, agent_3 2; set learner.teamReward=sum or learner.teamReward=mean, or give all agents of the team the same reward',
    )
  })

  it.each([
    ['sum', [3, 7, 3, 3, 7, 7, 7, 7]],
    ['mean', [1, 7, 1, 1, 7 / 3, 7, 7 / 3, 7 / 3]],
  ] as const)('is their %s where the setting says so, and the step stays as it is', (teamReward, expected) => {
    const step = paid(unequal)
    expect([...createTeamReward(team, { teamReward }).of(step).rewards.data]).toEqual([...Float32Array.from(expected)])
    expect([...step.rewards.data]).toEqual(unequal)
  })

  it('does not ask for the reward of an agent whose episode is over, but for that of one that waits or dies', () => {
    const { of } = createTeamReward(team, { teamReward: null })
    const rewards = [1, 7, 0, 1, 2, 7, 2, 2]
    const present = Uint8Array.of(1, 1, 0, 1, 1, 1, 1, 1)
    expect([...of(paid(rewards, { present })).rewards.data]).toEqual([1, 7, 1, 1, 2, 7, 2, 2])
    const flags = { waiting: new Uint8Array(8), terminated: new Uint8Array(8) }
    for (const which of ['waiting', 'terminated'] as const) {
      const here = { present, ...flags, [which]: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0) }
      expect(() => of(paid(rewards, here))).toThrow(/agent_0 1, agent_2 0, agent_3 1/)
    }
  })

  it('is one of each team where one learner plays several', () => {
    const two = agents.map((agent, index) => ({ ...agent, team: index < 2 ? 'red' : 'blue' }))
    const both = { agents: two, indices: [0, 1, 2, 3] }
    expect([...createTeamReward(both, { teamReward: null }).of(paid([1, 1, -1, -1, 2, 2, 3, 3])).rewards.data]).toEqual(
      [1, 1, -1, -1, 2, 2, 3, 3],
    )
    expect([...createTeamReward(both, { teamReward: 'sum' }).of(paid(unequal)).rewards.data]).toEqual([
      8, 8, 2, 2, 9, 9, 5, 5,
    ])
  })

  it('is that of the agent where a team has one', () => {
    const step = paid(unequal)
    expect(createTeamReward({ agents, indices: [2] }, { teamReward: 'mean' }).of(step)).toBe(step)
  })

  it('of transitions is the discounted sum of those of their steps', () => {
    const reward = fc.integer({ min: -8, max: 8 })
    const steps = fc.array(fc.tuple(reward, reward, reward, reward), { minLength: 1, maxLength: 4 })
    const how = fc.constantFrom(null, 'sum', 'mean')
    fc.assert(
      fc.property(steps, how, (steps, teamReward) => {
        // Powers of 1/2 are exact.
        const given = steps.map(rewards => {
          const [first, other] = rewards
          return teamReward === null ? [first, other, first, first] : rewards
        })
        const { of, ofBatch } = createTeamReward(team, { teamReward })
        const each = given.map(rewards => of(paid([...rewards, ...rewards])).rewards.data[0]!)
        const sums = [0, 1, 2, 3].map(agent => given.reduce((sum, rewards, i) => sum + rewards[agent]! / 2 ** i, 0))
        const flags = (values: number[]): Matrix => ({ rows: 1, columns: 4, data: Float32Array.from(values) })
        const batch = { rows: 1, rewards: flags(sums), present: flags([1, 1, 1, 1]), terminated: flags([0, 0, 0, 0]) }
        const expected = each.reduce((sum, reward, i) => sum + reward / 2 ** i, 0)
        expect(ofBatch(batch)[0]).toBeCloseTo(expected, 5)
      }),
    )
  })

  it('of transitions is that of an agent that outlives them', () => {
    const { ofBatch } = createTeamReward(team, { teamReward: null })
    const of = (...values: number[]): Matrix => ({ rows: 2, columns: 4, data: Float32Array.from(values) })
    const rewards = of(1, 9, 1.5, 1.5, 0, 9, 2, 2)
    const batch = { rows: 2, rewards, present: of(1, 1, 1, 1, 0, 1, 1, 1), terminated: of(1, 0, 0, 0, 0, 0, 1, 1) }
    expect([...ofBatch(batch)]).toEqual([1.5, 2])
  })
})
