// Earlier weights of a policy, which act while later ones learn: experience of which the age is known, and the same on every machine.
import type { Actor } from '../agents/actor.ts'
import type { Network } from '../nn/network.ts'
import type { Stateful } from '../types.ts'
import type { Group } from './groups.ts'
import { createStochasticPolicy } from './stochastic-policy.ts'

export interface LaggingPolicy extends Stateful {
  /** Of the agents of the group, in order. */
  readonly actors: readonly Actor[]
  /** The policy is about to make a step: version n becomes n + 1. What acts is version n + 1 - lag from now on, the first one before there are as many. */
  advance(): void
}

/** `lag`: steps of the policy, at least 1. Its state is the last `lag` versions. */
export function createLaggingPolicy(group: Group, { parameters }: Network, lag: number): LaggingPolicy {
  const { actors, network } = createStochasticPolicy(group, null)
  /** The oldest acts. */
  let versions: Float32Array[] = new Array<Float32Array>(lag).fill(Float32Array.from(parameters))
  const act = () => network.parameters.set(versions[0]!)
  return {
    actors,
    advance() {
      versions = [...versions.slice(1), Float32Array.from(parameters)]
      act()
    },
    save: () => versions,
    restore(saved) {
      const state = saved as readonly Float32Array[]
      if (state.length !== lag || state.some(({ length }) => length !== parameters.length)) {
        throw new RangeError(
          `earlier weights of a policy: expected ${lag} times ${parameters.length} numbers, got ${state.map(({ length }) => length)}`,
        )
      }
      versions = state.map(version => Float32Array.from(version))
      act()
    },
  }
}
