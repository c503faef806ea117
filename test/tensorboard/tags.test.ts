// Tags are stable names; what they say about unit and scale is part of them.
import { describe, expect, it } from 'vitest'
import { meanings } from '../../src/figures.ts'
import { createTags } from '../../src/tensorboard/tags.ts'

const agents = [
  { id: 'adversary_0', team: 'adversary' },
  { id: 'agent_0', team: 'agent' },
  { id: 'agent_1', team: 'agent' },
]
const line = {
  episodes: 100,
  envSteps: 2500,
  updates: 7,
  'return/adversary_0': 3,
  'return/agent_0': -1,
  'return/agent_1': -2,
  'criticLoss/agent_0': 0.5,
  'secondCriticLoss/agent_0': 0.25,
  'actorLoss/agent_0': -4,
  'inferenceKL/agent_0': 0.1,
  'clippedMass/agent_0': 0,
  'evaluation/return/adversary_0': 4,
  'evaluation/return/agent_0': -3,
  'evaluation/return/agent_1': -4,
  'evaluation/metric/tags': 0.5,
  'evaluation/finalMetric/tags': 1,
  'operator/curriculum/stage': 1,
  'time/seconds': 12,
  'time/evaluation': 2,
}

describe('tags', () => {
  it('of a line of metrics', () => {
    const scalars = createTags(agents)(line)
    expect(Object.fromEntries(scalars.map(({ tag, value }) => [tag, value]))).toEqual({
      'progress/episodes': 100,
      'progress/updates': 7,
      'episode/return/adversary_0': 3,
      'episode/return/agent_0': -1,
      'episode/return/agent_1': -2,
      'loss/critic/agent_0': 0.5,
      'loss/second_critic/agent_0': 0.25,
      'loss/actor/agent_0': -4,
      'learner/inference_kl/agent_0': 0.1,
      'learner/clipped_mass/agent_0': 0,
      'evaluation/return/adversary_0': 4,
      'evaluation/return/agent_0': -3,
      'evaluation/return/agent_1': -4,
      'evaluation/metric/tags': 0.5,
      'evaluation/final_metric/tags': 1,
      'operator/curriculum/stage': 1,
      'time/seconds': 12,
      'time/evaluation': 2,
      'episode/return/adversary': 3,
      'episode/return/agent': -1.5,
      'evaluation/return/adversary': 4,
      'evaluation/return/agent': -3.5,
    })
    for (const { tag, description } of scalars.filter(({ tag }) => tag.startsWith('evaluation/return/'))) {
      expect(description, tag).toContain('per agent, per episode, mean of run.evaluateEpisodes episodes')
    }
    for (const { tag, description } of scalars.filter(({ tag }) => tag.startsWith('episode/return/'))) {
      expect(description, tag).toContain('per agent, per episode, mean of the last 1,000 training episodes')
    }
    expect(new Set(scalars.map(({ description }) => description)).size).toBe(scalars.length)
  })

  it('of diagnoses of on-policy learning, each with a meaning', () => {
    const names = {
      ...{ policyLoss: 'loss/policy', valueLoss: 'loss/value', entropy: 'learner/entropy' },
      ...{ approximateKl: 'learner/approximate_kl', clipFraction: 'learner/clip_fraction' },
      ...{ divergence: 'learner/divergence', explainedVariance: 'learner/explained_variance' },
      ...{ truncatedShare: 'learner/truncated_share', actorGradientNorm: 'learner/actor_gradient_norm' },
      criticGradientNorm: 'learner/critic_gradient_norm',
    }
    for (const [name, tag] of Object.entries(names)) {
      const [scalar] = createTags(agents)({ [`${name}/agent`]: 0.5 })
      expect(scalar).toMatchObject({ tag: `${tag}/agent`, value: 0.5 })
      expect(scalar!.description).toBe(`${meanings[name]} of agent, mean over its updates since the line before.`)
    }
  })

  it('leave out numbers that are none', () => {
    const tags = createTags(agents)({ envSteps: 0, 'return/agent_0': Number.NaN, 'time/update_ms': Number.NaN })
    expect(tags).toEqual([])
  })

  it('give the tag to the agent where a team is called like one', () => {
    const scalars = createTags([
      { id: 'solo', team: 'solo' },
      { id: 'other', team: 'solo' },
    ])({ envSteps: 1, 'return/solo': 1, 'return/other': 3 })
    expect(scalars.map(({ tag, value }) => [tag, value])).toEqual([
      ['episode/return/solo', 1],
      ['episode/return/other', 3],
    ])
  })
})
