// What every learner with centralised critics is made of, and the steps of an update that all of them share.
import { alone } from '../agents/identity.ts'
import type { Learner, LearnerContext, Roster, UpdateFigures } from '../agents/learner.ts'
import { named } from '../agents/named-optimizer.ts'
import { mlp, type Network } from '../nn/network.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import type { Noise } from '../random.ts'
import { valueAt } from '../schedule.ts'
import type { AgentSpec, Batch, Matrix, Stateful } from '../types.ts'
import { type Critic, type CriticParts, createValueCritic, type ValueCritic } from './critic.ts'
import { type CriticInput, jointCriticInput, localCriticInput } from './critic-input.ts'
import { createInference } from './inference.ts'
import { presence, temporalDifferenceTarget, withoutAbsent } from './losses.ts'
import { createRewardScale, plainRewards } from './reward-scale.ts'
import { createSubPolicies, type LearningPolicy, onlyOf } from './sub-policies.ts'

export interface LearnerParts {
  readonly agent: AgentSpec
  readonly input: CriticInput
  readonly noise: Noise
  /** [rows] of the batch in hand: 1 where the agent was in the game, and the sub-policy that learns acted. */
  readonly present: Float32Array
  /** A critic with a target and an optimizer: `critic`, `secondCritic`; `make` says what kind, of how many outputs. */
  critic<T = ValueCritic>(name?: string, make?: (parts: CriticParts) => T | ValueCritic, outputs?: number): T
  /** What critics see of the transitions, [rows, input.size]. */
  now(batch: Batch): Matrix
  /** What critics see after them: o', and a' drawn from all target actors, or from what was inferred of them; `change` may write over an agent's. */
  next(
    batch: Batch,
    roster: Roster,
    change?: (agent: number, actions: Matrix) => void,
    /** `from`: who draws, default the target actors; `own`: the own a', where it was drawn already. */
    drawn?: { readonly from?: 'targetActor' | 'actor'; readonly own?: Matrix },
  ): Matrix
  /** y = r + discount Q'(o', a'), [rows], r normalised if the config says so; once per batch, overwritten by the next call. */
  target(batch: Batch, nextValues: Matrix): Float32Array
  /** One step of the actor up a critic: maximise Q(o, a) over the own action; the others' actions are those of the batch. */
  improve(batch: Batch, policy: LearningPolicy, critic: Critic): { actorLoss: number }
  /** The target actor comes closer. */
  follow(policy: LearningPolicy): void
  /** Registers what else keeps state between updates. */
  keep(name: string, part: Stateful): void
  /** The learner whose update, beyond what all share, is this. `judge`: Q in one row of its critic's outputs; absent: the output. */
  learner(update: LearnerUpdate, judge?: (outputs: Matrix) => number): Learner
}

/** What an algorithm does with a batch, for the policy that learns from it. */
export type LearnerUpdate = (batch: Batch, roster: Roster, policy: LearningPolicy) => UpdateFigures

/** The parts of an agent's learner; critics see all agents unless `local` (or the config) says otherwise. */
export function createParts(context: LearnerContext, criticInput: 'joint' | 'local' = 'joint'): LearnerParts {
  const { backend, agents, index, learner: config, batch: rows, share, identity = alone } = context
  const agent = agents[index]!
  const inputOf = (config.critic ?? criticInput) === 'joint' ? jointCriticInput : localCriticInput
  const input = inputOf(backend, agents, index, rows, identity)
  const { hidden, activation, layerNorm } = context.network
  const networks: Record<string, Network> = {}
  const kept: Record<string, Stateful> = {}
  const noise = context.noise('update')
  const present = new Float32Array(rows)
  const target = new Float32Array(rows)
  /** Input of one row, for values that somebody asks about; made for the first question. */
  let judged: CriticInput | undefined
  const rewardScale = config.normaliseRewards ? createRewardScale(index) : plainRewards

  /** Adam on a network, at the learning rate of the moment. */
  const optimizerOf = (name: string, network: Network) => {
    const { learningRate } = config
    const first = valueAt(learningRate, 0)
    const optimizer = named(agent.id, name, backend.optimizer(network, { ...config, learningRate: first }))
    return {
      ...optimizer,
      step: () => optimizer.step(valueAt(learningRate, context.now()) * (context.rateScale?.() ?? 1)),
    }
  }

  const ensemble = createSubPolicies(context, optimizerOf)
  const inference = createInference(context, config.critic ?? criticInput, optimizerOf)
  Object.assign(networks, ensemble.networks, inference.networks)
  Object.assign(kept, ensemble.parts, inference.parts)
  kept.noise = noise
  if (config.normaliseRewards) kept.rewardScale = rewardScale

  return {
    agent,
    input,
    noise,
    present,
    critic<T = ValueCritic>(
      name = 'critic',
      make: (parts: CriticParts) => T | ValueCritic = createValueCritic,
      outputs = 1,
    ) {
      const targetName = `target${name[0]!.toUpperCase()}${name.slice(1)}`
      const spec = mlp(input.size, hidden, outputs, activation, { layerNorm })
      const parts = share(name, () => {
        const network = backend.network(spec, context.random(name))
        const target = backend.network(spec, context.random(targetName))
        if (config.copyTargets) backend.copy(network, target)
        return { network, target, optimizer: optimizerOf(name, network) }
      })
      networks[name] = parts.network
      networks[targetName] = parts.target
      kept[`${name}Optimizer`] = parts.optimizer
      return make({ backend, id: agent.id, rows, tau: config.tau, ...parts }) as T
    },
    now: batch => input.of(batch.observations, j => batch.actions[j]!),
    next: (batch, roster, change, { from = 'targetActor', own } = {}) =>
      input.of(batch.nextObservations, j => {
        const actions =
          (j === index ? own : undefined) ??
          inference.standIn(j, roster)[from]!.sample(batch.nextObservations[j]!, noise.next())
        change?.(j, actions)
        return withoutAbsent(batch, j, actions)
      }),
    target(batch, nextValues) {
      temporalDifferenceTarget(batch, index, nextValues, target, rewardScale.next(batch))
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
    learner: (update, judge = ({ data }) => data[0]!) => ({
      actor: ensemble.actor,
      targetActor: ensemble.targetActor,
      subPolicies: config.subPolicies,
      update(batch, roster, subPolicy = 0) {
        presence(batch, index, present)
        if (config.subPolicies > 1) onlyOf(subPolicy, batch.observations[index]!, present)
        const inferred = inference.learn(batch, roster)
        const figures = update(batch, roster, ensemble.policies[subPolicy]!)
        inference.follow()
        return { ...figures, ...inferred }
      },
      value(observations, actions) {
        judged ??= inputOf(backend, agents, index, 1, identity)
        return judge(networks.critic!.infer(judged.of(observations, j => actions[j]!)))
      },
      ...saveNetworks(networks, kept),
    }),
  }
}
