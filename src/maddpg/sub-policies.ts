// The policies of one learner: one, or an ensemble of which one is drawn per episode (Lowe et al. 2017, section 4.3).
import { type Actor, type ActorWorkspace, createActor, type LearningActor } from '../agents/actor.ts'
import { createEnsembleActor, subPoliciesIn } from '../agents/ensemble-actor.ts'
import type { AgentContext } from '../learning/agent-context.ts'
import { createOptimizer } from '../learning/optimizer.ts'
import type { MaddpgSettings } from '../learning/options.ts'
import type { Backend, Optimizer } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import { workspaceOf } from '../nn/workspace.ts'
import type { Observations, Stateful } from '../types.ts'

/** One policy of an agent: its actor, target actor and optimizer. */
export interface LearningPolicy {
  readonly actor: LearningActor
  readonly targetActor: LearningActor
  readonly optimizer: Pick<Optimizer, 'step'>
}

export interface SubPolicies {
  readonly policies: readonly LearningPolicy[]
  /** All of them as one: what acts, and what stands for the agent in targets. */
  readonly actor: Actor
  readonly targetActor: Actor
  /** What has to be saved: `actor`, `targetActor`; of the second sub-policy `actor1`, `targetActor1`. */
  readonly networks: Readonly<Record<string, Network>>
  readonly parts: Readonly<Record<string, Stateful>>
}

/**
 * `learner.subPolicies` policies of an agent, each drawn from streams of its own and, with shared parameters, each in common with the
 * same sub-policy of the others. What an agent maximises is the mean over its K sub-policies (equation 8), so each steps by 1/K of its
 * gradient, that of penalties and entropies included. A learner makes K updates per round, each from transitions in which the
 * sub-policy acted: K times the work.
 */
export function createSubPolicies(context: AgentContext, settings: MaddpgSettings): SubPolicies {
  const { backend, agents, index, share, identity, members = 1 } = context
  const agent = agents[index]!
  const count = settings.subPolicies
  const rate = settings.actorLearningRate ?? settings.learningRate
  const networks: Record<string, Network> = {}
  const parts: Record<string, Stateful> = {}

  // Who learns from one batch for all of a round asks every target actor about the same observations.
  const keepsOutputs = settings.draws === 'round' && count === 1 && members === 1
  const policyOf = (k: number): LearningPolicy => {
    const [name, targetName] = [numbered('actor', k), numbered('targetActor', k)]
    const ofAll = share(numbered('policy', k), () => {
      const actor = createActor(
        backend,
        agent,
        context.network,
        context.random(name),
        identity,
        actorWorkspace(backend),
      )
      const random = context.random(targetName)
      const targetActor = createActor(backend, agent, context.network, random, identity, actorWorkspace(backend))
      // Targets begin with weights of their own, as the reference does, unless they are to be copies.
      if (settings.copyTargets) backend.copy(actor.network, targetActor.network)
      const optimizer = createOptimizer(context, settings, actor.network, [agent.id, name], rate)
      return { actor, targetActor, optimizer: shareOf(count, actor.network, optimizer) }
    })
    // Agents that share a network are other actors on it, each with its own number.
    const own = ({ network }: LearningActor, keepsOutputs = false) =>
      createActor(backend, agent, context.network, network, identity, { ...actorWorkspace(backend), keepsOutputs })
    networks[name] = ofAll.actor.network
    networks[targetName] = ofAll.targetActor.network
    parts[`${name}Optimizer`] = ofAll.optimizer
    return { ...ofAll, actor: own(ofAll.actor), targetActor: own(ofAll.targetActor, keepsOutputs) }
  }

  const policies = Array.from({ length: count }, (_, k) => policyOf(k))
  const together = (of: (policy: LearningPolicy) => Actor) =>
    count === 1 ? of(policies[0]!) : createEnsembleActor(backend, policies.map(of))
  return {
    policies,
    actor: together(({ actor }) => actor),
    targetActor: together(({ targetActor }) => targetActor),
    networks,
    parts,
  }
}

/** What the actors of all learners have in common: one acts at a time, and one learns. */
export function actorWorkspace(backend: Backend): ActorWorkspace {
  const [acting, learning] = [workspaceOf(backend, 'acting'), workspaceOf(backend, 'actor')]
  const identification = {
    acting: workspaceOf(backend, 'identified acting'),
    learning: workspaceOf(backend, 'identified actor'),
  }
  return { acting, learning, identification }
}

/** Takes out the rows in which another sub-policy acted: a batch that all updates of a round learn from has some. */
export function onlyOf(subPolicy: number, { extras }: Observations, present: Float32Array): void {
  const numbers = subPoliciesIn(extras, present.length)
  for (let row = 0; row < present.length; row++) if (numbers[row] !== subPolicy) present[row] = 0
}

/** `actor`, `actor1`, `actor2`, ... */
function numbered(name: string, k: number): string {
  return k === 0 ? name : `${name}${k}`
}

/** The same optimizer, by one part in `count` of the gradient. */
function shareOf<T extends Pick<Optimizer, 'step'>>(count: number, { gradients }: Network, optimizer: T): T {
  if (count === 1) return optimizer
  return {
    ...optimizer,
    step() {
      for (let i = 0; i < gradients.length; i++) gradients[i]! /= count
      optimizer.step()
    },
  }
}
