// A2C, the synchronous advantage actor-critic (Mnih et al. 2016): with a local critic IA2C, with a joint one MAA2C.
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import type { RoundLearner } from '../learning/group-rounds.ts'
import type { Group } from '../learning/groups.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { withDefaults } from '../learning/options.ts'
import { updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStateValue, type StateValue } from '../learning/state-value.ts'
import { createStochasticPolicy, type StochasticPolicy } from '../learning/stochastic-policy.ts'
import { gae } from '../rollout/gae.ts'
import { nStepReturns } from '../rollout/returns.ts'
import { type OptionValues, optionalCount } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'
import {
  actorCriticOptions,
  advantagesOf,
  defaultCritic,
  groupingOf,
  judged,
  roundFigures,
  roundOf,
} from './actor-critic.ts'

export const a2cOptions = {
  ...withDefaults(actorCriticOptions, { rolloutSteps: 5, gamma: 0.95 }),
  advantageSteps: optionalCount('rewards that advantages sum before the next value counts; null: by lambda', {
    min: 1,
  }),
} as const

type A2cSettings = OptionValues<typeof a2cOptions>

export const a2c = defineAlgorithm({
  id: 'a2c',
  description: 'synchronous advantage actor-critic (Mnih et al. 2016)',
  options: a2cOptions,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: A2cSettings) {
  return updatesOverRollouts(team, roundOf(settings, { epochs: 1, minibatches: 1 }), group => {
    const policy = createStochasticPolicy(group, settings)
    const value = createStateValue(group, settings.critic ?? defaultCritic, settings)
    return { members: learningMembers(policy, value), ...advantageLearner(group, { policy, value }, settings) }
  })
}

/** How a policy and its V learn from a round. */
export function advantageLearner(
  { team }: Group,
  { policy, value }: { readonly policy: StochasticPolicy; readonly value: StateValue },
  settings: A2cSettings,
) {
  const { gamma, lambda, timeLimit, advantageSteps } = settings
  return {
    isRecurrent: groupingOf(team, settings, policy.isRecurrent || value.isRecurrent),
    prepare(trajectory) {
      // A_t = R_t - V(s_t)
      const before = value.both(trajectory)
      const { values, nextValues } = before
      if (advantageSteps === null) {
        return judged(trajectory, gae(trajectory, values, nextValues, { gamma, lambda, timeLimit }), before, settings)
      }
      const targets = nStepReturns(trajectory, gamma, advantageSteps, values, nextValues, timeLimit)
      return judged(trajectory, { targets, advantages: targets.map((r, row) => r - values[row]!) }, before, settings)
    },
    update(rows, prepared, _, minibatch) {
      // Down -mean(A log pi(a | o)) - c mean H, and down mean (R - V)^2.
      const ofPolicy = policy
        .at(rows)
        .gradient(advantagesOf(rows, prepared, minibatch, settings), valueAt(settings.entropyWeight, team.now()))
      return { ...ofPolicy, ...value.gradient(rows, rows.of(prepared.targets), prepared) }
    },
    slices: {
      networks: [policy.network, value.network],
      begin: (minibatch, { targets }) => value.observe(minibatch, targets),
      end: (_, prepared, epoch) => ({ ...policy.step(), ...value.step(), ...roundFigures(prepared, epoch) }),
    },
  } satisfies RoundLearner<ReturnType<typeof judged>>
}
