// What every learner with centralised critics is made of, and the steps of an update that all of them share.
import { createActor, type LearningActor } from '../agents/actor.ts'
import type { Learner, LearnerContext, Roster, UpdateFigures } from '../agents/learner.ts'
import { named } from '../agents/named-optimizer.ts'
import type { Optimizer } from '../nn/backend.ts'
import { mlp, type Network } from '../nn/network.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import type { Noise } from '../random.ts'
import { valueAt } from '../schedule.ts'
import type { AgentSpec, Batch, Matrix, Stateful } from '../types.ts'
import { type Critic, type CriticParts, createValueCritic } from './critic.ts'
import { type CriticInput, jointCriticInput, localCriticInput } from './critic-input.ts'
import { presence, temporalDifferenceTarget, withoutAbsent } from './losses.ts'

/** One policy of an agent: its actor, target actor and optimizer. */
export interface LearningPolicy {
  readonly actor: LearningActor
  readonly targetActor: LearningActor
  readonly optimizer: Pick<Optimizer, 'step'>
}

export interface LearnerParts {
  readonly agent: AgentSpec
  readonly input: CriticInput
  readonly noise: Noise
  /** [rows] of the batch in hand: 1 where the agent was in the game. */
  readonly present: Float32Array
  /** A critic with a target and an optimizer: `critic`, `secondCritic`; `make` says what kind, of how many outputs. */
  critic(name?: string, make?: (parts: CriticParts) => Critic, outputs?: number): Critic
  /** What critics see of the transitions, [rows, input.size]. */
  now(batch: Batch): Matrix
  /** What critics see after them: o', and a' drawn from all target actors. */
  next(batch: Batch, roster: Roster): Matrix
  /** y = r + discount Q'(o', a'), [rows]; overwritten by the next call. */
  target(batch: Batch, nextValues: Matrix): Float32Array
  /** One step of the actor up a critic: maximise Q(o, a) over the own action; the others' actions are those of the batch. */
  improve(batch: Batch, policy: LearningPolicy, critic: Critic): { actorLoss: number }
  /** The target actor comes closer. */
  follow(policy: LearningPolicy): void
  /** Registers what else keeps state between updates. */
  keep(name: string, part: Stateful): void
  /** The learner whose update, beyond what all share, is this. */
  learner(update: (batch: Batch, roster: Roster, policy: LearningPolicy) => UpdateFigures): Learner
}

/** The parts of an agent's learner; critics see all agents unless `local` (or the config) says otherwise. */
export function createParts(context: LearnerContext, criticInput: 'joint' | 'local' = 'joint'): LearnerParts {
  const { backend, agents, index, learner: config, batch: rows, share } = context
  const agent = agents[index]!
  const inputOf = (config.critic ?? criticInput) === 'joint' ? jointCriticInput : localCriticInput
  const input = inputOf(backend, agents, index, rows)
  const { hidden, activation, layerNorm } = context.network
  const networks: Record<string, Network> = {}
  const kept: Record<string, Stateful> = {}
  const noise = context.noise('update')
  const present = new Float32Array(rows)
  const target = new Float32Array(rows)

  /** Adam on a network, at the learning rate of the moment. */
  const optimizerOf = (name: string, network: Network) => {
    const { learningRate } = config
    const first = valueAt(learningRate, 0)
    const optimizer = named(`${agent.id}: ${name}`, backend.optimizer(network, { ...config, learningRate: first }))
    return { ...optimizer, step: () => optimizer.step(valueAt(learningRate, context.now())) }
  }

  const policy = share('policy', (): LearningPolicy & { optimizer: Stateful } => {
    const actor = createActor(backend, agent, context.network, context.random('actor'))
    const targetActor = createActor(backend, agent, context.network, context.random('targetActor'))
    // Targets begin with weights of their own, as the reference does, unless they are to be copies.
    if (config.copyTargets) backend.copy(actor.network, targetActor.network)
    return { actor, targetActor, optimizer: optimizerOf('actor', actor.network) }
  })
  networks.actor = policy.actor.network
  networks.targetActor = policy.targetActor.network
  kept.actorOptimizer = policy.optimizer
  kept.noise = noise

  return {
    agent,
    input,
    noise,
    present,
    critic(name = 'critic', make = createValueCritic, outputs = 1) {
      const targetName = `target${name[0]!.toUpperCase()}${name.slice(1)}`
      const spec = mlp(input.size, hidden, outputs, activation, layerNorm)
      const parts = share(name, () => {
        const network = backend.network(spec, context.random(name))
        const target = backend.network(spec, context.random(targetName))
        if (config.copyTargets) backend.copy(network, target)
        return { network, target, optimizer: optimizerOf(name, network) }
      })
      networks[name] = parts.network
      networks[targetName] = parts.target
      kept[`${name}Optimizer`] = parts.optimizer
      return make({ backend, id: agent.id, rows, tau: config.tau, ...parts })
    },
    now: batch => input.of(batch.observations, j => batch.actions[j]!),
    next: (batch, roster) =>
      input.of(batch.nextObservations, j =>
        withoutAbsent(batch, j, roster[j]!.targetActor!.sample(batch.nextObservations[j]!, noise.next())),
      ),
    target(batch, nextValues) {
      temporalDifferenceTarget(batch, index, nextValues, target)
      return target
    },
    improve(batch, { actor, optimizer }, critic) {
      // Asked for anew: the critic's input still holds the batch's observations and actions.
      const action = actor.forward(batch.observations[index]!, noise.next())
      const { actorLoss, gradient } = critic.ascend(input.withOwnAction(action), input.ownAction, present)
      actor.backward(gradient, config.logitPenalty, present)
      optimizer.step()
      return { actorLoss }
    },
    follow: ({ actor, targetActor }) => backend.softUpdate(targetActor.network, actor.network, config.tau),
    keep(name, part) {
      kept[name] = part
    },
    learner: update => ({
      actor: policy.actor,
      targetActor: policy.targetActor,
      subPolicies: 1,
      update(batch, roster) {
        presence(batch, index, present)
        return update(batch, roster, policy)
      },
      ...saveNetworks(networks, kept),
    }),
  }
}
