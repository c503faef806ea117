// REINFORCE: the policy gradient from complete episodes, with and without a baseline (Williams 1992).
import { unsupportedSpaces } from '../agents/head.ts'
import { pow } from '../elementary.ts'
import { ConfigError } from '../errors.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { learningMembers } from '../learning/learning-members.ts'
import {
  boxActions,
  critics,
  discounting,
  optimisation,
  optimizerRules,
  sharing,
  withDefaults,
} from '../learning/options.ts'
import { updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { standardised } from '../rollout/moments.ts'
import { discountedReturns, learntRows, meanAtStep, meanOfOthersAtStep } from '../rollout/returns.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { choice, count, flag, type OptionValues, scheduled } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'

const options = {
  ...withDefaults(optimisation, { learningRate: 0.003, clipBy: 'network' }),
  ...optimizerRules,
  ...boxActions,
  ...withDefaults(discounting, { timeLimit: 'terminate' }),
  ...critics,
  ...sharing,
  rolloutEpisodes: count(32, { min: 1 }, 'complete episodes that a round learns from, at least'),
  baseline: {
    ...choice(
      ['meanOfOthers', 'mean', 'value', 'none'],
      'what is taken from returns: of the same step the mean of other episodes, or of all; value, a learnt V; none',
    ),
    changes: 'never',
  },
  valueSteps: count(10, { min: 1 }, 'steps of V in a round'),
  entropyWeight: scheduled(0.01, { min: 0 }, 'weight of the entropy of the policy, or its schedule'),
  normaliseAdvantages: flag(true, 'whether returns less the baseline are brought to mean 0 and deviation 1 each round'),
  discountStates: flag(false, 'whether step t counts gamma^t times, as the gradient of the discounted return has it'),
} as const

export const reinforce = defineAlgorithm({
  id: 'reinforce',
  description: 'policy gradient from the returns of complete episodes (Williams 1992)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: OptionValues<typeof options>) {
  const { gamma, discountPer, rolloutEpisodes: episodes, baseline, timeLimit } = settings
  const critic = settings.critic ?? 'joint'
  if (timeLimit !== 'terminate' && baseline !== 'value') {
    throw new ConfigError(
      'learner.timeLimit',
      `${timeLimit} wants a learnt V, got learner.baseline=${baseline}; expected terminate, or learner.baseline=value`,
    )
  }
  const isJoint = baseline === 'value' && (critic === 'joint' || critic === 'set')
  const epochs = baseline === 'value' ? settings.valueSteps : 1
  const readsState = baseline === 'value' && critic === 'state'
  const discount = { gamma, per: discountPer }
  const round = { length: { episodes }, epochs, minibatches: 1, isJoint, readsState, discount }
  return updatesOverRollouts(team, round, group => {
    const policy = createStochasticPolicy(group, settings)
    const value = baseline === 'value' ? createStateValue(group, critic, settings) : null

    /** b, which does not depend on the action that it judges; `mean` does a little. */
    const baselineOf = (trajectory: Trajectory, returns: Float64Array) => {
      if (baseline === 'mean') return meanAtStep(trajectory, returns)
      return baseline === 'none' ? null : meanOfOthersAtStep(trajectory, returns)
    }

    return {
      members: learningMembers(policy, value),
      isRecurrent: policy.isRecurrent,
      prepare(trajectory) {
        // G_t = sum of gamma^k r_{t+k} to the end of the episode.
        const values = value?.of(trajectory) ?? null
        const following = timeLimit === 'bootstrap' ? value!.of(trajectory, 'nextObservation') : null
        const returns = discountedReturns(
          trajectory,
          gamma,
          following,
          timeLimit === 'drop' ? { values: values! } : null,
        )
        const b = values ?? baselineOf(trajectory, returns)
        const differences = b === null ? returns : returns.map((g, row) => g - b[row]!)
        const { ageOf } = trajectory
        const learnt = learntRows(trajectory, timeLimit)
        const advantages = settings.normaliseAdvantages ? standardised(differences, learnt) : differences
        const weights = settings.discountStates ? advantages.map((a, row) => pow(gamma, ageOf(row)) * a) : advantages
        return { returns, weights }
      },
      update(rows, { returns, weights }, epoch) {
        // theta += alpha (G_t - b) grad log pi(a_t | o_t), once; V comes closer to the returns several times.
        const figures =
          epoch === 0 ? policy.at(rows).climb(rows.of(weights), valueAt(settings.entropyWeight, team.now())) : {}
        return { ...figures, ...value?.fit(rows, rows.of(returns)) }
      },
    }
  })
}
