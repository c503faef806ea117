// PPO, proximal policy optimisation (Schulman et al. 2017): with a local critic IPPO, with a joint one MAPPO (Yu et al. 2022).
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import type { Group } from '../learning/groups.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { type GroupLearner, updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStateValue, type StateValue } from '../learning/state-value.ts'
import { createStochasticPolicy, type StochasticPolicy } from '../learning/stochastic-policy.ts'
import { gae } from '../rollout/gae.ts'
import { blockOf } from '../rollout/rows.ts'
import { choice, type OptionValues, optionalReal, real } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'
import type { Stateful } from '../types.ts'
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
import { createKlPenalty } from './kl-penalty.ts'
import { surrogateOf } from './surrogate.ts'

export const ppoOptions = {
  ...actorCriticOptions,
  ...epochsOptions,
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

export type PpoSettings = OptionValues<typeof ppoOptions>

export const ppo = defineAlgorithm({
  id: 'ppo',
  description: 'clipped or KL-penalised surrogate over several epochs (Schulman et al. 2017)',
  options: ppoOptions,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: PpoSettings) {
  return updatesOverRollouts(team, roundOf(settings, settings), group => {
    const policy = createStochasticPolicy(group, settings)
    const value = createStateValue(group, settings.critic ?? defaultCritic, settings)
    return proximalLearner(group, { policy, value }, settings)
  })
}

/** A policy and its V, and what is saved beside them. */
interface Learnt {
  readonly policy: StochasticPolicy
  readonly value: StateValue
  readonly state?: Readonly<Record<string, Stateful>>
}

/** How they learn from a round. `learns`: which of both do, by epoch; default: both always. */
export function proximalLearner(
  { team }: Group,
  { policy, value, state = {} }: Learnt,
  settings: PpoSettings,
  learns: (epoch: number) => 'both' | 'policy' | 'value' = () => 'both',
) {
  const { gamma, lambda, timeLimit, objective, ratioClip, targetKl } = settings
  const clip = objective === 'clip' ? ratioClip : null
  const penalty = objective === 'clip' ? null : createKlPenalty(objective, settings)
  const { outputs } = policy.distribution
  return {
    members: learningMembers(policy, value, [{ name: 'logProbability', size: 1 }], {
      ...(penalty === null ? {} : { klPenalty: penalty }),
      ...state,
    }),
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
    update(rows, prepared, epoch, minibatch) {
      // Down -mean min(r A, clip(r) A) - c mean H, r = pi(a | o) / pi_old(a | o), and down mean h(R - V).
      const turn = learns(epoch)
      const ofPolicy = () => {
        const now = policy.at(rows)
        const advantages = advantagesOf(rows, prepared, minibatch, settings)
        const surrogate = surrogateOf(now.logProbability, rows.of(prepared.old), advantages, rows, clip)
        const ofPenalty = penalty?.at(blockOf(rows, prepared.oldOutputs, outputs))
        const entropyWeight = valueAt(settings.entropyWeight, team.now())
        return { ...now.gradient(surrogate.weights, entropyWeight, ofPenalty), ...surrogate.figures }
      }
      const ofValue = () => value.gradient(rows, rows.of(prepared.targets), prepared)
      return { ...(turn === 'value' ? {} : ofPolicy()), ...(turn === 'policy' ? {} : ofValue()) }
    },
    slices: {
      networks: [policy.network, value.network],
      begin(minibatch, { targets }, epoch) {
        if (learns(epoch) !== 'policy') value.observe(minibatch, targets)
      },
      end(sums, prepared, epoch) {
        const turn = learns(epoch)
        if (turn !== 'value') penalty?.note(sums.divergence!, epoch)
        const isFar = objective !== 'adaptiveKl' && targetKl !== null && sums.approximateKl! > 1.5 * targetKl
        if (isFar) return null
        return {
          ...(turn === 'value' ? {} : policy.step()),
          ...(turn === 'policy' ? {} : value.step()),
          ...roundFigures(prepared, epoch),
        }
      },
    },
  } satisfies GroupLearner<PpoRound>
}

/** What a round begins with. */
type PpoRound = ReturnType<typeof judged> & { readonly old: Float64Array; readonly oldOutputs: Float64Array }
