// IMPALA: actor-critic over what earlier versions of the policy did, set right by V-trace (Espeholt et al. 2018).
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { createBehaviourRatios } from '../learning/behaviour-ratios.ts'
import type { Group } from '../learning/groups.ts'
import { createLaggingPolicy, type LaggingPolicy } from '../learning/lagging-policy.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { withDefaults } from '../learning/options.ts'
import { type GroupLearner, updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy, type StochasticPolicy } from '../learning/stochastic-policy.ts'
import { standardised } from '../rollout/moments.ts'
import { learntRows } from '../rollout/returns.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { type Traces, vTrace } from '../rollout/v-trace.ts'
import { count, type OptionValues, optionalChoice, optionalReal } from '../settings/option.ts'
import type { Saved } from '../types.ts'
import { advantageLearner } from './a2c.ts'
import { actorCriticOptions, defaultCritic, judged, lagMeans, roundOf, scaled, scaleOptions } from './actor-critic.ts'

const options = {
  ...withDefaults(actorCriticOptions, {
    rolloutSteps: 5,
    gamma: 0.95,
    lambda: 1,
    learningRate: 0.002,
    optimizer: 'rmsProp',
    advantageNorm: 'none',
  }),
  policyLag: { ...count(1, {}, lagMeans), changes: 'never' },
  ...scaleOptions,
  ratios: optionalChoice(
    ['agent', 'team'],
    'whose actions pi / mu is of: agent, its own; team, of all agents of the team together; null: team where V sees more than its own agent',
  ),
  valueRatioClip: optionalReal('largest pi / mu in targets of V (rho-bar); null: any', { above: 0 }, 1),
  traceRatioClip: optionalReal('largest pi / mu in the traces of targets (c-bar); null: any', { above: 0 }, 1),
  policyRatioClip: optionalReal("largest pi / mu in the policy's gradient; null: any", { above: 0 }, 1),
} as const

export const impala = defineAlgorithm({
  id: 'impala',
  description: 'actor-critic over what earlier policies did, by V-trace (Espeholt et al. 2018)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: OptionValues<typeof options>) {
  const { advantageNorm, timeLimit, policyLag, valueRatioClip } = settings
  const critic = settings.critic ?? defaultCritic
  const ofTeam = (settings.ratios ?? (critic === 'local' ? 'agent' : 'team')) === 'team'
  const policies: (readonly [Group, StochasticPolicy])[] = []
  const lagging: LaggingPolicy[] = []
  const ratios = createBehaviourRatios(team.games, () => policies)

  const createGroup = (group: Group) => {
    const policy = createStochasticPolicy(group, settings)
    const value = createStateValue(group, critic, settings)
    policies.push([group, policy])
    const behaviour = policyLag === 0 ? null : createLaggingPolicy(group, policy.network, policyLag)
    if (behaviour !== null) lagging.push(behaviour)
    /** Advantages in their units. What is taken off must have no gradient of its own where pi is not mu: the mean is that with their weights. */
    const inUnits = (trajectory: Trajectory, { advantages, weights }: Traces) => {
      if (advantageNorm !== 'none') return standardised(advantages, learntRows(trajectory, timeLimit), weights)
      return scaled(advantages, value, settings)
    }
    const learner = advantageLearner(
      group,
      { policy, value },
      { ...settings, advantageSteps: null, advantageNorm: 'none' },
    )
    const members = learningMembers(policy, value, [{ name: 'logProbability', size: 1 }])
    return {
      ...learner,
      members: members.map((member, i) =>
        behaviour === null ? member : { ...member, behaviour: behaviour.actors[i]! },
      ),
      prepare(trajectory) {
        const before = value.both(trajectory)
        const logRatios = ratios.of(trajectory, ofTeam)
        const traces = vTrace(trajectory, before.values, before.nextValues, logRatios, settings)
        behaviour?.advance()
        // The step is A2C's: down -mean(min(clip, pi / mu) A log pi(a | o)) - c mean H, and down mean (vs - V)^2.
        const weighted = inUnits(trajectory, traces).map((a, row) => traces.weights[row]! * a)
        return {
          ...judged(trajectory, { ...traces, advantages: weighted }, before, { advantageNorm: 'none', timeLimit }),
          ratios: ratioFigures(trajectory, traces, logRatios, valueRatioClip),
        }
      },
      slices: {
        ...learner.slices,
        end: (sums, prepared, epoch) => ({
          ...learner.slices.end(sums, prepared, epoch),
          approximateKl: prepared.ratios[0]!,
          clipFraction: prepared.ratios[1]!,
        }),
      },
    } satisfies GroupLearner<Round>
  }

  return updatesOverRollouts(team, roundOf(settings, { epochs: 1, minibatches: 1 }), createGroup, {
    begin: ratios.begin,
    end: ratios.end,
    save: () => ({ ratios: ratios.save(), versions: lagging.map(each => each.save()) }),
    restore(saved) {
      const state = saved as { ratios: Saved; versions: readonly Saved[] }
      ratios.restore(state.ratios)
      lagging.forEach((each, i) => void each.restore(state.versions[i]!))
    },
  })
}

type Round = ReturnType<typeof judged> & { readonly ratios: Float64Array }

/** Means over rows: of (r - 1) - log r, r = pi / mu, how far the policy is from what played; and the share of those with an r beyond the clip. */
function ratioFigures(
  { learnable }: Trajectory,
  { ratios }: Traces,
  logRatios: Float64Array,
  clip: number | null,
): Float64Array {
  let [divergence, clipped] = [0, 0]
  for (const row of learnable) {
    divergence += ratios[row]! - 1 - logRatios[row]!
    if (clip !== null && ratios[row]! > clip) clipped++
  }
  return Float64Array.of(divergence / learnable.length, clipped / learnable.length)
}
