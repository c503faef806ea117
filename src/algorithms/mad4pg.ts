// MAD4PG: distributional critics, returns of several steps and prioritised replay, with centralised critics.
import { unsupportedSpace } from '../agents/head.ts'
import { defineAlgorithm } from '../agents/learner.ts'
import { ConfigError } from '../errors.ts'
import { maddpgOptions, withDefaults } from '../learning/options.ts'
import { createParts } from '../maddpg/parts.ts'
import { count, optionalReal } from '../option.ts'
import { createDistributionalCritic, expectationOf } from './distributional-critic.ts'
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
  unsupported: agent => unsupportedSpace(agent.actionSpace),
  createLearner(context, { atoms, low, high }) {
    if (low !== null && high !== null && low >= high)
      throw new ConfigError('learner.high', `expected more than learner.low (${low}), got ${high}`)
    const { backend, index, batch: rows } = context
    const parts = createParts(context)
    // Agents with one critic in common mean the same by its outputs.
    const support = context.share('support', () => createSupport({ atoms, low, high }))
    parts.keep('support', support)
    const critic = parts.critic('critic', made => createDistributionalCritic(made, support), atoms)
    const nothing = backend.matrix(rows, 1)
    const discounts = new Float64Array(rows)

    return parts.learner(
      (batch, roster, policy) => {
        // Critic: bring Z(o, a) closer to r + discount Z'(o', a'), a' drawn from all target actors; an end has no next value.
        const { columns, data: terminated } = batch.terminated
        for (let row = 0; row < rows; row++)
          discounts[row] = batch.discounts[row]! * (1 - terminated[row * columns + index]!)
        const rewards = parts.target(batch, nothing)
        support.fit(rewards, discounts, parts.present)
        const aimFigures = critic.aim(parts.next(batch, roster), rewards, discounts, parts.present)
        const criticFigures = critic.fit(parts.now(batch), batch, parts.present)

        // Actor: maximise the expectation of Z(o, a) over the own action.
        const actorFigures = parts.improve(batch, policy, critic)

        parts.follow(policy)
        critic.follow()
        return { ...criticFigures, ...actorFigures, ...aimFigures }
      },
      logits => expectationOf(logits, support),
    )
  },
})
