// MADDPG: multi-agent actor-critic with centralised critics and decentralised actors (Lowe et al. 2017, Algorithm 1).
import { createActor } from '../agents/actor.ts'
import { unsupportedSpace } from '../agents/head.ts'
import type { Algorithm, Learner, LearnerContext } from '../agents/learner.ts'
import { named } from '../agents/named-optimizer.ts'
import { mlp } from '../nn/network.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import { type CriticInput, jointCriticInput, localCriticInput } from './critic-input.ts'
import { actorGradient, criticGradient, presence, temporalDifferenceTarget, withoutAbsent } from './losses.ts'

/** Every critic sees all observations and all actions. */
export const maddpg: Algorithm = {
  id: 'maddpg',
  description: 'centralised critics, decentralised actors (Lowe et al. 2017)',
  unsupported: agent => unsupportedSpace(agent.actionSpace),
  createLearner: context => createLearner(context, jointCriticInput),
}

/** Every critic sees its own agent alone: independent DDPG (Lillicrap et al. 2016) with the same update. */
export const ddpg: Algorithm = {
  id: 'ddpg',
  description: 'independent learners: critics see their own agent only (Lillicrap et al. 2016)',
  unsupported: agent => unsupportedSpace(agent.actionSpace),
  createLearner: context => createLearner(context, localCriticInput),
}

function createLearner(context: LearnerContext, criticInput: typeof jointCriticInput): Learner {
  const { backend, agents, index, learner: config, batch: rows } = context
  const agent = agents[index]!
  const input: CriticInput = criticInput(backend, agents, index, rows)
  const { hidden, activation, layerNorm } = context.network
  const criticSpec = mlp(input.size, hidden, 1, activation, layerNorm)

  // Targets begin with weights of their own, as the reference does: they are never copied.
  const actor = createActor(backend, agent, context.network, context.random('actor'))
  const targetActor = createActor(backend, agent, context.network, context.random('targetActor'))
  const critic = backend.network(criticSpec, context.random('critic'))
  const targetCritic = backend.network(criticSpec, context.random('targetCritic'))
  const actorOptimizer = named(`${agent.id}: actor`, backend.optimizer(actor.network, config))
  const criticOptimizer = named(`${agent.id}: critic`, backend.optimizer(critic, config))
  const noise = context.noise('update')
  const present = new Float32Array(rows)
  const target = new Float32Array(rows)
  const gradient = backend.matrix(rows, 1)

  return {
    actor,
    targetActor,
    update(batch, roster) {
      presence(batch, index, present)
      // Critic: minimise (Q(o, a) - y)^2 with y = r + gamma Q'(o', a'), a' drawn from all target actors.
      const nextAction = (j: number) =>
        withoutAbsent(batch, j, roster[j]!.targetActor.sample(batch.nextObservations[j]!, noise.next()))
      const nextValues = targetCritic.infer(input.of(batch.nextObservations, nextAction))
      temporalDifferenceTarget(batch, index, config.gamma, nextValues, target)
      const values = critic.forward(input.of(batch.observations, j => batch.actions[j]!))
      const criticFigures = criticGradient(agent.id, values, target, present, gradient)
      critic.backward(gradient)
      criticOptimizer.step()

      // Actor: maximise Q(o, a) over the own action; the others' actions are those of the batch.
      const action = actor.forward(batch.observations[index]!, noise.next())
      const ownValues = critic.forward(input.withOwnAction(action))
      const actorFigures = actorGradient(agent.id, ownValues, present, gradient)
      actor.backward(critic.inputGradient(gradient, input.ownAction), config.logitPenalty, present)
      actorOptimizer.step()

      // Targets follow; agents later in this round see them.
      backend.softUpdate(targetActor.network, actor.network, config.tau)
      backend.softUpdate(targetCritic, critic, config.tau)
      return { ...criticFigures, ...actorFigures }
    },
    ...saveNetworks(
      { actor: actor.network, targetActor: targetActor.network, critic, targetCritic },
      { actorOptimizer, criticOptimizer, noise },
    ),
  }
}
