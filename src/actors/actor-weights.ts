// What actors need of those that learn: the parameters of the networks that act, as one row of numbers, and the versions of it that are kept.
import type { Roster } from '../learning/member.ts'
import type { Network } from '../nn/network.ts'

/** The parameters of all networks that act, one behind the other in agent order; a network that agents share stands there once. */
export interface ActingWeights {
  /** Numbers of a version. */
  readonly size: number
  /** The networks, in that order. */
  readonly networks: readonly Network[]
  /** Of each agent, which of the networks act for it. */
  readonly agents: readonly (readonly number[])[]
  /** The parameters as they are now. */
  read(): Float32Array
  /** Gives the networks the parameters of a version. */
  write(version: Float32Array): void
}

/** `changes`: whether an agent's networks are learning; the others stay as they were made. */
export function actingWeights(roster: Roster, changes: (agent: number) => boolean): ActingWeights {
  const byAgent = roster.map(({ actor, behaviour = actor }, agent) => (changes(agent) ? behaviour.networks : []))
  const networks: readonly Network[] = [...new Set(byAgent.flat())]
  const size = networks.reduce((sum, { parameters }) => sum + parameters.length, 0)
  return {
    size,
    networks,
    agents: byAgent.map(own => own.map(network => networks.indexOf(network))),
    read() {
      const all = new Float32Array(size)
      let at = 0
      for (const { parameters } of networks) {
        all.set(parameters, at)
        at += parameters.length
      }
      return all
    },
    write(version) {
      let at = 0
      for (const { parameters } of networks) {
        parameters.set(version.subarray(at, at + parameters.length))
        at += parameters.length
      }
    },
  }
}

/** The last versions in memory that threads may share: a version takes the place of the one that came so many before it. */
export interface KeptVersions {
  readonly buffer: ArrayBufferLike
  /** How many; absent: a version stays as it is. */
  readonly count?: number
  /** The numbers of a version; they are its own until so many versions later. */
  at(version: number): Float32Array
}

export function keptVersions(buffer: ArrayBufferLike, size: number, count: number): KeptVersions {
  const all = Array.from({ length: count }, (_, place) => new Float32Array(buffer, 4 * size * place, size))
  return { buffer, count, at: version => all[version % count]! }
}

/** Bytes that versions of some time ago take at most, beyond the fewest that are kept. */
const mostPast = 256e6
const fewestPast = 64

/** Many versions of the weights, for those who were slow: the oldest give way. */
export interface PastVersions {
  add(version: number, weights: Float32Array): void
  has(version: number): boolean
  /** @throws RangeError where it is not there any more */
  at(version: number): Float32Array
}

/** `size`: numbers of a version. */
export function createPastVersions(size: number): PastVersions {
  const most = Math.max(fewestPast, Math.floor(mostPast / (4 * Math.max(1, size))))
  const all = new Map<number, Float32Array>()
  return {
    add(version, weights) {
      // A run that was restored goes on from an earlier one.
      for (const later of all.keys()) if (later >= version) all.delete(later)
      all.set(version, weights)
      if (all.size > most) all.delete(all.keys().next().value!)
    },
    has: version => all.has(version),
    at(version) {
      const weights = all.get(version)
      if (weights === undefined) throw new RangeError(`weights: version ${version} is not kept any more`)
      return weights
    },
  }
}
