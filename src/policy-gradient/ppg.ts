// PPG, phasic policy gradient (Cobbe et al. 2020): phases of PPO, and between them phases in which policies learn to tell what V knows.
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import type { Group } from '../learning/groups.ts'
import { createOptimizer } from '../learning/optimizer.ts'
import { withDefaults } from '../learning/options.ts'
import { type AuxiliaryLearner, updatesInPhases } from '../learning/phases.ts'
import { updatesOverRollouts } from '../learning/rollout-updates.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { createAuxiliaryLoss } from '../learning/value-loss.ts'
import { stateSize } from '../nn/recurrence.ts'
import { blockOf } from '../rollout/rows.ts'
import { count, type OptionValues, optionalCount, optionalReal, real } from '../settings/option.ts'
import type { Matrix } from '../types.ts'
import { defaultCritic, roundOf } from './actor-critic.ts'
import { createAuxiliaryHead } from './auxiliary-head.ts'
import { ppoOptions, proximalLearner } from './ppo.ts'

const options = {
  ...withDefaults(ppoOptions, { learningRate: 0.0005, epsilon: 1e-8, epochs: 1, minibatches: 8 }),
  valueEpochs: optionalCount('epochs of V, before those of the policy; null: each epoch is of both', { min: 1 }),
  policyIterations: { ...count(32, { min: 1 }, 'rounds of a policy phase, all of which are kept'), changes: 'never' },
  auxiliaryEpochs: {
    ...count(6, {}, 'times that an auxiliary phase goes through what was kept; 0: there is none'),
    changes: 'never',
  },
  auxiliaryMinibatches: count(
    16,
    { min: 1 },
    'parts of each round that was kept, in number: so many times policyIterations in an auxiliary epoch',
  ),
  auxiliaryLearningRate: optionalReal('step size of auxiliary phases, where it is another; null: learningRate', {
    above: 0,
  }),
  cloneWeight: real(
    1,
    { min: 0 },
    'how much the policy is held to what it was before an auxiliary phase, by KL(old, new)',
  ),
  auxiliaryValueWeight: real(1, { min: 0 }, 'weight of the loss of V in auxiliary phases'),
} as const

export const ppg = defineAlgorithm({
  id: 'ppg',
  description: 'phasic policy gradient: PPO, and policies that learn what V knows (Cobbe et al. 2020)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: OptionValues<typeof options>) {
  const { epochs, valueEpochs, minibatches, policyIterations, auxiliaryEpochs, auxiliaryMinibatches } = settings
  // E_V = E_pi: both learn from each minibatch. Else the epochs of V come first.
  const ofValue = valueEpochs === null || valueEpochs === epochs ? 0 : valueEpochs
  const learns = (epoch: number) => (ofValue === 0 ? 'both' : epoch < ofValue ? 'value' : 'policy')

  const phasesOf = (group: Group) => {
    const policy = createStochasticPolicy(group, settings)
    const value = createStateValue(group, settings.critic ?? defaultCritic, settings)
    const { huberDelta, auxiliaryValueWeight, cloneWeight } = settings
    const learningRate = settings.auxiliaryLearningRate ?? settings.learningRate
    const lossOfHead = createAuxiliaryLoss(1, huberDelta)
    const lossOfValue = createAuxiliaryLoss(auxiliaryValueWeight, huberDelta)
    const head = createAuxiliaryHead(group, policy, settings, { cloneWeight, loss: lossOfHead, learningRate })
    const valueOptimizer = createOptimizer(team, settings, value.network, [group.name, 'critic'], learningRate)
    const { outputs } = policy.distribution
    const state = { ...head.parts, auxiliaryCriticOptimizer: valueOptimizer }
    const policyPhase = proximalLearner(group, { policy, value, state }, settings, learns)

    const auxiliaryPhase = {
      isRecurrent: policyPhase.isRecurrent,
      keeps: { targets: 1, memories: stateSize(value.network.spec) },
      prepare: (trajectory, { targets, memories }) => ({
        targets: targets!,
        memories: memories!,
        old: new Float64Array(trajectory.rows * outputs),
      }),
      update(rows, { targets, memories, old }, epoch) {
        // pi_old, of all rows, before anything is learnt from them.
        if (epoch === 0) {
          writeBlocks(head.outputsAt(rows), rows.indices, old)
          return {}
        }
        // Down mean (V_aux - R)^2 / 2 + beta mean KL(pi_old || pi), which the policy sees by its own observation, and down w mean (V - R)^2 / 2.
        const of = rows.of(targets)
        const { mean, deviation } = value.units
        const inUnits = of.map(target => (target - mean) / deviation)
        const { valueLoss } = value.gradient(rows, of, { memories }, lossOfValue)
        return {
          ...head.gradient(rows, inUnits, blockOf(rows, old, outputs)),
          auxiliaryValueLoss: valueLoss,
        }
      },
      slices: {
        networks: [head.network, value.network],
        end(_, __, epoch) {
          if (epoch === 0) return {}
          head.step()
          valueOptimizer.step()
          return {}
        },
      },
    } satisfies AuxiliaryLearner<AuxiliaryRound>
    return { policyPhase, auxiliaryPhase }
  }

  const policyPhase = roundOf(settings, { epochs: ofValue + epochs, minibatches })
  if (auxiliaryEpochs === 0) return updatesOverRollouts(team, policyPhase, group => phasesOf(group).policyPhase)
  const auxiliaryPhase = { epochs: 1 + auxiliaryEpochs, minibatches: auxiliaryMinibatches * policyIterations }
  return updatesInPhases(team, { policyPhase, rounds: policyIterations, auxiliaryPhase }, phasesOf)
}

/** What an auxiliary phase begins with: targets and memories of V as the policy phase had them, and the outputs of the policy. */
interface AuxiliaryRound {
  readonly [name: string]: Float64Array
  readonly targets: Float64Array
  readonly memories: Float64Array
  readonly old: Float64Array
}

/** Blocks of some rows into those of all. */
function writeBlocks({ columns, data }: Matrix, rows: Uint32Array, to: Float64Array): void {
  rows.forEach((row, i) => {
    for (let c = 0; c < columns; c++) to[row * columns + c] = data[i * columns + c]!
  })
}
