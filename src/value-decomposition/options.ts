// Settings of learners by action values, in groups: those of their networks, how they explore, and how their targets come closer.
import { discounting, optimisation, replayUpdates, sharing, withDefaults } from '../learning/options.ts'
import { choice, count, flag, type OptionValues, optionalCount, ratio, scheduled } from '../settings/option.ts'

const { actorLearningRate: _, criticLearningRate: __, ...oneRate } = optimisation

/** Settings of IQL, VDN and QMIX; defaults of epymarl, where it has them. */
export const valueOptions = {
  ...withDefaults(oneRate, { learningRate: 5e-4, clip: 10, clipBy: 'network' }),
  ...withDefaults(discounting, { gamma: 0.99 }),
  ...withDefaults(replayUpdates, { draws: 'round', updateEvery: 25, updateAfter: 5000 }),
  ...sharing,
  explorationRate: scheduled(
    { from: 1, to: 0.05, steps: 50_000 },
    { min: 0, max: 1 },
    'chance with which each choice is drawn uniformly in training, or its schedule; else the best is taken, as always outside of training',
  ),
  doubleQ: flag(
    true,
    'whether the networks that learn choose the next action that their targets judge; false: targets choose, too',
  ),
  targetEvery: {
    ...optionalCount('update rounds after which target networks become copies; null: they follow by tau in each', {
      min: 1,
    }),
    default: 200,
  },
  tau: ratio(0.01, 'rate of the soft target update'),
} as const

export type ValueSettings = OptionValues<typeof valueOptions>

/** How QMIX mixes. */
export const mixing = {
  mixerUnits: { ...count(32, { min: 1 }, 'units of the hidden layer of the mixer'), changes: 'never' },
  mixerInput: {
    ...choice(
      ['state', 'joint'],
      "what the weights of the mixer follow from: state, the world's own state, in games that have none what all agents see; joint, what all agents see",
    ),
    changes: 'never',
  },
  hyperUnits: {
    ...count(64, {}, 'hidden units of the networks that give the mixer its weights; 0: they have no hidden layer'),
    changes: 'never',
  },
} as const
