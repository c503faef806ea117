// Groups: the agents of a team that learn as one because they share parameters; an agent that shares nothing is a group of its own.
import type { Actor } from '../agents/actor.ts'
import { type Identity, identityColumns } from '../agents/identity.ts'
import type { AgentSpec, Matrix } from '../types.ts'
import type { TeamContext } from './algorithm.ts'

/** Agents of a team that learn as one because they share parameters; an agent that shares nothing is a group of its own. */
export interface Group {
  readonly team: TeamContext
  /** What figures and errors call it: the agent's id, the team where all of it is one group, else the ids side by side. */
  readonly name: string
  /** Its agents, by index in the game, in order. */
  readonly indices: readonly number[]
  /** The first of them: all have its spaces. */
  readonly agent: AgentSpec
  /** Columns of the one-hot that tells them apart behind what their policy sees; 0 for an agent alone, and where they are not told apart. */
  readonly identityColumns: number
  /** The same behind what a critic sees. */
  readonly criticIdentityColumns: number
}

/** The groups of a team, in the order of their first agents. */
export function groupsOf(team: TeamContext): readonly Group[] {
  const members = new Map<unknown, number[]>()
  for (const index of team.indices) {
    const { members: sharers, share } = team.sharing[index]!
    const key = sharers > 1 ? share : index
    members.set(key, [...(members.get(key) ?? []), index])
  }
  return [...members.values()].map(indices => {
    const ids = indices.map(index => team.agents[index]!.id)
    const agent = team.agents[indices[0]!]!
    const isOneTeam = team.indices.every(index => team.agents[index]!.team === agent.team)
    const isTeam = isOneTeam && indices.length > 1 && indices.length === team.indices.length
    const { identity, criticIdentity = identity } = team.sharing[indices[0]!]!
    return {
      team,
      name: isTeam ? agent.team : ids.join('+'),
      indices,
      agent,
      identityColumns: identityColumns(identity),
      criticIdentityColumns: identityColumns(criticIdentity),
    }
  })
}

/** All agents of a team as one group, as of a V that is the team's: they are not told apart. Their spaces may differ. */
export function teamGroupOf(team: TeamContext): Group {
  const { agents, indices } = team
  const agent = agents[indices[0]!]!
  const isOneTeam = indices.length > 1 && indices.every(index => agents[index]!.team === agent.team)
  const name = isOneTeam ? agent.team : indices.map(index => agents[index]!.id).join('+')
  return { team, name, indices, agent, identityColumns: 0, criticIdentityColumns: 0 }
}

/** Who the agents of a group are to their policy, or to a critic. */
export function identitiesOf({ team, indices }: Group, of: 'policy' | 'critic'): readonly Identity[] {
  return indices.map(index => {
    const { identity, criticIdentity = identity } = team.sharing[index]!
    return of === 'policy' ? identity : criticIdentity
  })
}

/** Writes the one-hots of agents, by their position in the group, into the columns of a matrix from `column` on. */
export function writeIdentities(
  to: Matrix,
  column: number,
  identities: readonly Identity[],
  memberOf: (i: number) => number,
): void {
  const columns = identityColumns(identities[0]!)
  for (let i = 0; columns > 0 && i < to.rows; i++) {
    const at = i * to.columns + column
    to.data.fill(0, at, at + columns)
    to.data[at + identities[memberOf(i)]!.position] = 1
  }
}

/** An actor for each agent of a group: the first is made, the others get its network. */
export function actorsOf<A extends Actor>(
  { indices }: Group,
  make: (index: number, first: A | null) => A,
): readonly A[] {
  let first: A | null = null
  return indices.map(index => {
    const actor = make(index, first)
    first ??= actor
    return actor
  })
}
