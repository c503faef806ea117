// What every learner with action-value critics is made of, and the steps of an update that all of them share.
import type { Actor } from '../agents/actor.ts'
import type { AgentContext } from '../learning/agent-context.ts'
import { type CriticInput, jointCriticInput, localCriticInput } from '../learning/critic-input.ts'
import { type Member, type Roster, targetActorOf } from '../learning/member.ts'
import { createOptimizer } from '../learning/optimizer.ts'
import type { MaddpgSettings } from '../learning/options.ts'
import type { ReplayLearner } from '../learning/replay-updates.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import { mlp, type Network } from '../nn/network.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import type { Noise } from '../random.ts'
import type { AgentSpec, Batch, Matrix, Stateful } from '../types.ts'
import type { Critic } from './critic.ts'
import { createInference, type Inference } from './inference.ts'
import { presence, temporalDifferenceTarget, withoutAbsent } from './losses.ts'
import { createRewardScale, plainRewards, type RewardScale } from './reward-scale.ts'
import { createSubPolicies, type LearningPolicy, onlyOf, type SubPolicies } from './sub-policies.ts'

/** One agent's parts: what the functions below work on. */
export interface Parts {
  readonly context: AgentContext
  readonly settings: MaddpgSettings
  readonly agent: AgentSpec
  readonly index: number
  /** What critics see: all agents, or this one alone. */
  readonly sees: 'joint' | 'local'
  readonly input: CriticInput
  readonly noise: Noise
  /** [rows] of the batch: 1 where the agent was in the game, and the sub-policy that learns acted. */
  readonly present: Float32Array
  /** [rows] */
  readonly target: Float32Array
  readonly rewardScale: RewardScale
  readonly policies: SubPolicies
  readonly inference: Inference
  /** What is saved, by name. */
  readonly networks: Record<string, Network>
  readonly kept: Record<string, Stateful>
}

/** The parts of an agent's learner; critics see what the settings say, else `sees`. */
export function createParts(context: AgentContext, settings: MaddpgSettings, sees: 'joint' | 'local' = 'joint'): Parts {
  const { agents, index } = context
  const seen = settings.critic ?? sees
  const policies = createSubPolicies(context, settings)
  const inference = createInference(context, settings, seen)
  const noise = context.noise('update')
  const rewardScale = settings.normaliseRewards ? createRewardScale(index) : plainRewards
  return {
    context,
    settings,
    agent: agents[index]!,
    index,
    sees: seen,
    input: criticInput(context, seen, settings.batch),
    noise,
    present: new Float32Array(settings.batch),
    target: new Float32Array(settings.batch),
    rewardScale,
    policies,
    inference,
    networks: { ...policies.networks, ...inference.networks },
    kept: {
      ...policies.parts,
      ...inference.parts,
      noise,
      ...(settings.normaliseRewards ? { rewardScale } : {}),
    },
  }
}

/** A critic of these parts with a target and an optimizer, `critic` or `secondCritic`; saved with them. */
export function createCritic(parts: Parts, name = 'critic', outputs = 1): Critic {
  const { context, settings, agent, input } = parts
  const { backend, network: layers, share, random } = context
  const targetName = `target${name[0]!.toUpperCase()}${name.slice(1)}`
  const orthogonal = layers.orthogonal === undefined ? undefined : { ...layers.orthogonal, output: 1 }
  const spec = mlp(input.size, layers.hidden, outputs, layers.activation, { ...layers, orthogonal })
  const made = share(name, () => {
    const network = backend.network(spec, random(name))
    const target = backend.network(spec, random(targetName))
    if (settings.copyTargets) backend.copy(network, target)
    const rate = settings.criticLearningRate ?? settings.learningRate
    return { network, target, optimizer: createOptimizer(context, settings, network, [agent.id, name], rate) }
  })
  parts.networks[name] = made.network
  parts.networks[targetName] = made.target
  parts.kept[`${name}Optimizer`] = made.optimizer
  const { batch: rows, tau } = settings
  return { backend, id: agent.id, rows, tau, ...made, gradient: backend.matrix(rows, outputs) }
}

/** What critics see of the transitions: o and a, [rows, input.size]; overwritten by the next call, as by `nextInput`. */
export function currentInput({ input }: Parts, batch: Batch): Matrix {
  return input.of(batch.observations, j => batch.actions[j]!)
}

/** How next actions come about. */
export interface NextActions {
  /** Who draws them; default: the target actors. */
  readonly drawnBy?: (member: Pick<Member, 'actor' | 'targetActor'>) => Actor
  /** The own ones, where they were drawn already. */
  readonly own?: Matrix
  /** May write over an agent's. */
  readonly change?: (agent: number, actions: Matrix) => void
}

/** What critics see after the transitions: o', and a' drawn from all target actors, or from what was inferred of them. */
export function nextInput(
  { input, index, inference, noise }: Parts,
  batch: Batch,
  roster: Roster,
  { drawnBy = targetActorOf, own, change }: NextActions = {},
): Matrix {
  return input.of(batch.nextObservations, j => {
    const actions =
      (j === index ? own : undefined) ??
      drawnBy(inference.standIn(j, roster)).sample(batch.nextObservations[j]!, noise.next())
    change?.(j, actions)
    return withoutAbsent(batch, j, actions)
  })
}

/** y = r + discount Q'(o', a'), [rows], r normalised if the settings say so; once per batch, overwritten by the next call. */
export function targetOf({ index, target, rewardScale }: Parts, batch: Batch, nextValues: Matrix): Float32Array {
  temporalDifferenceTarget(batch, index, nextValues, target, rewardScale.next(batch))
  return target
}

/** r, [rows], normalised if the settings say so; once per batch, overwritten by the next call. */
export function rewardsOf({ index, target, rewardScale }: Parts, batch: Batch): Float32Array {
  const { columns, data } = batch.rewards
  const scale = rewardScale.next(batch)
  for (let row = 0; row < target.length; row++) target[row] = data[row * columns + index]! / scale
  return target
}

/** The factor of the next value, [rows]: 0 where the agent's episode terminated. */
export function discountsOf({ index }: Parts, { discounts, terminated: { columns, data } }: Batch): Float64Array {
  return discounts.map((discount, row) => discount * (1 - data[row * columns + index]!))
}

/** An action of the actor, [rows, action size], as a function of its parameters that `improveActor` leads a gradient through. */
export function proposedAction({ index, noise }: Parts, batch: Batch, { actor }: LearningPolicy): Matrix {
  return actor.forward(batch.observations[index]!, noise.next())
}

/** `now` with another own action, written into it. */
export function withOwnAction({ input }: Parts, now: Matrix, action: Matrix): Matrix {
  return input.withOwnAction(now, action)
}

/** One step of the actor down the gradient at the action that it proposed; `outputGradient`: a further one at its outputs. */
export function improveActor(
  { settings, present }: Parts,
  { actor, optimizer }: LearningPolicy,
  gradient: Matrix,
  outputGradient?: Matrix,
): void {
  actor.backward(gradient, settings.logitPenalty, present, outputGradient)
  optimizer.step()
}

/** The target actor comes closer: soft update by tau. */
export function updateTargetActor(
  { context: { backend }, settings: { tau } }: Parts,
  { actor, targetActor }: LearningPolicy,
): void {
  backend.softUpdate(targetActor.network, actor.network, tau)
}

/** What an algorithm does with a batch, for the policy that learns from it. */
export type PolicyUpdate = (batch: Batch, roster: Roster, policy: LearningPolicy) => UpdateFigures

/** The learner whose update, beyond what all share, is this. `judge`: Q in one row of its critic's outputs; default: the output. */
export function createReplayLearner(
  parts: Parts,
  update: PolicyUpdate,
  judge: (outputs: Matrix) => number = ({ data }) => data[0]!,
): ReplayLearner {
  const { context, settings, index, present, policies, inference, networks, kept } = parts
  /** Input of one row, for values that somebody asks about; made for the first question. */
  let oneRow: CriticInput | undefined
  return {
    actor: policies.actor,
    targetActor: policies.targetActor,
    subPolicies: settings.subPolicies,
    update(batch, roster, subPolicy = 0) {
      presence(batch, index, present)
      if (settings.subPolicies > 1) onlyOf(subPolicy, batch.observations[index]!, present)
      const inferred = inference.learn(batch, roster)
      const figures = update(batch, roster, policies.policies[subPolicy]!)
      inference.updateTargets()
      return { ...figures, ...inferred }
    },
    value(observations, actions) {
      oneRow ??= criticInput(context, parts.sees, 1)
      return judge(networks.critic!.infer(oneRow.of(observations, j => actions[j]!)))
    },
    ...saveNetworks(networks, kept),
  }
}

function criticInput({ backend, agents, index, identity }: AgentContext, sees: 'joint' | 'local', rows: number) {
  const inputOf = sees === 'joint' ? jointCriticInput : localCriticInput
  return inputOf(backend, agents, index, rows, identity)
}
