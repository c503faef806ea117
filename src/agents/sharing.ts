// Parameter sharing: who has networks in common, and how learners come by them.
import type { AgentSpec } from '../types.ts'
import { alone, type Identity } from './identity.ts'

/** What a learner is told about whom it shares with. */
export interface Sharing {
  /** Who the agent is to the networks. */
  readonly identity: Identity
  /** How many agents have its networks, itself included. */
  readonly members: number
  /** Makes a part of the learner, or gives the part of that name that agents with shared parameters have in common. */
  readonly share: <T>(name: string, make: () => T) => T
}

/**
 * Per agent: agents of one team with observations of one size and equal action spaces are a group, in which each named part is made
 * once (Gupta, Egorov and Kochenderfer 2017); an agent alone in its group shares nothing. Not `wanted`: everybody is
 * alone. `toldApart`: whether networks are told which agent of a group it is; if not they fit groups of any size.
 */
export function sharingOf(agents: readonly AgentSpec[], wanted: boolean, toldApart = true): readonly Sharing[] {
  const groups = new Map<string, { readonly members: AgentSpec[]; readonly share: Sharing['share'] }>()
  const groupOf = (agent: AgentSpec) => {
    const alike = JSON.stringify([agent.team, agent.observationSize, agent.actionSpace])
    const group = groups.get(alike) ?? { members: [], share: remembering() }
    groups.set(alike, group)
    return group
  }
  if (wanted) for (const agent of agents) groupOf(agent).members.push(agent)
  return agents.map(agent => {
    const { members, share } = groupOf(agent)
    if (members.length < 2) return { identity: alone, members: 1, share: (_, make) => make() }
    const identity = toldApart ? { position: members.indexOf(agent), members: members.length } : alone
    return { identity, members: members.length, share }
  })
}

/** Makes each part once, by its name. */
function remembering(): Sharing['share'] {
  const parts = new Map<string, unknown>()
  return <T>(name: string, make: () => T) => {
    if (!parts.has(name)) parts.set(name, make())
    return parts.get(name) as T
  }
}
