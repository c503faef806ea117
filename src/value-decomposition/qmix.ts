// QMIX: the value of a team grows with that of each of its agents, by how much depends on the state (Rashid et al. 2018).
import { defineAlgorithm } from '../learning/algorithm.ts'
import { withDefaults } from '../learning/options.ts'
import { createTeamReward, teamRewards } from '../learning/team-reward.ts'
import { createMonotoneMixer } from './monotone-mixer.ts'
import { mixing, valueOptions } from './options.ts'
import { createValueLearner, teamsOf, withoutCommonSteps } from './value-learner.ts'

/**
 * QMIX (Rashid et al. 2018): Q_tot = mixer(Q_1(o_1, a_1), ..., Q_n(o_n, a_n); s), dQ_tot / dQ_i >= 0, is fitted as VDN's sum is. The best joint
 * action is everybody's best still, as no agent's gain is the team's loss. Where what is best for one agent depends on what another does,
 * payoffs cannot be represented.
 */
export const qmix = defineAlgorithm({
  id: 'qmix',
  description: "QMIX: the team's value by a monotone mixer whose weights follow from the state (Rashid et al. 2018)",
  // With 0.99 values grew without end on simple_spread.
  options: { ...withDefaults(valueOptions, { gamma: 0.95 }), ...teamRewards, ...mixing },
  acts: 'greedy',
  unsupported: agents => withoutCommonSteps(agents),
  createLearner(team, settings) {
    const sides = teamsOf(team).map((side, i) => ({
      ...side,
      mixer: createMonotoneMixer(team, side.agents.length, settings, [side.name, i === 0 ? 'mixer' : `mixer${i}`]),
      reward: createTeamReward({ agents: team.agents, indices: side.agents }, settings),
    }))
    return createValueLearner(team, settings, sides)
  },
})
