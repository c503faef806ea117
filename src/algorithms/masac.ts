// MASAC: multi-agent soft actor-critic. Entropy is part of what agents are paid, so that exploring is learnt, not added.
import { unsupportedSpace } from '../agents/head.ts'
import { defineAlgorithm, type LearnerContext } from '../agents/learner.ts'
import { ConfigError } from '../errors.ts'
import { maddpgOptions, withDefaults } from '../learning/options.ts'
import { finite } from '../maddpg/losses.ts'
import { createParts } from '../maddpg/parts.ts'
import { flag, ratio, real } from '../option.ts'
import { valueAt } from '../schedule.ts'
import { createEntropy } from './entropy.ts'
import { fixedWeight, learntWeight } from './entropy-weight.ts'
import { createTwinCritic } from './twin-critic.ts'

/**
 * Soft actor-critic (Haarnoja et al. 2018; for choices Christodoulou 2019) with centralised twin critics. What differs from MADDPG: the
 * next actions come from the actors themselves, values count alpha times the own entropy, actors climb both, and alpha is learnt.
 * Choices go to the critics as their Gumbel-softmax samples, as everywhere here, where Christodoulou sums over all of them: joint
 * actions are too many to sum over.
 */
export const masac = defineAlgorithm({
  id: 'masac',
  description: 'soft actor-critic with centralised twin critics: entropy counts (Haarnoja et al. 2018)',
  options: {
    ...withDefaults(maddpgOptions, { copyTargets: true }),
    alpha: real(0.5, { min: 1e-6 }, 'weight of the entropy in the return; where it is learnt, its first value'),
    learnAlpha: flag(true, 'whether alpha is learnt so that the entropy comes to its aim'),
    targetEntropy: ratio(0.1, 'aim of the entropy of a choice, as a part of log(alternatives)'),
    boxEntropy: real(-1, {}, 'aim of the entropy of each number of a box, in nats, bounds taken as -1 and 1'),
  },
  unsupported: agent => unsupportedSpace(agent.actionSpace),
  createLearner(context, { alpha, learnAlpha, targetEntropy, boxEntropy }) {
    const { backend, index, batch: rows, learner: config } = context
    refuseDeterministic(context)
    const parts = createParts(context)
    const { agent, input, noise, present } = parts
    const critic = createTwinCritic(
      parts.critic('critic', made => made),
      parts.critic('secondCritic', made => made),
    )
    const entropy = createEntropy(backend, agent.actionSpace, rows, { choices: targetEntropy, boxes: boxEntropy })
    const learningRate = () => valueAt(config.learningRate, context.now()) * (context.rateScale?.() ?? 1)
    const weight = learnAlpha ? learntWeight(alpha, { ...config, aim: entropy.aim, learningRate }) : fixedWeight(alpha)
    parts.keep('alpha', weight)
    const scale = new Float32Array(rows)

    return parts.learner((batch, roster, policy) => {
      const { actor, optimizer } = policy
      // Critics: y = r + discount (min(Q1', Q2')(o', a') + alpha H(a' | o')), a' drawn from the actors themselves.
      const nextKey = noise.next()
      const own = actor.forward(batch.nextObservations[index]!, nextKey)
      const values = critic.targetValues(parts.next(batch, roster, undefined, { from: 'actor', own }))
      const bonus = entropy.of(actor.outputs, nextKey)
      for (let row = 0; row < rows; row++) values.data[row]! += weight.value * bonus[row]!
      const criticFigures = critic.fit(parts.now(batch), parts.target(batch, values), batch, present)

      // Actor: maximise min(Q1, Q2)(o, a) + alpha H(a | o) over the own action.
      const key = noise.next()
      const action = actor.forward(batch.observations[index]!, key)
      const { actorLoss, gradient } = critic.ascend(input.withOwnAction(action), input.ownAction, present)
      const entropies = entropy.of(actor.outputs, key)
      let [sum, count] = [0, 0]
      for (let row = 0; row < rows; row++) {
        scale[row] = (-weight.value * present[row]!) / rows
        sum += present[row]! * entropies[row]!
        count += present[row]!
      }
      actor.backward(gradient, config.logitPenalty, present, entropy.gradient(actor.outputs, key, scale))
      optimizer.step()

      // Alpha, and the targets. The target actor is for learners of other algorithms.
      const figures = {
        ...criticFigures,
        actorLoss: finite(actorLoss - (weight.value * sum) / rows, agent.id, 'actor loss'),
        entropy: count === 0 ? 0 : sum / count,
        alpha: weight.value,
      }
      if (count > 0) weight.learn(figures.entropy)
      parts.follow(policy)
      critic.follow()
      return figures
    })
  },
})

/** An actor without a deviation of its own has no entropy. */
function refuseDeterministic({ agents, index, network }: LearnerContext): void {
  if (network.boxes !== 'deterministic' || agents[index]!.actionSpace.every(({ kind }) => kind !== 'box')) return
  throw new ConfigError(
    'learner.exploration',
    'masac explores boxes by the deviation of its own actors; expected policy',
  )
}
