// ACER, the actor-critic with experience replay (Wang et al. 2017): Retrace, ratios that are truncated and corrected for, and an average policy that none gets far from.
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import type { Prepared } from '../learning/group-rounds.ts'
import { updatesWithReplay } from '../learning/replayed-rollouts.ts'
import type { TeamLearner } from '../learning/team-learner.ts'
import { flag, optionalReal, ratio } from '../settings/option.ts'
import type { AgentSpec } from '../types.ts'
import { duellingLearner } from './acer-boxes.ts'
import { choicesLearner } from './acer-choices.ts'
import { roundOf } from './actor-critic.ts'
import { type OffPolicySettings, offPolicyOptions } from './off-policy.ts'

const options = {
  ...offPolicyOptions,
  biasCorrection: flag(
    true,
    'whether what ratioCap takes is made up for by what Q expects of the actions it is taken from',
  ),
  averageDecay: ratio(0.99, 'decay of the average policy in a step of the optimizer'),
  averageRegion: optionalReal(
    'how far a row may lead away from the average policy (delta): growth of their divergence to first order; null: any way',
    { above: 0 },
    1,
  ),
} as const

export const acer = defineAlgorithm({
  id: 'acer',
  description: 'actor-critic with experience replay (Wang et al. 2017)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner: createOffPolicyLearner,
})

/** The most alternatives of an action that have an output of Q each. */
const mostAlternatives = 1024

/**
 * Actions of choices have a Q of each alternative, as in Algorithm 2 of the paper; those with boxes, or with too many alternatives, a duelling
 * one, as in Algorithm 3.
 */
export function createOffPolicyLearner(team: TeamContext, settings: OffPolicySettings): TeamLearner {
  const { isJoint, readsState = false, discount } = roundOf(settings, { epochs: 1, minibatches: 1 })
  const rollouts = { isJoint, readsState, ...(discount === undefined ? {} : { discount }) }
  return updatesWithReplay<Prepared>(team, { ...settings, rollouts }, group =>
    isWeighed(group.agent) ? choicesLearner(group, settings) : duellingLearner(group, settings),
  )
}

function isWeighed({ actionSpace }: AgentSpec): boolean {
  const alternatives = actionSpace.reduce((product, { size }) => product * size, 1)
  return alternatives <= mostAlternatives && actionSpace.every(({ kind }) => kind === 'choice')
}
