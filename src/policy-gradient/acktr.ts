// ACKTR: actor-critic with Kronecker-factored natural gradients and a trust region, for policy and V alike (Wu et al. 2017).
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import type { Group } from '../learning/groups.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { optimisation, withDefaults } from '../learning/options.ts'
import { updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import type { Network } from '../nn/network.ts'
import { gae } from '../rollout/gae.ts'
import { presentIn } from '../rollout/rows.ts'
import { count, type OptionValues, optionalReal, real } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'
import { advantagesOf, blockOptions, defaultCritic, groupingOf, judged, roundFigures, roundOf } from './actor-critic.ts'
import { createNaturalStep, type NaturalStep } from './natural-step.ts'

const { learningRate, actorLearningRate, criticLearningRate } = optimisation

const options = {
  learningRate: { ...learningRate, default: 0.25 },
  actorLearningRate,
  criticLearningRate,
  klClip: real(
    0.001,
    { above: 0 },
    'most of twice the divergence, in nats, that a step may change by its quadratic form',
  ),
  criticKlClip: optionalReal('the same of critics, as Gaussians of deviation 1 around V; null: klClip', { above: 0 }),
  damping: real(0.01, { above: 0 }, 'what is added to the eigenvalues of the Fisher matrix, or of what stands for it'),
  statisticsDecay: real(0.99, { min: 0, below: 1 }, 'decay of the running Fisher factors in an update'),
  decomposeEvery: count(10, { min: 1 }, 'updates after which the Fisher factors are decomposed anew'),
  momentum: real(0.9, { min: 0, below: 1 }, 'what stays of earlier steps in the next one'),
  coldUpdates: count(10, { min: 1 }, 'updates along plain gradients at the beginning, while the Fisher factors fill'),
  coldClip: optionalReal("largest L2 norm of a network's gradient in such an update; null: none", { above: 0 }, 0.5),
  ...withDefaults(blockOptions, { rolloutSteps: 20, gamma: 0.95, lambda: 1 }),
} as const

export const acktr = defineAlgorithm({
  id: 'acktr',
  description: 'actor-critic by Kronecker-factored natural gradients within a trust region (Wu et al. 2017)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: OptionValues<typeof options>) {
  const { gamma, lambda, timeLimit } = settings
  return updatesOverRollouts(team, roundOf(settings, { epochs: 1, minibatches: 1 }), group => {
    const natural = naturalSteps(group, settings)
    const policy = createStochasticPolicy(group, natural)
    const value = createStateValue(group, settings.critic ?? defaultCritic, { ...settings, ...natural })
    const { actor, critic } = natural.steps()
    const drawn = team.noise(group.agent.id, 'valueScores')
    return {
      members: learningMembers(policy, value, [], { valueScores: drawn }),
      isRecurrent: groupingOf(team, settings, policy.isRecurrent || value.isRecurrent),
      prepare(trajectory) {
        const before = value.both(trajectory)
        const { values, nextValues } = before
        return judged(trajectory, gae(trajectory, values, nextValues, { gamma, lambda, timeLimit }), before, settings)
      },
      update(rows, prepared, _, minibatch) {
        // Down -mean(A log pi(a | o)) - c mean H, and down mean (R - V)^2; F from the actions that were drawn, and from targets V + N(0, 1).
        const now = policy.at(rows)
        const advantages = advantagesOf(rows, prepared, minibatch, settings)
        const ofPolicy = now.gradient(advantages, valueAt(settings.entropyWeight, team.now()))
        actor.take(now.scores(), presentIn(rows))
        const ofValue = value.gradient(rows, rows.of(prepared.targets), prepared)
        const { scores, count } = value.scores(drawn.next())
        critic.take(scores, count)
        return { ...ofPolicy, ...ofValue }
      },
      slices: {
        networks: [policy.network, value.network],
        begin: (minibatch, { targets }) => value.observe(minibatch, targets),
        work: () => actor.work() || critic.work(),
        end(_, prepared, epoch) {
          const norms = { ...policy.step(), ...value.step() }
          return {
            ...norms,
            actorStepScale: actor.scale,
            criticStepScale: critic.scale,
            ...roundFigures(prepared, epoch),
          }
        },
      },
    }
  })
}

/** Makes the optimizers of a group, and gives them. */
function naturalSteps(group: Group, settings: OptionValues<typeof options>) {
  const made: Partial<Record<'actor' | 'critic', NaturalStep>> = {}
  return {
    createOptimizer(network: Network, name: 'actor' | 'critic') {
      const own = name === 'actor' ? settings.actorLearningRate : settings.criticLearningRate
      const klClip = (name === 'critic' ? settings.criticKlClip : null) ?? settings.klClip
      const learningRate = own ?? settings.learningRate
      return (made[name] = createNaturalStep(group, network, name, { ...settings, learningRate, klClip }))
    },
    steps: () => made as Record<'actor' | 'critic', NaturalStep>,
  }
}
