// HATRPO, heterogeneous-agent TRPO (Kuba et al. 2022): agents step one after the other within their trust regions, each allowing for what those before it became.
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { groupsOf, teamGroupOf } from '../learning/groups.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { withDefaults, without } from '../learning/options.ts'
import {
  type AgentTurn,
  refuseSharing,
  type SequentialPolicy,
  sequentialUpdates,
} from '../learning/sequential-updates.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { paidAsTeam, teamRewards } from '../learning/team-reward.ts'
import { momentsOf } from '../rollout/moments.ts'
import type { OptionValues } from '../settings/option.ts'
import { advantagesOf, groupingOf, roundOf, teamCritic } from './actor-critic.ts'
import { sequentialValue } from './sequential-value.ts'
import { trpoOptions } from './trpo.ts'
import { createTrustRegion, refuseWithoutTangents, type TrustRegionRound } from './trust-region.ts'

/** The step is that of HARL's hatrpo, but for the divergence, which is exact. */
const options = {
  ...withDefaults(without(trpoOptions, 'shareParameters', 'identity'), {
    trustRegion: 0.005,
    searchDecay: 0.8,
    searchDivergence: 1,
    searchGain: 0.5,
  }),
  ...teamRewards,
} as const

export const hatrpo = defineAlgorithm({
  id: 'hatrpo',
  description: 'TRPO of one agent after the other, with the ratios of those before it (Kuba et al. 2022)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, given: OptionValues<typeof options>) {
  refuseWithoutTangents(team.backend, 'hatrpo')
  refuseSharing(team, 'hatrpo', 'trpo')
  const settings = { ...given, actorLearningRate: null, criticLearningRate: null }
  const value = createStateValue(teamGroupOf(team), teamCritic(team, settings), settings)

  const policies = groupsOf(team).map((group): SequentialPolicy<AgentRound> => {
    const policy = createStochasticPolicy(group, null)
    const [member] = learningMembers(policy, value, [{ name: 'logProbability', size: 1 }])
    // Up mean M r A while mean KL(pi_old || pi) is at most about delta, M and A held fixed.
    const region = createTrustRegion<AgentRound>(group, policy, settings, (rows, round, all) => {
      const m = rows.of(round.compoundRatios)
      return advantagesOf(rows, round, all, settings).map((a, i) => m[i]! * a)
    })
    return {
      member: member!,
      logProbabilitiesOf: policy.logProbabilitiesOf,
      isRecurrent: groupingOf(team, settings, policy.isRecurrent || value.isRecurrent),
      prepare: (trajectory, turn) => ({
        ...turn,
        deviation: Float64Array.of(momentsOf(turn.compoundRatios, trajectory.learnable).deviation),
        ...region.begin(trajectory),
      }),
      passes: {
        ...region.passes,
        end(sums, round) {
          const { figures, goesOn } = region.passes.end(sums, round)
          return { figures: goesOn ? figures : { ...figures, compoundDeviation: round.deviation[0]! }, goesOn }
        },
      },
      endRound: policy.endRound,
    }
  })

  const learner = sequentialUpdates(team, roundOf(settings, settings), {
    policies,
    value: sequentialValue(team, settings, value, policies),
  })
  return paidAsTeam(team, settings, learner)
}

/** What the turn of an agent begins with, and what was found since. */
interface AgentRound extends TrustRegionRound, AgentTurn {
  readonly deviation: Float64Array
}
