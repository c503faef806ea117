// The particles of a group: sub-policies that are learnt side by side, and step along Stein's directions.
import { createEnsembleActor } from '../agents/ensemble-actor.ts'
import type { Group } from '../learning/groups.ts'
import type { Member } from '../learning/member.ts'
import type { OptimisationSettings, ValueSettings } from '../learning/options.ts'
import { createStateValue, type StateValue } from '../learning/state-value.ts'
import { createStochasticPolicy, type StochasticPolicy } from '../learning/stochastic-policy.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import { type Network, tensorLength } from '../nn/network.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import { actedBy, type Trajectory } from '../rollout/trajectory.ts'
import type { Stateful } from '../types.ts'
import { type ActorCriticSettings, defaultCritic } from './actor-critic.ts'
import { steinDirections } from './stein.ts'

export interface ParticleSettings extends OptimisationSettings, ValueSettings, Pick<ActorCriticSettings, 'critic'> {
  readonly subPolicies: number
  readonly base: 'a2c' | 'reinforce'
  readonly repulsion: number
  readonly priorDeviation: number | null
}

export interface Particle {
  readonly policy: StochasticPolicy
  /** Null: it has none. */
  readonly value: StateValue | null
}

export interface Particles {
  readonly each: readonly Particle[]
  readonly members: readonly Member[]
  readonly isRecurrent: boolean
  readonly networks: readonly Network[]
  /** The part of a trajectory in which a particle acted. */
  part(trajectory: Trajectory, particle: number): Trajectory
  /**
   * Mixes the gradients of all policies, and makes a step of every optimizer; figures are means. Particles that learn alone and values make
   * none where theirs has not acted. `acted`: in how many rows each has.
   */
  step(acted: ArrayLike<number>): UpdateFigures
}

/** Particle k draws its weights from the first agent's streams `actor` and `critic` (k = 0), `actor1` and `critic1`, ... */
export function createParticles(group: Group, settings: ParticleSettings): Particles {
  const { team } = group
  const { subPolicies: count, base, repulsion: temperature, priorDeviation, critic } = settings
  const each = Array.from({ length: count }, (_, k): Particle => {
    const random: typeof team.random = (id, name) => team.random(id, numbered(name, k))
    const own = { ...group, team: { ...team, random } }
    return {
      policy: createStochasticPolicy(own, settings),
      value: base === 'a2c' ? createStateValue(own, critic ?? defaultCritic, settings) : null,
    }
  })
  const parts = new WeakMap<Trajectory, Trajectory[]>()
  const partsOf = (trajectory: Trajectory) => {
    const found = parts.get(trajectory) ?? (count === 1 ? [trajectory] : each.map((_, k) => actedBy(trajectory, k)))
    parts.set(trajectory, found)
    return found
  }

  const mix = (): number => {
    const places = each.map(({ policy }) => learntPlaces(policy.network))
    const own = each.map(({ policy: { network } }, k) => gather(network.parameters, places[k]!, 1))
    // Networks hold the gradient of the loss.
    const gradients = each.map(({ policy: { network } }, k) => gather(network.gradients, places[k]!, -1))
    const { directions, similarity } = steinDirections(own, gradients, { temperature, priorDeviation })
    each.forEach(({ policy: { network } }, k) => {
      places[k]!.forEach((place, i) => {
        network.gradients[place] = -directions[k]![i]!
      })
    })
    return similarity
  }

  return {
    each,
    members: membersOf(group, each, partsOf),
    isRecurrent: each[0]!.policy.isRecurrent,
    networks: each.flatMap(({ policy, value }) => [policy.network, ...(value === null ? [] : [value.network])]),
    part: (trajectory, particle) => partsOf(trajectory)[particle]!,
    step(acted) {
      const learning = each.filter((_, k) => acted[k]! > 0)
      const similarity = temperature > 0 ? { similarity: mix() } : {}
      const stepping = temperature > 0 ? each : learning
      let [actorGradientNorm, criticGradientNorm] = [0, 0]
      for (const { policy } of stepping) actorGradientNorm += policy.step().actorGradientNorm / stepping.length
      for (const { value } of learning) criticGradientNorm += (value?.step().criticGradientNorm ?? 0) / learning.length
      return { actorGradientNorm, ...(base === 'a2c' ? { criticGradientNorm } : {}), ...similarity }
    },
  }
}

/** Agents of the group, each an ensemble; all save what they share. */
function membersOf(
  group: Group,
  each: readonly Particle[],
  partsOf: (trajectory: Trajectory) => readonly Trajectory[],
): readonly Member[] {
  const networks: Record<string, Network> = {}
  const parts: Record<string, Stateful> = {}
  each.forEach(({ policy, value }, k) => {
    networks[numbered('actor', k)] = policy.network
    if (policy.optimizer !== null) parts[`${numbered('actor', k)}Optimizer`] = policy.optimizer
    if (policy.statistics !== null) parts[`${numbered('actor', k)}Statistics`] = policy.statistics
    if (value === null) return
    networks[numbered('critic', k)] = value.network
    for (const [name, part] of Object.entries(value.parts)) parts[numbered(name, k)] = part
    if (value.statistics !== null) parts[`${numbered('critic', k)}Statistics`] = value.statistics
  })
  return group.indices.map((_, i) => {
    const actors = each.map(({ policy }) => policy.actors[i]!)
    return {
      actor: actors.length === 1 ? actors[0]! : createEnsembleActor(group.team.backend, actors),
      records: each[0]!.policy.records,
      endRound(trajectory) {
        each.forEach(({ policy, value }, k) => {
          policy.endRound(partsOf(trajectory)[k]!)
          value?.endRound(partsOf(trajectory)[k]!)
        })
      },
      ...saveNetworks(networks, parts),
    }
  })
}

/** Where parameters stand that gradients move. */
function learntPlaces({ tensors }: Network): readonly number[] {
  return tensors
    .filter(({ name }) => !/\.(mean|scale)$/.test(name))
    .flatMap(tensor => Array.from({ length: tensorLength(tensor) }, (_, i) => tensor.offset + i))
}

function gather(values: Float32Array, places: readonly number[], sign: number): Float64Array {
  return Float64Array.from(places, place => sign * values[place]!)
}

/** `actor`, `actor1`, `actor2`, ... */
function numbered(name: string, k: number): string {
  return k === 0 ? name : `${name}${k}`
}
