// From a sweep file to trials: settings of one team as dimensions, and what is refused before anything is trained.
import { beforeEach, describe, expect, it } from 'vitest'
import { planSweep } from '../../src/sweep/sweep-plan.ts'
import { writeSweep } from '../support/sweeps.ts'

const base = {
  scenario: { id: 'simple_tag' },
  learner: { batch: 32, updateAfter: 250 },
  network: { hidden: [16, 16] },
  run: { episodes: 60 },
}
const sweep = (changes: object) =>
  planSweep(
    writeSweep({ base, strategy: 'grid', objective: { measure: 'training', of: 'agent' }, ...changes }),
    text => void said.push(text),
  )

const said: string[] = []
beforeEach(() => {
  said.length = 0
})

describe('a sweep', () => {
  it('searches settings of one team', async () => {
    const space = { 'team.agent.gamma': [0.9, 0.95], 'team.adversary.learningRate': { log: [0.001, 0.1], points: 2 } }
    const plan = await sweep({ space })
    const trials = await Promise.all(
      [0.25, 0.75].map(place => plan.trialAt([place, plan.sweep.space.dimensions[1]!.grid![0]!])),
    )
    const configs = trials.map(trial => trial.config(1, 60))
    expect(configs[0]!.team).toEqual({
      adversary: { learningRate: 0.001, gamma: 0.95 },
      agent: { learningRate: 0.01, gamma: 0.9 },
    })
    expect(configs[1]!.team).toEqual({ adversary: { learningRate: 0.001 }, agent: { learningRate: 0.01 } })
    expect(configs[1]!.learner.gamma).toBe(0.95)
    expect(new Set(trials.map(({ id }) => id)).size).toBe(2)
  })

  it.each([
    [{ 'team.agent.gama': [0.9] }, /small\.yaml:\d+:\d+: team\.agent\.gama: unknown key 'gama'/],
    [
      { 'team.agent.policyDelay': [1, 2] },
      /small\.yaml:\d+:\d+: team\.agent\.policyDelay: maddpg has no 'policyDelay'/,
    ],
    [{ 'run.steps': [5, 6] }, /all trials are trained equally long/],
    [{ 'run.logEvery': [5, 6] }, /changes nothing that is learnt/],
  ])('of %j is refused by place', async (space, message) => {
    await expect(sweep({ space })).rejects.toThrow(message)
  })

  it('is counted in episodes', async () => {
    const inSteps = { ...base, run: { steps: 500 } }
    await expect(sweep({ base: inSteps, space: { 'learner.gamma': [0.9, 1] } })).rejects.toThrow(
      /the trainings of a sweep are counted in episodes/,
    )
  })

  it('says what keys of an older version are called now', async () => {
    const plan = await sweep({ space: { 'replay.steps': [1, 3] } })
    expect(said.join()).toMatch(/small\.yaml: replay\.steps is of an older version, and read as learner\.returnSteps/)
    expect((await plan.trialAt([0.9])).config(1, 60).learner.returnSteps).toBe(3)
  })
})
