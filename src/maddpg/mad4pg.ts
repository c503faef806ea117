// MAD4PG: distributional critics, returns of several steps and prioritised replay, with centralised critics.
import { unsupportedSpaces } from '../agents/head.ts'
import { ConfigError } from '../errors.ts'
import { agentContexts } from '../learning/agent-context.ts'
import { defineAlgorithm } from '../learning/algorithm.ts'
import { maddpgOptions, withDefaults } from '../learning/options.ts'
import { updatesOverReplay } from '../learning/replay-updates.ts'
import { count, optionalReal } from '../settings/option.ts'
import { updateTarget } from './critic.ts'
import {
  createDistributionalCritic,
  expectationOf,
  expectationSlope,
  fitDistribution,
  targetDistribution,
} from './distributional-critic.ts'
import { createCritic, createParts, createReplayLearner } from './parts.ts'
import {
  currentInput,
  discountsOf,
  improveActor,
  nextInput,
  proposedInput,
  rewardsOf,
  updateTargetActor,
} from './steps.ts'
import { createSupport } from './support.ts'

/**
 * D4PG (Barth-Maron et al. 2018) with critics that see all agents. What differs from MADDPG: critics learn the distribution of the
 * return by cross entropy, not its mean by least squares; and, by its defaults, rewards of several steps are summed and surprising
 * transitions drawn more often.
 */
export const mad4pg = defineAlgorithm({
  id: 'mad4pg',
  description: 'distributional centralised critics, n-step returns, prioritised replay (Barth-Maron et al. 2018)',
  options: {
    ...withDefaults(maddpgOptions, { copyTargets: true, returnSteps: 5, priority: 0.6 }),
    atoms: count(51, { min: 2, max: 1000 }, 'values that a return may have, evenly from low to high'),
    low: optionalReal('smallest return that critics can tell, discounted; null: fitted to the first batch'),
    high: optionalReal('largest return that critics can tell, discounted; null: fitted to the first batch'),
  },
  critics: 'joint',
  unsupported: unsupportedSpaces,
  createLearner(team, settings) {
    const { atoms, low, high } = settings
    if (low !== null && high !== null && low >= high)
      throw new ConfigError('learner.high', `expected more than learner.low (${low}), got ${high}`)
    const learners = agentContexts(team).map(agent => {
      const parts = createParts(agent, settings)
      // Agents with one critic in common mean the same by its outputs.
      const support = agent.share('support', () => createSupport({ atoms, low, high }))
      parts.kept.support = support
      const critic = createDistributionalCritic(createCritic(parts, 'critic', atoms), support)
      return createReplayLearner(
        parts,
        (batch, roster, policy) => {
          // Critic: bring Z(o, a) closer to r + discount Z'(o', a'), a' drawn from all target actors; an end has no next value.
          const [rewards, discounts] = [rewardsOf(parts, batch), discountsOf(parts, batch)]
          support.fit(rewards, discounts, parts.present)
          const next = nextInput(parts, batch, roster)
          const aimFigures = targetDistribution(critic, next, rewards, discounts, parts.present)
          const now = currentInput(parts, batch)
          const criticFigures = fitDistribution(critic, now, batch, parts.present)

          // Actor: maximise the expectation of Z(o, a) over the own action.
          const proposed = proposedInput(parts, now, batch, policy)
          const { actorLoss, gradient } = expectationSlope(critic, proposed, parts.input.ownAction, parts.present)
          improveActor(parts, policy, gradient)

          updateTargetActor(parts, policy)
          updateTarget(critic)
          return { ...criticFigures, actorLoss, ...aimFigures }
        },
        logits => expectationOf(logits, support),
      )
    })
    return updatesOverReplay(team, settings, learners)
  },
})
