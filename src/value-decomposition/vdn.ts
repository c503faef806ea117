// VDN: the value of a team is the sum of values of which each depends on one agent alone (Sunehag et al. 2018).
import { defineAlgorithm } from '../learning/algorithm.ts'
import { createTeamReward, teamRewards } from '../learning/team-reward.ts'
import { sumOfValues } from './mixer.ts'
import { valueOptions } from './options.ts'
import { createValueLearner, teamsOf, withoutCommonSteps } from './value-learner.ts'

/**
 * Value decomposition networks (Sunehag et al. 2018): Q_tot = sum_i Q_i(o_i, a_i) is fitted to the reward of the team,
 *
 *     (Q_tot(o, a) - r - gamma sum_i Q_i'(o_i', argmax_a Q_i(o_i', a)))^2
 *
 * The best joint action is everybody's best. Payoffs that are no sum over agents cannot be represented.
 */
export const vdn = defineAlgorithm({
  id: 'vdn',
  description: "value decomposition networks: the team's value is the sum over its agents (Sunehag et al. 2018)",
  options: { ...valueOptions, ...teamRewards },
  acts: 'greedy',
  unsupported: agents => withoutCommonSteps(agents),
  createLearner(team, settings) {
    const sides = teamsOf(team).map(side => ({
      ...side,
      mixer: sumOfValues(team.backend, side.agents.length, settings.batch),
      reward: createTeamReward({ agents: team.agents, indices: side.agents }, settings),
    }))
    return createValueLearner(team, settings, sides)
  },
})
