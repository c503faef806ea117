// Updates over rollouts: who learns when and from what, and that a saved learner goes on with the same work.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groupsOf } from '../../src/learning/groups.ts'
import { updatesOverRollouts } from '../../src/learning/rollout-updates.ts'
import type { TeamLearner } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { copySaved } from '../../src/saved.ts'
import type { AgentSpec } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { type TeamOptions, teamContext } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const agents = agentsOf([1, 1, 1])

/** A learner that only notes what it is given. */
function noting(of: readonly AgentSpec[], options: TeamOptions, round = { steps: 2, epochs: 2, minibatches: 2 }) {
  const log: string[] = []
  const { steps, ...config } = round
  const refuse = () => {
    throw new Error('nobody acts here')
  }
  const actor = {
    carries: [],
    networks: [],
    sample: refuse,
    greedy: refuse,
    probabilities: refuse,
    distribution: refuse,
  }
  const learner = updatesOverRollouts(
    teamContext(backend, of, { games: 2, ...options }),
    { length: { steps }, isJoint: false, ...config },
    group => ({
      members: group.indices.map(() => ({ actor, save: () => null, restore() {} })),
      isRecurrent: false,
      prepare(trajectory) {
        log.push(`${group.name} prepares ${trajectory.rows}`)
        return { rewards: Float64Array.from(trajectory.rewards) }
      },
      update(rows, { rewards }) {
        log.push(`${group.name} learns from ${[...rows.of(rewards)].join(' ')}`)
        return { rows: rows.count }
      },
    }),
  )
  return { learner, log }
}

/** A step in which the agents get number + agent / 10 in the first game and 100 more in the second. */
const step = (number: number, present = [1, 1, 1]) =>
  recordedStep(
    agents,
    [0, 100].map((more): Moment => ({ rewards: [0, 1, 2].map(agent => number + more + 10 * agent), present })),
  )

function finish(learner: TeamLearner): string[] {
  const updates: string[] = []
  while (learner.due) updates.push(`${learner.turn} ${learner.advance([]).of}`)
  return updates
}

describe('groups', () => {
  it('are agents that share parameters, else each agent by itself', () => {
    const names = (options: TeamOptions) => groupsOf(teamContext(backend, agents, options)).map(({ name }) => name)
    expect(names({ shareParameters: true })).toEqual(['agent'])
    expect(names({})).toEqual(['agent_0', 'agent_1', 'agent_2'])
    expect(names({ shareParameters: true, indices: [1, 2] })).toEqual(['agent'])
    const unlike = teamContext(backend, agentsOf([1, 2, 1]), { shareParameters: true })
    expect(groupsOf(unlike).map(({ name, indices }) => [name, indices])).toEqual([['agent_0+agent_2', [0, 2]], ['agent_1', [1]]]) // biome-ignore format: a table
  })
})

describe('a round', () => {
  it('is due when the rollout is complete, and over when every group went through all of its minibatches', () => {
    const { learner, log } = noting(agents, {})
    learner.take(step(1))
    expect(learner.due).toBe(false)
    learner.take(step(2))
    expect(learner.due).toBe(true)
    const order = [0, 1, 2].flatMap(agent => new Array(4).fill(`${agent} agent_${agent}`))
    expect(finish(learner)).toEqual(order)
    expect(log.filter(line => line.includes('prepares'))).toEqual([0, 1, 2].map(agent => `agent_${agent} prepares 4`))
    const ofFirst = log.slice(1, 5).map(line => line.replace('agent_0 learns from ', '').split(' ').map(Number))
    const sorted = (rows: readonly number[]) => [...rows].sort((a, b) => a - b)
    expect(sorted([...ofFirst[0]!, ...ofFirst[1]!])).toEqual([1, 2, 101, 102])
    expect(sorted([...ofFirst[2]!, ...ofFirst[3]!])).toEqual([1, 2, 101, 102])
    learner.take(step(3))
    expect(learner.due).toBe(false)
  })

  it('of agents with shared parameters is one loss over the rows of all', () => {
    const { learner, log } = noting(agents, { shareParameters: true }, { steps: 1, epochs: 1, minibatches: 1 })
    learner.take(step(1))
    expect(finish(learner)).toEqual(['0 agent'])
    expect(log).toEqual(['agent prepares 6', 'agent learns from 1 101 11 111 21 121'])
  })

  it('leaves out agents that were never there, and is none where nobody was', () => {
    const { learner, log } = noting(agents, {}, { steps: 1, epochs: 1, minibatches: 1 })
    learner.take(step(1, [0, 1, 0]))
    expect(finish(learner)).toEqual(['1 agent_1'])
    expect(log.length).toBe(2)
    learner.take(step(2, [0, 0, 0]))
    expect(learner.due).toBe(false)
    learner.take(step(3, [1, 0, 0]))
    expect(finish(learner)).toEqual(['0 agent_0'])
  })
})

describe('a saved learner', () => {
  it('goes on in the midst of a rollout and of a round, with what the round began with', () => {
    const played = (cut: number) => {
      let { learner, log } = noting(agents, {}, { steps: 2, epochs: 2, minibatches: 3 })
      const lines: string[] = []
      for (let i = 0, number = 1; i < 60; i++) {
        if (i === cut) {
          const saved = copySaved(learner.save())
          lines.push(...log)
          ;({ learner, log } = noting(agents, {}, { steps: 2, epochs: 2, minibatches: 3 }))
          learner.restore(saved)
        }
        if (learner.due) learner.advance([])
        else learner.take(step(number++))
      }
      return [...lines, ...log]
    }
    const whole = played(-1)
    expect(whole.length).toBeGreaterThan(55)
    for (let cut = 0; cut < 45; cut++) expect(played(cut)).toEqual(whole)
  })
})
