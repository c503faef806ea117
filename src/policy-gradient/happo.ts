// HAPPO, heterogeneous-agent PPO (Kuba et al. 2022): agents learn one after the other by the team's advantage, each allowing for what those before it became.
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { groupsOf, teamGroupOf } from '../learning/groups.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { withDefaults, without } from '../learning/options.ts'
import { refuseSharing, type SequentialPolicy, sequentialUpdates } from '../learning/sequential-updates.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { paidAsTeam, teamRewards } from '../learning/team-reward.ts'
import { momentsOf } from '../rollout/moments.ts'
import type { OptionValues } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'
import { advantagesOf, groupingOf, roundOf, teamCritic } from './actor-critic.ts'
import { ppoOptions } from './ppo.ts'
import { sequentialValue } from './sequential-value.ts'
import { surrogateOf } from './surrogate.ts'

const options = {
  ...withDefaults(without(ppoOptions, 'objective', 'klWeight', 'shareParameters', 'identity'), {
    learningRate: 0.0005,
    epochs: 5,
  }),
  ...teamRewards,
} as const

export const happo = defineAlgorithm({
  id: 'happo',
  description: 'PPO of one agent after the other, with the ratios of those before it (Kuba et al. 2022)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: OptionValues<typeof options>) {
  refuseSharing(team, 'happo', 'ppo')
  const { ratioClip, targetKl } = settings
  const value = createStateValue(teamGroupOf(team), teamCritic(team, settings), settings)

  const policies = groupsOf(team).map((group): SequentialPolicy<AgentRound> => {
    const policy = createStochasticPolicy(group, settings)
    const [member] = learningMembers(policy, value, [{ name: 'logProbability', size: 1 }])
    return {
      member: member!,
      logProbabilitiesOf: policy.logProbabilitiesOf,
      isRecurrent: groupingOf(team, settings, policy.isRecurrent || value.isRecurrent),
      prepare: (trajectory, turn) => ({
        ...turn,
        old: trajectory.numbers('logProbability'),
        deviation: Float64Array.of(momentsOf(turn.compoundRatios, trajectory.learnable).deviation),
      }),
      update(rows, round, _, minibatch) {
        // Down -mean M min(r A, clip(r) A) - c mean H, r = pi(a | o) / pi_old(a | o), M and A held fixed.
        const now = policy.at(rows)
        const m = rows.of(round.compoundRatios)
        const ma = advantagesOf(rows, round, minibatch, settings).map((a, i) => m[i]! * a)
        const surrogate = surrogateOf(now.logProbability, rows.of(round.old), ma, rows, ratioClip)
        const entropyWeight = valueAt(settings.entropyWeight, team.now())
        return { ...now.gradient(surrogate.weights, entropyWeight), ...surrogate.figures }
      },
      slices: {
        networks: [policy.network],
        end(sums, { deviation }, epoch) {
          if (targetKl !== null && sums.approximateKl! > 1.5 * targetKl) return null
          return { ...policy.step(), ...(epoch === 0 ? { compoundDeviation: deviation[0]! } : {}) }
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

/** What the turn of an agent begins with. */
interface AgentRound {
  readonly [name: string]: Float64Array
  readonly advantages: Float64Array
  readonly compoundRatios: Float64Array
  readonly old: Float64Array
  readonly deviation: Float64Array
}
