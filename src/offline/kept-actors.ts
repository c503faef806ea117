// Actors as data that a page can hold, and brought back to life from it: the same networks, the same heads, the same bits.
import { type Actor, type ActorConfig, createActor } from '../agents/actor.ts'
import { createEnsembleActor } from '../agents/ensemble-actor.ts'
import { alone, type Identity } from '../agents/identity.ts'
import { NonFiniteError } from '../errors.ts'
import type { Backend } from '../nn/backend.ts'
import type { Network, NetworkSpec } from '../nn/network.ts'
import { createRandom } from '../random.ts'
import type { AgentSpec } from '../types.ts'
import { floatsOf, textOf } from './float-text.ts'

export interface KeptActor {
  /** Which of the networks: one, or one per sub-policy. */
  readonly networks: readonly number[]
  readonly config: KeptConfig
  readonly identity: Identity
}

/** As it acts now: what changes during a training stands where it had come to. */
export type KeptConfig = Omit<ActorConfig, 'temperature'> & { readonly temperature: number }

export interface KeptActors {
  readonly networks: readonly { readonly spec: NetworkSpec; readonly parameters: string }[]
  /** In agent order; null: who has none. */
  readonly actors: readonly (KeptActor | null)[]
}

/** @throws NonFiniteError naming the agent whose weights are no numbers. */
export function keepActors(
  agents: readonly Pick<AgentSpec, 'id'>[],
  acting: readonly ({ readonly actor: Actor; readonly config: ActorConfig } | null)[],
): KeptActors {
  const numbers = new Map<Network, number>()
  const networks: { spec: NetworkSpec; parameters: string }[] = []
  const keep = (id: string, network: Network): number => {
    const known = numbers.get(network)
    if (known !== undefined) return known
    if (!network.parameters.every(Number.isFinite)) {
      throw new NonFiniteError(`export: a weight of ${id} is not finite; nothing was written`)
    }
    numbers.set(network, networks.length)
    return networks.push({ spec: network.spec, parameters: textOf(network.parameters) }) - 1
  }
  const actors = acting.map((who, agent) => {
    if (who === null) return null
    const { actor, config } = who
    const { temperature } = config
    return {
      networks: actor.networks.map(network => keep(agents[agent]!.id, network)),
      config: { ...config, temperature: typeof temperature === 'number' ? temperature : temperature() },
      identity: actor.identity ?? alone,
    }
  })
  return { networks, actors }
}

/** In agent order. Agents that shared a network share it again. */
export function reviveActors(
  backend: Backend,
  agents: readonly Pick<AgentSpec, 'observationSize' | 'actionSpace'>[],
  { networks, actors }: KeptActors,
): (Actor | null)[] {
  const alive = networks.map(({ spec, parameters }) => {
    const network = backend.network(spec, createRandom(0))
    network.parameters.set(floatsOf(parameters))
    return network
  })
  return actors.map((kept, agent) => {
    if (kept === null) return null
    const policies = kept.networks.map(network =>
      createActor(backend, agents[agent]!, kept.config, alive[network]!, kept.identity),
    )
    return policies.length === 1 ? policies[0]! : createEnsembleActor(backend, policies)
  })
}

/** Bytes of memory that the networks want to act: parameters, gradients that stay zero, and working space. */
export function memoryFor({ networks }: KeptActors): number {
  return networks.reduce((sum, { parameters }) => sum + 4 * parameters.length, 2 ** 25)
}
