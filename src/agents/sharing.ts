// Parameter sharing: who has networks in common, and how learners come by them.
import type { AgentSpec } from '../types.ts'
import { alone, type Identity } from './identity.ts'

/** What a learner is told about whom it shares with. */
export interface Sharing {
  /** Who the agent is to its actor. */
  readonly identity: Identity
  /**
   * Who it is to critics, among all that have networks in common; default: the same. Agents of teams that one policy plays act as one and
   * the same agent, but what is good for the one is bad for the other.
   */
  readonly criticIdentity?: Identity
  /** How many agents have its networks, itself included. */
  readonly members: number
  /** Makes a part of the learner, or gives the part of that name that agents with shared parameters have in common. */
  readonly share: <T>(name: string, make: () => T) => T
}

export interface SharingOptions {
  /** Whether networks are told which agent of a group it is; if not they fit groups of any size. Default: yes. */
  readonly toldApart?: boolean
  /**
   * Teams that are played by the policies of another team, by its name: each agent shares with that team's agent of the same number, and
   * acts as that one does. Default: none.
   */
  readonly playedAs?: ReadonlyMap<string, string>
}

/**
 * Per agent: agents of one team with observations of one size and equal action spaces are a group, in which each named part is made
 * once (Gupta, Egorov and Kochenderfer 2017); an agent alone in its group shares nothing. Not `wanted`: everybody is alone.
 */
export function sharingOf(
  agents: readonly AgentSpec[],
  wanted: boolean,
  { toldApart = true, playedAs = new Map() }: SharingOptions = {},
): readonly Sharing[] {
  const policyTeam = ({ team }: AgentSpec) => playedAs.get(team) ?? team
  const numbers = new Map<string, number>()
  const groups = new Map<string, { readonly members: AgentSpec[]; readonly share: Sharing['share'] }>()
  const groupOf = new Map<AgentSpec, { readonly members: AgentSpec[]; readonly share: Sharing['share'] }>()
  for (const agent of agents) {
    const number = numbers.get(agent.team) ?? 0
    numbers.set(agent.team, number + 1)
    const who = wanted ? [agent.observationSize, agent.actionSpace] : number
    const alike = JSON.stringify([policyTeam(agent), who])
    const group = groups.get(alike) ?? { members: [], share: sharedParts() }
    groups.set(alike, group)
    group.members.push(agent)
    groupOf.set(agent, group)
  }
  return agents.map(agent => {
    const { members, share } = groupOf.get(agent)!
    if (members.length < 2) return { identity: alone, members: 1, share: (_, make) => make() }
    const shared = { members: members.length, share }
    if (!toldApart) return { identity: alone, ...shared }
    const own = members.filter(({ team }) => team === agent.team)
    const identity = own.length < 2 ? alone : placeIn(own, agent)
    return own.length === members.length
      ? { identity, ...shared }
      : { identity, criticIdentity: placeIn(members, agent), ...shared }
  })
}

function placeIn(members: readonly AgentSpec[], agent: AgentSpec): Identity {
  return { position: members.indexOf(agent), members: members.length }
}

/** Makes each part once, by its name. */
export function sharedParts(): Sharing['share'] {
  const parts = new Map<string, unknown>()
  return <T>(name: string, make: () => T) => {
    if (!parts.has(name)) parts.set(name, make())
    return parts.get(name) as T
  }
}
