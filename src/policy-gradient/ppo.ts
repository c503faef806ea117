// PPO, proximal policy optimisation (Schulman et al. 2017): with a local critic IPPO, with a joint one MAPPO (Yu et al. 2022).
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { gae } from '../rollout/gae.ts'
import { blockOf } from '../rollout/rows.ts'
import { choice, count, type OptionValues, optionalReal, real } from '../settings/option.ts'
import {
  actorCriticOptions,
  advantagesOf,
  defaultCritic,
  groupingOf,
  judged,
  roundFigures,
  roundOf,
} from './actor-critic.ts'
import { createKlPenalty } from './kl-penalty.ts'
import { surrogateOf } from './surrogate.ts'

const options = {
  ...actorCriticOptions,
  epochs: count(10, { min: 1 }, 'times that a round goes through what was played'),
  minibatches: count(1, { min: 1 }, 'parts of an epoch, a step of the optimizers each'),
  objective: {
    ...choice(
      ['clip', 'adaptiveKl', 'reverseKl'],
      'what keeps the policy near: clip, the ratio is clipped; adaptiveKl, a penalty on KL(old, new) whose weight adapts; reverseKl, one on KL(new, old)',
    ),
    changes: 'never',
  },
  ratioClip: real(0.2, { above: 0 }, 'how far from 1 the ratio of probabilities may gain by moving'),
  klWeight: real(1, { min: 0 }, 'weight of the penalty on the divergence; of adaptiveKl the first one'),
  targetKl: optionalReal(
    'a round ends early where the approximate divergence is above 1.5 times this; of adaptiveKl what it should be; null: never; 0.01',
    { above: 0 },
  ),
} as const

export const ppo = defineAlgorithm({
  id: 'ppo',
  description: 'clipped or KL-penalised surrogate over several epochs (Schulman et al. 2017)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: OptionValues<typeof options>) {
  const { gamma, lambda, timeLimit, objective, ratioClip, targetKl } = settings
  const clip = objective === 'clip' ? ratioClip : null
  return updatesOverRollouts(team, roundOf(settings, settings), group => {
    const policy = createStochasticPolicy(group, settings)
    const value = createStateValue(group, settings.critic ?? defaultCritic, settings)
    const penalty = objective === 'clip' ? null : createKlPenalty(objective, settings)
    const { outputs } = policy.distribution
    return {
      members: learningMembers(
        policy,
        value,
        [{ name: 'logProbability', size: 1 }],
        penalty === null ? {} : { klPenalty: penalty },
      ),
      isRecurrent: groupingOf(team, settings, policy.isRecurrent || value.isRecurrent),
      prepare(trajectory) {
        penalty?.adapt()
        const before = value.both(trajectory)
        const advantages = gae(trajectory, before.values, before.nextValues, { gamma, lambda, timeLimit })
        return {
          ...judged(trajectory, advantages, before, settings),
          old: trajectory.numbers('logProbability'),
          oldOutputs: penalty === null ? new Float64Array(0) : policy.outputsOf(trajectory),
        }
      },
      update(rows, prepared, _, minibatch) {
        // Down -mean min(r A, clip(r) A) - c mean H, r = pi(a | o) / pi_old(a | o), and down mean h(R - V).
        const now = policy.at(rows)
        const advantages = advantagesOf(rows, prepared, minibatch, settings)
        const surrogate = surrogateOf(now.logProbability, rows.of(prepared.old), advantages, rows, clip)
        const ofPolicy = now.gradient(
          surrogate.weights,
          settings.entropyWeight,
          penalty?.at(blockOf(rows, prepared.oldOutputs, outputs)),
        )
        const ofValue = value.gradient(rows, rows.of(prepared.targets), prepared)
        return { ...ofPolicy, ...surrogate.figures, ...ofValue }
      },
      slices: {
        networks: [policy.network, value.network],
        begin: (minibatch, { targets }) => value.observe(minibatch, targets),
        end(sums, prepared, epoch) {
          penalty?.note(sums.divergence!, epoch)
          const isFar = objective !== 'adaptiveKl' && targetKl !== null && sums.approximateKl! > 1.5 * targetKl
          if (isFar) return null
          return { ...policy.step(), ...value.step(), ...roundFigures(prepared, epoch) }
        },
      },
    }
  })
}
