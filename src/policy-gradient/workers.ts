// The workers of A3C: each has a copy of policy and V, of an earlier version, whose gradients step what they share (Mnih et al. 2016, algorithm S3).

import type { Actor } from '../agents/actor.ts'
import { createActorOfGames, type GameShare } from '../agents/actor-of-games.ts'
import type { Group } from '../learning/groups.ts'
import { optimizerOf, type ScheduledOptimizer } from '../learning/optimizer.ts'
import type { MemorySettings, OptimisationSettings, ValueSettings } from '../learning/options.ts'
import { createStateValue, type StateValue } from '../learning/state-value.ts'
import { createStochasticPolicy, type StochasticPolicy } from '../learning/stochastic-policy.ts'
import type { Network } from '../nn/network.ts'
import type { Saved, Stateful } from '../types.ts'
import { type ActorCriticSettings, defaultCritic } from './actor-critic.ts'

export interface PolicyAndValue {
  readonly policy: StochasticPolicy
  readonly value: StateValue
}

export interface Workers extends Stateful {
  /** Their copies; a step of one is a step of what they share. */
  readonly each: readonly PolicyAndValue[]
  /** Who acts for each agent of the group, in order: in each game the copy of its worker. */
  readonly actors: readonly Actor[]
  /** V's units are those that are shared: a worker takes them before it learns, and gives them back. */
  takeUnits(worker: number): void
  giveUnits(worker: number): void
  /** What is shared has made a step: a version is kept. */
  keep(): void
  /** A round is over: every worker takes the version that will be `lag` steps old when its own gradient is applied. */
  sync(): void
}

export interface WorkersConfig {
  /** Of each worker. */
  readonly shares: readonly GameShare[]
  /** Steps of what is shared between a copy and its gradient's own, at least as many as there are other workers. */
  readonly lag: number
  /** Whether optimizers' statistics are shared too; else each worker has its own. */
  readonly sharesStatistics: boolean
}

type Settings = OptimisationSettings & ValueSettings & MemorySettings & Pick<ActorCriticSettings, 'critic'>

export function createWorkers(
  group: Group,
  shared: PolicyAndValue,
  { shares, lag, sharesStatistics }: WorkersConfig,
  settings: Settings,
): Workers {
  const networks = [shared.policy.network, shared.value.network]
  /** Statistics of their own. */
  const statistics: ScheduledOptimizer[] = []

  const applying = (network: Network, name: 'actor' | 'critic'): ScheduledOptimizer => {
    const to = networks[name === 'actor' ? 0 : 1]!
    const own = sharesStatistics ? null : optimizerOf(group, settings, to, name)
    if (own !== null) statistics.push(own)
    return {
      step() {
        to.gradients.set(network.gradients)
        network.gradients.fill(0)
        if (own !== null) own.step()
        else if (name === 'actor') shared.policy.step()
        else shared.value.step()
      },
      save: () => null,
      restore() {},
    }
  }
  const each = shares.map((): PolicyAndValue => {
    const applied = { ...settings, createOptimizer: applying }
    return {
      policy: createStochasticPolicy(group, applied),
      value: createStateValue(group, settings.critic ?? defaultCritic, applied),
    }
  })
  const memories = each.flatMap(({ value }) => value.parts.criticMemory ?? [])

  const versionNow = () => networks.map(({ parameters }) => Float32Array.from(parameters))
  /** The last lag + 1, the oldest first; worker w takes number w when a round is over. */
  let versions: Version[] = Array.from({ length: lag + 1 }, versionNow)
  /** How many came since workers took theirs. */
  let since = 0
  const take = ({ policy, value }: PolicyAndValue, version: Version) => {
    policy.network.parameters.set(version[0]!)
    value.network.parameters.set(version[1]!)
  }
  const copyUnits = (from: StateValue, to: StateValue) => to.parts.valueNorm?.restore(from.parts.valueNorm!.save())

  return {
    each,
    actors: group.indices.map((_, i) =>
      createActorOfGames(
        group.team.backend,
        each.map(({ policy }) => policy.actors[i]!),
        shares,
      ),
    ),
    takeUnits: worker => copyUnits(shared.value, each[worker]!.value),
    giveUnits: worker => copyUnits(each[worker]!.value, shared.value),
    keep() {
      versions = [...versions.slice(1), versionNow()]
      since++
    },
    sync() {
      each.forEach((copy, worker) => void take(copy, versions[worker]!))
      since = 0
    },
    save: (): Saved => ({
      versions,
      since,
      memories: memories.map(memory => memory.save()),
      statistics: statistics.map(each => each.save()),
    }),
    restore(saved) {
      const state = saved as {
        versions: readonly Version[]
        since: number
        memories: readonly Saved[]
        statistics: readonly Saved[]
      }
      versions = state.versions.map(version => version.map(numbers => Float32Array.from(numbers)))
      since = state.since
      // Those whose turn is over need theirs no more.
      each.forEach((copy, worker) => void (worker >= since && take(copy, versions[worker - since]!)))
      memories.forEach((memory, i) => void memory.restore(state.memories[i]!))
      statistics.forEach((each, i) => void each.restore(state.statistics[i]!))
    },
  }
}

/** Parameters of the policy and of V. */
type Version = readonly Float32Array[]
