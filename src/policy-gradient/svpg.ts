// SVPG, Stein variational policy gradient: particles that climb together and keep apart, over A2C or REINFORCE (Liu et al. 2017).
import { unsupportedSpaces } from '../agents/head.ts'
import { ConfigError } from '../errors.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { ensembles, optimisation, optimizerRules, withDefaults } from '../learning/options.ts'
import { updatesOverRollouts } from '../learning/rollout-updates.ts'
import { gae } from '../rollout/gae.ts'
import { discountedReturns, meanOfOthersAtStep } from '../rollout/returns.ts'
import { rowsIn } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { choice, count, type OptionValues, optionalReal, real } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'
import { advantagesOf, blockOptions, judged, roundOf } from './actor-critic.ts'
import { createParticles, type Particle } from './particles.ts'

const { criticMemory: _, chunkSteps: __, ...ofBlocks } = blockOptions

const options = {
  ...withDefaults(optimisation, { learningRate: 0.001, epsilon: 1e-5, clip: 10, clipBy: 'network' }),
  ...optimizerRules,
  ...withDefaults(ensembles, { subPolicies: 8 }),
  base: {
    ...choice(
      ['a2c', 'reinforce'],
      'what particles climb: a2c, blocks of steps, each with a V of its own; reinforce, complete episodes, less the mean of its others at the same step',
    ),
    changes: 'never',
  },
  repulsion: real(
    0.01,
    { min: 0 },
    'alpha, what being unlike other particles is worth in units of return (of advantages, where those are normalised); 0: each learns alone',
  ),
  priorDeviation: optionalReal("deviation of a Gaussian prior around 0 of a particle's parameters; null: a flat one", {
    above: 0,
  }),
  rolloutEpisodes: count(32, { min: 1 }, 'complete episodes that a round learns from, at least'),
  ...withDefaults(ofBlocks, { rolloutSteps: 25, gamma: 0.95, advantageNorm: 'none' }),
} as const

type SvpgSettings = OptionValues<typeof options>

export const svpg = defineAlgorithm({
  id: 'svpg',
  description: 'Stein variational policy gradient: particles that keep apart (Liu et al. 2017)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: SvpgSettings) {
  const { base, gamma, lambda, timeLimit, rolloutEpisodes } = settings
  if (base === 'reinforce' && timeLimit === 'drop') {
    throw new ConfigError('learner.timeLimit', 'expected bootstrap or terminate with learner.base=reinforce, got drop')
  }
  const blocks = roundOf(settings, { epochs: 1, minibatches: 1 })
  const episodes = { ...blocks, length: { episodes: rolloutEpisodes }, isJoint: false, readsState: false }
  return updatesOverRollouts(team, base === 'a2c' ? blocks : episodes, group => {
    const particles = createParticles(group, settings)

    /** What one particle learns from what it did. */
    const prepared = ({ value }: Particle, part: Trajectory) => {
      if (value !== null) {
        const before = value.both(part)
        return judged(part, gae(part, before.values, before.nextValues, { gamma, lambda, timeLimit }), before, settings)
      }
      const returns = discountedReturns(part, gamma)
      const others = meanOfOthersAtStep(part, returns)
      const advantages = returns.map((g, row) => g - others[row]!)
      const none = { values: new Float64Array(part.rows), memories: new Float64Array(0) }
      return judged(part, { advantages, targets: returns }, none, settings)
    }

    return {
      members: particles.members,
      isRecurrent: particles.isRecurrent,
      prepare(trajectory) {
        // Every row is of one particle.
        const all = {
          targets: new Float64Array(trajectory.rows),
          advantages: new Float64Array(trajectory.rows),
          /** [particles] In how many rows each acted. */
          acted: new Float64Array(particles.each.length),
        }
        particles.each.forEach((particle, k) => {
          const part = particles.part(trajectory, k)
          all.acted[k] = part.learnable.length
          if (part.learnable.length === 0) return
          const { targets, advantages } = prepared(particle, part)
          for (const row of part.learnable) {
            all.targets[row] = targets[row]!
            all.advantages[row] = advantages[row]!
          }
        })
        return all
      },
      update(rows, { targets, advantages }, _, minibatch) {
        // Of each particle, by itself: down -mean(A log pi(a | o)) - c mean H, and down mean (R - V)^2.
        const sums: Record<string, number> = {}
        particles.each.forEach(({ policy, value }, k) => {
          const part = particles.part(rows.trajectory, k)
          const whole = rowsIn(part, minibatch, minibatch)
          const own = rowsIn(part, rows, minibatch)
          if (own.indices.every(row => part.present[row] === 0)) return
          const weights = advantagesOf(own, { advantages }, whole, settings)
          const figures = {
            ...policy.at(own).gradient(weights, valueAt(settings.entropyWeight, team.now())),
            ...value?.gradient(own, own.of(targets)),
          }
          const share = own.count / minibatch.count
          for (const [name, figure] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + share * figure
        })
        return sums
      },
      slices: {
        networks: particles.networks,
        begin(minibatch, { targets }) {
          particles.each.forEach(({ value }, k) => {
            value?.observe(rowsIn(particles.part(minibatch.trajectory, k), minibatch, minibatch), targets)
          })
        },
        end: (_, { acted }) => particles.step(acted),
      },
    }
  })
}
