// TRPO, trust region policy optimisation (Schulman et al. 2015): each agent or group by itself, with a joint critic MATRPO.
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { withDefaults, without } from '../learning/options.ts'
import { updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { gae } from '../rollout/gae.ts'
import type { OptionValues } from '../settings/option.ts'
import {
  actorCriticOptions,
  advantagesOf,
  defaultCritic,
  epochsOptions,
  groupingOf,
  judged,
  roundFigures,
  roundOf,
} from './actor-critic.ts'
import { createTrustRegion, refuseWithoutTangents, type TrustRegionRound, trustRegionOptions } from './trust-region.ts'

/** The optimizer is that of V alone. */
export const trpoOptions = {
  ...withDefaults(without(actorCriticOptions, 'actorLearningRate', 'criticLearningRate'), {
    entropyWeight: 0,
    learningRate: 0.0005,
  }),
  // Of V, once the policy has moved.
  ...withDefaults(epochsOptions, { epochs: 5 }),
  ...trustRegionOptions,
} as const

export const trpo = defineAlgorithm({
  id: 'trpo',
  description: 'natural gradient within an exact trust region (Schulman et al. 2015)',
  options: trpoOptions,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, given: OptionValues<typeof trpoOptions>) {
  refuseWithoutTangents(team.backend, 'trpo')
  const settings = { ...given, actorLearningRate: null, criticLearningRate: null }
  const { gamma, lambda, timeLimit } = settings
  return updatesOverRollouts<TrpoRound>(team, roundOf(settings, settings), group => {
    const policy = createStochasticPolicy(group, null)
    const value = createStateValue(group, settings.critic ?? defaultCritic, settings)
    const region = createTrustRegion<TrpoRound>(group, policy, settings, (rows, round, all) =>
      advantagesOf(rows, round, all, settings),
    )
    return {
      members: learningMembers(policy, value),
      isRecurrent: groupingOf(team, settings, policy.isRecurrent || value.isRecurrent),
      prepare(trajectory) {
        const before = value.both(trajectory)
        const advantages = gae(trajectory, before.values, before.nextValues, { gamma, lambda, timeLimit })
        return { ...judged(trajectory, advantages, before, settings), ...region.begin(trajectory) }
      },
      // Up mean r A while mean KL(pi_old || pi) is at most about delta, once and over all rows;
      passes: region.passes,
      // then down mean h(R - V).
      update: (rows, round) => value.gradient(rows, rows.of(round.targets), round),
      slices: {
        networks: [value.network],
        begin: (minibatch, { targets }) => value.observe(minibatch, targets),
        end: (_, round, epoch) => ({ ...value.step(), ...roundFigures(round, epoch) }),
      },
    }
  })
}

/** What a round begins with, and what was found since. */
type TrpoRound = ReturnType<typeof judged> & TrustRegionRound
