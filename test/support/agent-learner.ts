// The learner of one agent of a team, without a game or a replay buffer: tests hand it its batches.
import type { ActorConfig } from '../../src/agents/actor.ts'
import { alone, type Identity } from '../../src/agents/identity.ts'
import type { Sharing } from '../../src/agents/sharing.ts'
import type { Algorithm, TeamContext } from '../../src/learning/algorithm.ts'
import type { ReplayLearner } from '../../src/learning/replay-updates.ts'
import type { Backend } from '../../src/nn/backend.ts'
import type { Noise, Random } from '../../src/random.ts'
import type { ReplayView } from '../../src/replay/view.ts'
import type { AgentSpec } from '../../src/types.ts'

/** An agent that learns from batches. */
export type AgentLearner = Omit<ReplayLearner, 'update'> & {
  update(
    batch: Parameters<ReplayLearner['update']>[0],
    roster: readonly unknown[],
    subPolicy?: number,
  ): Record<string, number>
  readonly targetActor: NonNullable<ReplayLearner['targetActor']>
}

export interface AgentLearnerContext {
  readonly backend: Backend
  readonly agents: readonly AgentSpec[]
  readonly index: number
  readonly network: ActorConfig
  random(name: string): Random
  noise(name: string): Noise
  readonly unreadable?: ReadonlySet<number>
  readonly now?: () => number
  readonly share?: Sharing['share']
  readonly identity?: Identity
}

/** A replay view that gives no batches. */
export const noReplay: ReplayView = {
  size: 0,
  batches: () => ({
    batch() {
      throw new TypeError('this learner is handed its batches')
    },
    learnt() {},
    abandon() {},
  }),
}

/** The context of a team of which a test wants the learners alone. */
export function teamContext(
  given: Omit<TeamContext, 'criticNetwork' | 'games' | 'unreadable' | 'now' | 'rateScale' | 'replay'> &
    Partial<TeamContext>,
): TeamContext {
  const { network } = given
  const usual = { games: 1, unreadable: new Set<number>(), now: () => 0, rateScale: () => 1, replay: () => noReplay }
  return { criticNetwork: network, ...usual, ...given }
}

/** What an algorithm makes for one agent. */
export function agentLearner(
  algorithm: Algorithm,
  { index, share = (_, make) => make(), identity = alone, random, noise, ...context }: AgentLearnerContext,
  settings: Readonly<Record<string, unknown>>,
): AgentLearner {
  const team = teamContext({
    ...context,
    indices: [index],
    random: (_, name) => random(name),
    noise: (_, name) => noise(name),
    sharing: context.agents.map(() => ({ share, identity, members: identity.members })),
  })
  return algorithm.createLearner(team, settings).members[0] as unknown as AgentLearner
}
