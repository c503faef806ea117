// The members of a group that learns as one: actors, what they record, and the networks that are saved with each of them.
import type { Network } from '../nn/network.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Column, Stateful } from '../types.ts'
import type { Member } from './member.ts'
import type { StochasticPolicy } from './stochastic-policy.ts'

/** A critic of a group, whatever it judges. */
export interface MembersCritic {
  readonly network: Network
  readonly targetNetwork?: Network
  /** What is saved beside its networks. */
  readonly parts: Readonly<Record<string, Stateful>>
  readonly statistics: Stateful | null
  endRound(trajectory: Trajectory): void
}

/**
 * Every member saves the networks that it shares, so that each can be taken out of a checkpoint by itself. `further`: what acting records beside what the policy needs; `state`: what is saved beside that of policy and V.
 * @see {@link updatesOverRollouts} for an example
 */
export function learningMembers(
  policy: StochasticPolicy,
  value: MembersCritic | null,
  further: readonly Column[] = [],
  state: Readonly<Record<string, Stateful>> = {},
): readonly Member[] {
  const { actors, network, optimizer, records } = policy
  const target = value?.targetNetwork
  const networks = {
    actor: network,
    ...(value && { critic: value.network }),
    ...(target && { targetCritic: target }),
  }
  const parts = { ...(optimizer && { actorOptimizer: optimizer }), ...value?.parts, ...state }
  const statistics = {
    ...(policy.statistics && { actorStatistics: policy.statistics }),
    ...(value?.statistics && { criticStatistics: value.statistics }),
  }
  return actors.map(actor => ({
    actor,
    records: [...records, ...further],
    endRound(trajectory) {
      policy.endRound(trajectory)
      value?.endRound(trajectory)
    },
    ...saveNetworks(networks, { ...parts, ...statistics }),
  }))
}
