// The average policy: it follows the one that learns slowly, and a row of a step may lead away from it only so far (Wang et al. 2017, section 3.3).
import type { TeamContext } from '../learning/algorithm.ts'
import type { StochasticPolicy } from '../learning/stochastic-policy.ts'
import type { Network } from '../nn/network.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import type { Stateful } from '../types.ts'

export interface AveragePolicy extends Stateful {
  /** theta_a */
  readonly network: Network
  /** It reads observations in the units of the other, as it must be told before it is asked. */
  adoptStatistics(): void
  /** theta_a <- alpha theta_a + (1 - alpha) theta, after a step of theta. */
  follow(): void
}

/** Begins as a copy. `decay`: alpha. */
export function createAveragePolicy(
  { backend, random }: TeamContext,
  id: string,
  policy: Pick<StochasticPolicy, 'network' | 'statistics'>,
  decay: number,
): AveragePolicy {
  const network = backend.network(policy.network.spec, random(id, 'averageActor'))
  backend.softUpdate(network, policy.network, 1)
  return {
    network,
    adoptStatistics() {
      if (policy.statistics === null) return
      // The first two tensors are mean and scale.
      const { offset } = network.tensors[2]!
      network.parameters.set(policy.network.parameters.subarray(0, offset))
    },
    follow: () => backend.softUpdate(network, policy.network, 1 - decay),
    ...saveNetworks({ network }, {}),
  }
}

/**
 * z of the problem minimise |g - z|^2 / 2 subject to k z <= delta, written over g: g - max(0, (k g - delta) / |k|^2) k (equation 12). g is
 * what a row's statistics climb, k the gradient of KL(average, policy) at them. Whether the constraint held.
 */
export function project(g: Float64Array, k: Float64Array, delta: number): boolean {
  let [inner, square] = [0, 0]
  for (let i = 0; i < g.length; i++) {
    inner += k[i]! * g[i]!
    square += k[i]! * k[i]!
  }
  if (inner <= delta || square === 0) return false
  const excess = (inner - delta) / square
  for (let i = 0; i < g.length; i++) g[i]! -= excess * k[i]!
  return true
}
