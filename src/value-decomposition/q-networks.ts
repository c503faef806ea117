// The Q networks of agents that share parameters: Q(o, a) of every alternative, a target that follows, an optimizer, and actors that take the best.
import { createActor, type LearningActor } from '../agents/actor.ts'
import { actorsOf, type Group } from '../learning/groups.ts'
import { createOptimizer, type ScheduledOptimizer } from '../learning/optimizer.ts'
import type { Network } from '../nn/network.ts'
import type { ValueSettings } from './options.ts'

export interface QNetworks {
  readonly group: Group
  /** Of the agents of the group, in order. */
  readonly actors: readonly LearningActor[]
  /** [rows, alternatives] An action of several choices is worth the sum over them. */
  readonly network: Network
  readonly target: Network
  readonly optimizer: ScheduledOptimizer
}

/** Weights from the first agent's stream `actor`; the target begins as a copy. */
export function createQNetworks(group: Group, settings: ValueSettings): QNetworks {
  const { team, agent } = group
  const { backend } = team
  const config = { ...team.network, temperature: 1, estimator: 'straightThrough', actionValues: true } as const
  const actors = actorsOf<LearningActor>(group, (index, first) => {
    const from = first?.network ?? team.random(agent.id, 'actor')
    return createActor(backend, team.agents[index]!, config, from, team.sharing[index]!.identity)
  })
  const { network } = actors[0]!
  const target = backend.network(network.spec, team.random(agent.id, 'targetActor'))
  backend.copy(network, target)
  return { group, actors, network, target, optimizer: createOptimizer(team, settings, network, [group.name, 'actor']) }
}
