// What every learner with action-value critics is made of.
import type { AgentContext } from '../learning/agent-context.ts'
import { type CriticInput, type CriticView, createCriticInput } from '../learning/critic-input.ts'
import type { Roster } from '../learning/member.ts'
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
import { presence, withoutCut } from './losses.ts'
import { createRewardScale, plainRewards, type RewardScale } from './reward-scale.ts'
import { createSubPolicies, type LearningPolicy, onlyOf, type SubPolicies } from './sub-policies.ts'

/** One agent's parts: what the steps of an update work on (steps.ts). */
export interface Parts {
  readonly context: AgentContext
  readonly settings: MaddpgSettings
  readonly agent: AgentSpec
  readonly index: number
  readonly sees: CriticView
  readonly input: CriticInput
  readonly noise: Noise
  /** [rows] of the batch: 1 where something is learnt: the agent was in the game, and the sub-policy that learns acted. */
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
export function createParts(context: AgentContext, settings: MaddpgSettings, sees: CriticView = 'joint'): Parts {
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
    input: createCriticInput(context, seen, settings.batch),
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
  const { sets } = input
  const spec = mlp(input.size, layers.hidden, outputs, layers.activation, { ...layers, orthogonal, sets })
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
      if (settings.timeLimit === 'drop') withoutCut(batch, index, present)
      if (settings.subPolicies > 1) onlyOf(subPolicy, batch.observations[index]!, present)
      const inferred = inference.learn(batch, roster)
      const figures = update(batch, roster, policies.policies[subPolicy]!)
      inference.updateTargets()
      return { ...figures, ...inferred }
    },
    value(moment, actions) {
      oneRow ??= createCriticInput(context, parts.sees, 1)
      return judge(networks.critic!.act(oneRow.of(moment, j => actions[j]!)))
    },
    ...saveNetworks(networks, kept),
  }
}
