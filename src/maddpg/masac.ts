// MASAC: multi-agent soft actor-critic. Entropy is part of what agents are paid, so that exploring is learnt, not added.
import { unsupportedSpaces } from '../agents/head.ts'
import { ConfigError } from '../errors.ts'
import { agentContexts } from '../learning/agent-context.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { finiteLoss } from '../learning/finite-loss.ts'
import { maddpgOptions, withDefaults } from '../learning/options.ts'
import { updatesOverReplay } from '../learning/replay-updates.ts'
import { flag, ratio, real } from '../settings/option.ts'
import { valueAt } from '../settings/schedule.ts'
import { createEntropy } from './entropy.ts'
import { fixedWeight, learntWeight } from './entropy-weight.ts'
import { createCritic, createParts, createReplayLearner } from './parts.ts'
import { currentInput, improveActor, nextInput, targetOf, updateTargetActor } from './steps.ts'
import { createTwinCritic, fitTwins, smallerSlope, smallerTargetValues, updateTwinTargets } from './twin-critic.ts'

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
    targetEntropy: ratio(0.1, 'aim of the entropy of a choice, as a part of log(alternatives that are allowed)'),
    boxEntropy: real(-1, {}, 'aim of the entropy of each number of a box, in nats, bounds taken as -1 and 1'),
  },
  critics: 'joint',
  unsupported: unsupportedSpaces,
  createLearner(team, settings) {
    refuseDeterministic(team)
    const { alpha, learnAlpha, targetEntropy, boxEntropy, batch: rows } = settings
    const actorRate = settings.actorLearningRate ?? settings.learningRate
    const learningRate = () => valueAt(actorRate, team.now()) * team.rateScale()
    const learners = agentContexts(team).map(context => {
      const parts = createParts(context, settings)
      const { agent, index, noise, present } = parts
      const critics = createTwinCritic(createCritic(parts), createCritic(parts, 'secondCritic'))
      const aims = { choices: targetEntropy, boxes: boxEntropy }
      const entropy = createEntropy(parts.workspace, agent.actionSpace, rows, aims)
      const weight = learnAlpha ? learntWeight(alpha, { ...settings, learningRate }) : fixedWeight(alpha)
      parts.kept.alpha = weight
      const scale = new Float32Array(rows)

      return createReplayLearner(parts, (batch, roster, policy) => {
        const { actor } = policy
        const { mask } = batch.observations[index]!
        // Critics: y = r + discount (min(Q1', Q2')(o', a') + alpha H(a' | o')), a' drawn from the actors themselves.
        const nextKey = noise.next()
        const own = actor.forward(batch.nextObservations[index]!, nextKey)
        const next = nextInput(parts, batch, roster, { drawnBy: member => member.actor, own })
        const values = smallerTargetValues(critics, next)
        const bonus = entropy.of(actor.outputs, nextKey, batch.nextObservations[index]!.mask)
        for (let row = 0; row < rows; row++) values.data[row]! += weight.value * bonus[row]!
        const target = targetOf(parts, batch, values)
        const now = currentInput(parts, batch)
        const criticFigures = fitTwins(critics, now, target, batch, present)

        // Actor: maximise min(Q1, Q2)(o, a) + alpha H(a | o) over the own action.
        const key = noise.next()
        const proposed = parts.input.withOwnAction(now, actor.forward(batch.observations[index]!, key))
        const { actorLoss, gradient } = smallerSlope(critics, proposed, parts.input.ownAction, present)
        const entropies = entropy.of(actor.outputs, key, mask)
        let [sum, count] = [0, 0]
        for (let row = 0; row < rows; row++) {
          scale[row] = (-weight.value * present[row]!) / rows
          sum += present[row]! * entropies[row]!
          count += present[row]!
        }
        improveActor(parts, policy, gradient, entropy.gradient(actor.outputs, key, scale, mask))

        // Alpha, and the targets. The target actor is for learners of other algorithms.
        const figures = {
          ...criticFigures,
          actorLoss: finiteLoss(actorLoss - (weight.value * sum) / rows, agent.id, 'actor'),
          entropy: count === 0 ? 0 : sum / count,
          alpha: weight.value,
        }
        if (count > 0) weight.learn(figures.entropy, entropy.aimOf(present, mask))
        updateTargetActor(parts, policy)
        updateTwinTargets(critics)
        return figures
      })
    })
    return updatesOverReplay(team, settings, learners)
  },
})

/** An actor without a deviation of its own has no entropy. */
function refuseDeterministic({ agents, indices, network }: TeamContext): void {
  const hasBoxes = (index: number) => agents[index]!.actionSpace.some(({ kind }) => kind === 'box')
  if (network.boxes !== 'deterministic' || !indices.some(hasBoxes)) return
  throw new ConfigError(
    'learner.exploration',
    'masac explores boxes by the deviation of its own actors; expected policy',
  )
}
