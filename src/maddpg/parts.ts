// What every learner with action-value critics is made of.
import type { Actor } from '../agents/actor.ts'
import type { AgentContext } from '../learning/agent-context.ts'
import { presence, withoutCut } from '../learning/batch-rows.ts'
import { type CriticInput, type CriticView, createCriticInput } from '../learning/critic-input.ts'
import type { Member, Roster } from '../learning/member.ts'
import { createOptimizer } from '../learning/optimizer.ts'
import type { MaddpgSettings } from '../learning/options.ts'
import type { ReplayLearner } from '../learning/replay-updates.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import type { Backend } from '../nn/backend.ts'
import { mlp, type Network } from '../nn/network.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import { workspaceOf } from '../nn/workspace.ts'
import type { Noise } from '../random.ts'
import type { AgentSpec, Batch, Matrix, Observations, Stateful } from '../types.ts'
import type { Critic } from './critic.ts'
import { createInference, type Inference } from './inference.ts'
import { createRewardScale, plainRewards, type RewardScale } from './reward-scale.ts'
import { createSubPolicies, type LearningPolicy, onlyOf, type SubPolicies } from './sub-policies.ts'

/** One agent's parts, or those of a group that learns in one update (group-parts.ts): what the steps of an update work on (steps.ts). */
export interface Parts {
  readonly context: AgentContext
  readonly settings: MaddpgSettings
  /** The agent, or the first of the group. */
  readonly agent: AgentSpec
  readonly index: number
  /** Whose update it is: the agent, or all of the group. */
  readonly indices: readonly number[]
  /** Those of a batch for each of them, one below the other. */
  readonly rows: number
  readonly sees: CriticView
  readonly input: CriticInput
  readonly noise: Noise
  /** Where the matrices of an update stand, which those of all learners have in common (workspace.ts). */
  readonly workspace: Backend
  /** [rows] 1 where something is learnt: the agent was in the game, and the sub-policy that learns acted. */
  readonly present: Float32Array
  /** [rows] */
  readonly target: Float32Array
  /** Of each of them. */
  readonly rewardScales: readonly RewardScale[]
  /** A critic's network, as all of them use it at once. */
  together(network: Network): Network
  /** Their own observations, one below the other. */
  ownObservations(observations: readonly Observations[]): Observations
  readonly policies: SubPolicies
  readonly inference: Inference
  /** Of a group: the next actions of its members from one pass, and null for other agents. */
  nextOfGroup?(
    batch: Batch,
    drawnBy: (one: Pick<Member, 'actor' | 'targetActor'>) => Actor,
  ): (agent: number) => Matrix | null
  /** What its critic says of one row, where that is more than its outputs; `seen`: what critics see of one row. */
  readonly asked: {
    value?: (...asked: [...Parameters<NonNullable<Member['value']>>, seen: CriticInput]) => number
  }
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
    indices: [index],
    rows: settings.batch,
    together: network => network,
    ownObservations: observations => observations[index]!,
    sees: seen,
    input: createCriticInput(
      { ...context, backend: workspaceOf(context.backend, 'critic input') },
      seen,
      settings.batch,
    ),
    noise,
    workspace: workspaceOf(context.backend, 'update'),
    present: new Float32Array(settings.batch),
    target: new Float32Array(settings.batch),
    rewardScales: [rewardScale],
    policies,
    inference,
    asked: {},
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
  const { context, settings, agent, input, workspace } = parts
  const { criticNetwork: layers, share, random, backend } = context
  const targetName = `target${name[0]!.toUpperCase()}${name.slice(1)}`
  const orthogonal = layers.orthogonal === undefined ? undefined : { ...layers.orthogonal, output: 1 }
  const { sets } = input
  const spec = mlp(input.size, layers.hidden, outputs, layers.activation, { ...layers, orthogonal, sets })
  const made = share(name, () => {
    const network = backend.network(spec, random(name), name)
    const target = backend.network(spec, random(targetName), targetName)
    if (settings.copyTargets) backend.copy(network, target)
    const rate = settings.criticLearningRate ?? settings.learningRate
    return { network, target, optimizer: createOptimizer(context, settings, network, [agent.id, name], rate) }
  })
  parts.networks[name] = made.network
  parts.networks[targetName] = made.target
  parts.kept[`${name}Optimizer`] = made.optimizer
  const { rows, together } = parts
  const { network, target } = made
  return {
    backend: workspace,
    id: agent.id,
    rows,
    tau: settings.tau,
    ...made,
    network: together(network),
    target: together(target),
    gradient: workspace.matrix(rows, outputs),
  }
}

/** What an algorithm does with a batch, for the policy that learns from it. */
export type PolicyUpdate = (batch: Batch, roster: Roster, policy: LearningPolicy) => UpdateFigures

/** The learner whose update, beyond what all share, is this. `judge`: Q in one row of its critic's outputs; default: the output. */
export function createReplayLearner(
  parts: Parts,
  update: PolicyUpdate,
  judge: (outputs: Matrix) => number = ({ data }) => data[0]!,
): ReplayLearner {
  const { settings, index, indices, present, policies, inference } = parts
  return {
    ...createMember(parts, judge),
    subPolicies: settings.subPolicies,
    update(batch, roster, subPolicy = 0) {
      indices.forEach((agent, member) => {
        const own = present.subarray(member * batch.rows, (member + 1) * batch.rows)
        presence(batch, agent, own)
        if (settings.timeLimit === 'drop') withoutCut(batch, agent, own)
      })
      if (settings.subPolicies > 1) onlyOf(subPolicy, batch.observations[index]!, present)
      const inferred = inference.learn(batch, roster)
      const figures = update(batch, roster, policies.policies[subPolicy]!)
      inference.updateTargets()
      return { ...figures, ...inferred }
    },
  }
}

/** The agent as others know it, once all of its networks were made: its policy, what its critic expects, and what is saved. */
export function createMember(
  parts: Parts,
  judge: (outputs: Matrix) => number = ({ data }) => data[0]!,
): Member & Required<Pick<Member, 'targetActor' | 'value'>> {
  const { context, policies, networks, kept } = parts
  /** Input of one row, for values that somebody asks about; made for the first question. */
  let oneRow: CriticInput | undefined
  return {
    actor: policies.actor,
    targetActor: policies.targetActor,
    value(moment, actions) {
      oneRow ??= createCriticInput({ ...context, backend: workspaceOf(context.backend, 'value') }, parts.sees, 1)
      if (parts.asked.value !== undefined) return parts.asked.value(moment, actions, oneRow)
      return judge(networks.critic!.act(oneRow.of(moment, j => actions[j]!)))
    },
    ...saveNetworks(networks, kept),
  }
}
