// IQL: every agent learns the values of its own actions by itself; the others are part of its world (Tan 1993).
import { defineAlgorithm } from '../learning/algorithm.ts'
import { separateValues } from './mixer.ts'
import { valueOptions } from './options.ts'
import { createValueLearner, groupsApart, withoutChoices } from './value-learner.ts'

/**
 * Independent Q-learning (Tan 1993) with networks and replay (Mnih et al. 2015; multi-agent: Tampuu et al. 2017), double Q targets (van
 * Hasselt, Guez and Silver 2016): minimise
 *
 *     (Q(o, a) - r - gamma Q'(o', argmax_a Q(o', a)))^2
 *
 * Rewards are the agents' own. An action of several choices is worth the sum over them, as branches that share a body (Tavakoli et al. 2018).
 */
export const iql = defineAlgorithm({
  id: 'iql',
  description: 'independent Q-learning: every agent the values of its own actions (Tan 1993)',
  options: valueOptions,
  acts: 'greedy',
  unsupported: withoutChoices,
  createLearner(team, settings) {
    const sides = groupsApart(team).map(({ name, indices }) => {
      return { name, agents: indices, mixer: separateValues(), reward: null }
    })
    return createValueLearner(team, settings, sides)
  },
})
