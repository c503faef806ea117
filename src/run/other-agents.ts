// A run's actors in a game with other agents than it was trained with: teams of other sizes, where what networks read and are told does not depend on the size.
import { type Actor, createActor } from '../agents/actor.ts'
import { createEnsembleActor } from '../agents/ensemble-actor.ts'
import { sharingOf } from '../agents/sharing.ts'
import { ConfigError } from '../errors.ts'
import type { Member, Roster } from '../learning/member.ts'
import type { Backend } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import { createRandom } from '../random.ts'
import type { AgentSpec } from '../types.ts'
import type { AgentRole } from './policies.ts'

/** Whose actors they are. */
export interface TrainedAgents {
  readonly agents: readonly AgentSpec[]
  readonly roster: Roster
  readonly parts: readonly AgentRole[]
}

export interface OtherAgents extends Pick<TrainedAgents, 'roster' | 'parts'> {
  /** Takes over the weights of the actors as they are now. */
  refresh(): void
}

/** What is asked about the agents that were trained; `settings`: those of each agent's algorithm. */
type Sharers = readonly { readonly baseline: unknown; readonly settings: object }[]

/**
 * For each agent of a game the trained agent whose weights fit it, by index: of a team with the same members its namesake, else a member of
 * the team's group, all of which share their networks and are not told apart.
 * @throws ConfigError at `path` with the condition that fails and the remedy
 */
export function donorsOf(
  trained: readonly AgentSpec[],
  parts: Sharers,
  agents: readonly AgentSpec[],
  path: string,
): number[] {
  return agents.map(agent => {
    const found = donorOf(trained, parts, agents, agent)
    if (typeof found === 'string') throw new ConfigError(path, found)
    return found
  })
}

/** The members of a run for the agents of another game, in their order; these act and learn nothing. @throws ConfigError as `donorsOf` */
export function otherAgents(
  backend: Backend,
  trained: TrainedAgents,
  agents: readonly AgentSpec[],
  path: string,
): OtherAgents {
  const donors = donorsOf(trained.agents, trained.parts, agents, path)
  /** Networks that are copies, by what they are copies of and the number of columns that they read. */
  const copies = new Map<Network, Map<number, Network>>()
  const actorOf = (agent: AgentSpec, donor: number): Actor => {
    const { actor } = trained.roster[donor]!
    const config = trained.parts[donor]!.acting
    const policies = actor.networks.map(network => {
      const made = (from: Parameters<typeof createActor>[3]) =>
        createActor(backend, agent, config, from, actor.identity)
      if (agent.observationSize === trained.agents[donor]!.observationSize) return made(network)
      const ofNetwork = copies.get(network) ?? new Map<number, Network>()
      copies.set(network, ofNetwork)
      const copy = made(ofNetwork.get(agent.observationSize) ?? createRandom(0))
      ofNetwork.set(agent.observationSize, copy.network)
      return copy
    })
    return actor.subPolicies === undefined ? policies[0]! : createEnsembleActor(backend, policies)
  }
  const roster = agents.map((agent, i): Member => {
    const donor = donors[i]!
    const member = trained.roster[donor]!
    if (trained.parts[donor]!.baseline !== null) return member
    const { isReadable = true, records = [] } = member
    return { actor: actorOf(agent, donor), isReadable, records, save: () => null, restore() {} }
  })
  const refresh = () => {
    for (const [network, ofNetwork] of copies) {
      for (const copy of ofNetwork.values()) copy.parameters.set(network.parameters)
    }
  }
  refresh()
  return { roster, parts: donors.map(donor => trained.parts[donor]!), refresh }
}

/** Whether every actor plays the agent that it was made for. */
export function areSameAgents(trained: readonly AgentSpec[], agents: readonly AgentSpec[]): boolean {
  return (
    trained.length === agents.length &&
    trained.every((agent, i) => agent.id === agents[i]!.id && agent.team === agents[i]!.team) &&
    trained.every((agent, i) => agent.observationSize === agents[i]!.observationSize) &&
    trained.every((agent, i) => differenceOf(agent, agents[i]!) === null)
  )
}

/** The index of a trained agent, or why there is none. */
function donorOf(
  trained: readonly AgentSpec[],
  parts: Sharers,
  agents: readonly AgentSpec[],
  agent: AgentSpec,
): number | string {
  const { id, team } = agent
  const ofTeam = trained.flatMap((each, index) => (each.team === team ? [index] : []))
  if (ofTeam.length === 0) return `nobody of team '${team}' was trained, so that nobody can play ${id}`
  const first = ofTeam[0]!
  if (parts[first]!.baseline !== null) return first
  const before = ofTeam.map(index => trained[index]!.id)
  const now = agents.filter(each => each.team === team).map(each => each.id)
  const namesake = trained.findIndex(each => each.id === id)
  if (before.join() === now.join()) return differing(trained[namesake]!, agent) ?? namesake
  const sizes = `team '${team}' was trained with ${before.length} agents and would have ${now.length}`
  const alike = ofTeam.filter(index => differenceOf(trained[index]!, agent) === null)
  const donor = alike[0] ?? first
  const { shareParameters = false, identity = true } = parts[donor]!.settings as Partial<Record<string, unknown>>
  const { identity: who, members } = sharingOf(trained, shareParameters === true, { toldApart: identity !== false })[
    donor
  ]!
  if (who.members > 1) {
    return `${sizes}, but its networks are told which of its ${before.length} agents they play; train it with learner.identity=false`
  }
  if (ofTeam.length > 1 && members < Math.max(1, alike.length)) {
    return `${sizes}, but its agents have networks of their own, none for ${id}; train it with learner.shareParameters=true and learner.identity=false`
  }
  const difference = differing(trained[donor]!, agent)
  return difference === null ? donor : `${sizes}: ${difference}`
}

/** How what one does and sees differs from what the other was trained with, and what helps; null: nothing that networks notice. */
function differing(trained: AgentSpec, agent: AgentSpec): string | null {
  const difference = differenceOf(trained, agent)
  if (difference === null) return null
  return (
    `${agent.id} has ${difference.now} where ${trained.id} was trained with ${difference.before}; what networks read must not depend on ` +
    'the number of agents: train with observations of the nearest few alone, or of sets'
  )
}

function differenceOf(trained: AgentSpec, agent: AgentSpec): { before: string; now: string } | null {
  const facts = ({ observationParts, actionSpace }: AgentSpec) => [
    ...observationParts.map(({ name, size, piece }) =>
      piece === undefined ? `'${name}' of ${size} numbers` : `a set '${name}' of pieces of ${piece} numbers`,
    ),
    // What things are called does not matter to an actor.
    `actions ${JSON.stringify(actionSpace, (key, value) => (key === 'names' ? undefined : value))}`,
  ]
  const [before, now] = [facts(trained), facts(agent)]
  const length = Math.max(before.length, now.length)
  for (let i = 0; i < length; i++) {
    if (before[i] !== now[i]) return { before: before[i] ?? 'nothing', now: now[i] ?? 'nothing' }
  }
  return null
}
