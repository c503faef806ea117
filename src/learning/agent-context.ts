// What a learner that has networks of its own for each agent is told about one of them.
import type { Identity } from '../agents/identity.ts'
import type { Noise, Random } from '../random.ts'
import type { TeamContext } from './algorithm.ts'

/** What a learner of one agent is made of: its team's context, and the agent's own streams of random numbers. */
export interface AgentContext
  extends Pick<
    TeamContext,
    'backend' | 'agents' | 'stateParts' | 'network' | 'criticNetwork' | 'unreadable' | 'now' | 'rateScale'
  > {
  /** Which of the agents it is. */
  readonly index: number
  /** Named streams of this agent: `random('actor')`. */
  random(name: string): Random
  noise(name: string): Noise
  /** Makes a part of the learner, or gives the part of that name that agents with shared parameters have in common. */
  share<T>(name: string, make: () => T): T
  /** Agents that have its parts in common, itself included; default: itself alone. */
  readonly members?: number
  /** Who the agent is among those with shared parameters, to its actor. */
  readonly identity: Identity
  /** The same to its critics; default: as to its actor. */
  readonly criticIdentity?: Identity
}

/** One context for each agent of the team, in agent order. */
export function agentContexts({ indices, sharing, random, noise, ...team }: TeamContext): AgentContext[] {
  return indices.map(index => {
    const { id } = team.agents[index]!
    return {
      ...team,
      index,
      random: name => random(id, name),
      noise: name => noise(id, name),
      ...sharing[index]!,
    }
  })
}
