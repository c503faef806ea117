// Inferred policies: what a learner believes of agents whose policies it does not read, learnt from what they were seen doing.

import { type Actor, type ActorConfig, createActor } from '../agents/actor.ts'
import { alone } from '../agents/identity.ts'
import type { AgentContext } from '../learning/agent-context.ts'
import { presence } from '../learning/batch-rows.ts'
import type { CriticView } from '../learning/critic-input.ts'
import { finiteLoss } from '../learning/finite-loss.ts'
import type { Member, Roster } from '../learning/member.ts'
import { createOptimizer } from '../learning/optimizer.ts'
import type { MaddpgSettings } from '../learning/options.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import type { Network } from '../nn/network.ts'
import { workspaceOf } from '../nn/workspace.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Batch, Matrix, Stateful } from '../types.ts'
import { createLikelihood } from './likelihood.ts'
import { actorWorkspace } from './sub-policies.ts'

export interface Inference {
  /** Who stands for an agent in targets: what was inferred of it, else the agent itself. */
  standIn(agent: number, roster: Roster): Pick<Member, 'actor' | 'targetActor'>
  /**
   * One step of every inferred policy towards the actions in the batch. `inferenceLoss`: their mean loss before it; `inferenceKL`: the
   * mean KL(inferred || true) of those whose true policies can be read.
   * @throws NonFiniteError when a loss is not finite.
   */
  learn(batch: Batch, roster: Roster): UpdateFigures
  /** Their target copies come closer. */
  updateTargets(): void
  /** What has to be saved. */
  readonly networks: Readonly<Record<string, Network>>
  readonly parts: Readonly<Record<string, Stateful>>
}

/**
 * Lowe et al. 2017, section 4.2. Agent i keeps an approximation of each other agent j that it does not read: all of them where
 * `learner.inferPolicies` says so, and always those that nobody can read. It is a feed-forward actor as the config describes them,
 * boxes with a deviation of their own, whatever j itself is made of; its target copy begins equal. It maximises
 * log p(a_j | o_j) + lambda H over the batch, just before the critic learns. A critic that sees its own agent alone asks about nobody,
 * so nothing is inferred.
 */
export function createInference(context: AgentContext, settings: MaddpgSettings, sees: CriticView): Inference {
  const { agents, index, unreadable } = context
  const asked = sees === 'local' ? [] : settings.inferPolicies ? agents.map((_, other) => other) : [...unreadable]
  const models = new Map(
    asked.flatMap(other => (other === index ? [] : [[other, createModel(context, settings, other)] as const])),
  )
  const present = new Float32Array(settings.batch)
  const all = [...models.values()]
  return {
    networks: Object.assign({}, ...all.map(({ networks }) => networks)),
    parts: Object.assign({}, ...all.map(({ parts }) => parts)),
    standIn: (agent, roster) => models.get(agent) ?? roster[agent]!,
    learn(batch, roster) {
      if (models.size === 0) return {}
      let loss = 0
      const divergences: number[] = []
      for (const [other, model] of models) {
        presence(batch, other, present)
        const { actor, isReadable = true } = roster[other]!
        const readable = isReadable && !unreadable.has(other) ? actor : null
        const figures = model.learn(batch, readable, present)
        loss += figures.loss
        if (figures.divergence !== null) divergences.push(figures.divergence)
      }
      const inferenceLoss = loss / models.size
      if (divergences.length === 0) return { inferenceLoss }
      return { inferenceLoss, inferenceKL: divergences.reduce((sum, kl) => sum + kl, 0) / divergences.length }
    },
    updateTargets() {
      for (const { updateTarget } of all) updateTarget()
    },
  }
}

/** What is believed of one agent. */
function createModel(context: AgentContext, settings: MaddpgSettings, other: number) {
  const { backend, agents, index } = context
  const { batch: rows, inferenceEntropy, tau } = settings
  const agent = agents[other]!
  const name = `inferred_${agent.id}`
  const actorConfig = { ...context.network, memory: 0, boxes: 'sampled' } as const
  const create = (from: Parameters<typeof createActor>[3], config: ActorConfig = actorConfig) =>
    createActor(backend, agent, config, from, alone, actorWorkspace(backend))
  // The same stream twice: the target begins as a copy.
  const soft = create(context.random(name))
  const network = soft.network
  const softTarget = create(context.random(name))
  const target = softTarget.network
  const hardConfig = { ...actorConfig, estimator: 'straightThrough' } as const
  const hard = {
    actor: create(network, hardConfig),
    targetActor: create(target, hardConfig),
  }
  const whose = [agents[index]!.id, `inferred policy of ${agent.id}`] as const
  const optimizer = createOptimizer(
    context,
    settings,
    network,
    whose,
    settings.actorLearningRate ?? settings.learningRate,
  )
  const { temperature } = actorConfig
  const temperatureNow = typeof temperature === 'number' ? () => temperature : temperature
  const likelihood = createLikelihood(workspaceOf(backend, 'inferred'), agent.actionSpace, rows, temperatureNow)
  /** Whether only one-hots were seen in the last batch, as of an opponent that does not mix: then it is believed to go on so. */
  let oneHot = false

  return {
    networks: { [name]: network, [`${name}_target`]: target },
    parts: { [`${name}_optimizer`]: optimizer },
    get actor(): Actor {
      return oneHot ? hard.actor : soft
    },
    get targetActor(): Actor {
      return oneHot ? hard.targetActor : softTarget
    },
    learn(batch: Batch, truth: Actor | null, present: Float32Array) {
      const observations = batch.observations[other]!
      const actions = batch.actions[other]!
      oneHot = areOneHot(actions, agent.actionSpace, present)
      const outputs = network.forward(observations)
      const divergence =
        truth === null
          ? null
          : likelihood.divergence(outputs, truth.distribution(observations), present, observations.mask)
      const { loss, gradient } = likelihood.loss(outputs, actions, present, inferenceEntropy, observations.mask)
      finiteLoss(loss, agents[index]!.id, `inferred policy of ${agent.id}`)
      network.backward(gradient)
      optimizer.step()
      return { loss, divergence }
    },
    updateTarget: () => backend.softUpdate(target, network, tau),
  }
}

/** Whether every choice in the rows that count is one alternative and no other. */
function areOneHot({ rows, columns, data }: Matrix, space: ActionSpace, present: Float32Array): boolean {
  let from = 0
  for (const { kind, size } of space) {
    for (let row = 0; kind === 'choice' && row < rows; row++) {
      if (present[row] === 0) continue
      const at = row * columns + from
      for (let k = at; k < at + size; k++) if (data[k] !== 0 && data[k] !== 1) return false
    }
    from += size
  }
  return true
}
