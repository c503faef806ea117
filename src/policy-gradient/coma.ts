// COMA, counterfactual multi-agent policy gradients (Foerster et al. 2018): each agent's advantage is over what its policy would have got, the others' actions held.
import { unsupportedSpaces } from '../agents/head.ts'
import { ConfigError } from '../errors.ts'
import { createActionValues } from '../learning/action-values.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { learningMembers } from '../learning/learning-members.ts'
import {
  blocks,
  critics,
  discounting,
  optimisation,
  optimizerRules,
  sharing,
  targets,
  values,
  withDefaults,
  without,
} from '../learning/options.ts'
import { updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { paidAsTeam, teamRewards } from '../learning/team-reward.ts'
import { explainedVariance } from '../rollout/moments.ts'
import { count, type OptionValues, optionalCount } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'
import type { AgentSpec } from '../types.ts'
import { defaultCritic, roundFigures, roundOf, truncatedShare } from './actor-critic.ts'
import { actionTargets, counterfactualAdvantages, probabilitiesOf } from './counterfactual.ts'

const options = {
  ...withDefaults(optimisation, { learningRate: 0.0005, epsilon: 1e-5, clip: 10, clipBy: 'network' }),
  ...optimizerRules,
  ...withDefaults(discounting, { gamma: 0.99, timeLimit: 'drop' }),
  ...critics,
  ...withDefaults(sharing, { shareParameters: true }),
  ...withDefaults(without(blocks, 'advantageNorm'), { lambda: 0.8 }),
  targetSteps: optionalCount('rewards that targets of Q sum before its next value counts; null: by lambda', { min: 1 }),
  criticSteps: count(10, { min: 1 }, 'steps of Q in a round; the policy makes one'),
  ...without(targets, 'copyTargets'),
  ...without(values, 'valueClip'),
  ...teamRewards,
} as const

export const coma = defineAlgorithm({
  id: 'coma',
  description: 'counterfactual advantages by a critic of all actions (Foerster et al. 2018)',
  options,
  acts: 'oneHot',
  unsupported,
  createLearner,
})

function createLearner(team: TeamContext, settings: OptionValues<typeof options>) {
  const view = settings.critic ?? defaultCritic
  if (view === 'set') {
    throw new ConfigError(
      'learner.critic',
      'expected joint, local or state, got set: Q has columns for the actions of each agent of the team',
    )
  }
  const { gamma, lambda, targetSteps, timeLimit, criticSteps: epochs } = settings
  if (timeLimit === 'bootstrap') {
    throw new ConfigError(
      'learner.timeLimit',
      'expected drop or terminate, got bootstrap: Q of what follows is of actions that nobody takes after a time limit',
    )
  }
  const learner = updatesOverRollouts(team, roundOf(settings, { epochs, minibatches: 1 }), group => {
    const policy = createStochasticPolicy(group, settings)
    const critic = createActionValues(group, view, settings)
    const { alternatives } = critic
    return {
      members: learningMembers(policy, critic).map((member, i) => ({
        ...member,
        value: (moment, actions) => critic.valueOf(i, moment, actions),
      })),
      isRecurrent: policy.isRecurrent,
      prepare(trajectory) {
        // A = Q(s, u) - sum_a pi(a | o) Q(s, a, u of the others), by Q as it is.
        const { learnable } = trajectory
        const taken = critic.taken(trajectory)
        const takenOf = (q: Float64Array) => {
          const { mean, deviation } = critic.units
          const inRewards = (row: number) => mean + deviation * q[row * alternatives.count + taken[row]!]!
          return taken.map((_, row) => (trajectory.present[row] === 1 ? inRewards(row) : 0))
        }
        const q = critic.of(trajectory, critic.network)
        const isMasked = group.agent.isMasked === true
        const pi = probabilitiesOf(trajectory, policy.outputsOf(trajectory), alternatives, isMasked)
        const advantages = counterfactualAdvantages(q, pi, taken, learnable, alternatives.count)
        const ofTarget = takenOf(critic.of(trajectory, critic.targetNetwork!))
        const judged = actionTargets(trajectory, ofTarget, { gamma, lambda, targetSteps, timeLimit })
        const counted = learnable.filter(row => judged.counts[row] === 1)
        return {
          taken,
          advantages,
          ...judged,
          counted: Float64Array.of(Math.max(1, counted.length)),
          round: Float64Array.of(explainedVariance(takenOf(q), judged.targets, counted), truncatedShare(trajectory)),
        }
      },
      update(rows, round, epoch) {
        // Down -mean(A log pi(a | o)) - c mean H, once, and down mean h(y - Q(s, u)).
        const ofPolicy = () =>
          policy.at(rows).gradient(rows.of(round.advantages), valueAt(settings.entropyWeight, team.now()))
        const ofCritic = critic.gradient(rows, round, round.counted[0]!)
        return { ...(epoch === 0 ? ofPolicy() : {}), ...ofCritic }
      },
      slices: {
        networks: [policy.network, critic.network],
        begin({ trajectory: { learnable } }, { counts, targets }) {
          critic.observe(
            learnable.filter(row => counts[row] === 1),
            targets,
          )
        },
        end: (_, round, epoch) => ({
          ...(epoch === 0 ? policy.step() : {}),
          ...critic.step(),
          ...roundFigures(round, epoch),
        }),
      },
    }
  })
  return paidAsTeam(team, settings, learner)
}

/** The most alternatives of an action that have an output of Q each. */
const mostAlternatives = 1024

function unsupported(agents: readonly AgentSpec[]): string | null {
  const fault = unsupportedSpaces(agents)
  if (fault !== null) return fault
  for (const { id, actionSpace } of agents) {
    const box = actionSpace.find(({ kind }) => kind === 'box')
    if (box !== undefined) {
      return `${id}: part '${box.name}' is a box; coma weighs all alternatives of an action against each other, which boxes have not: ppo and happo play them`
    }
    const alternatives = actionSpace.reduce((product, { size }) => product * size, 1)
    if (alternatives > mostAlternatives) {
      return `${id}: its choices have ${alternatives} combinations, of which coma needs an output each; it takes at most ${mostAlternatives}, ppo any number`
    }
  }
  return null
}
