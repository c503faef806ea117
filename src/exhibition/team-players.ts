// Who plays each team of an exhibition game.

import type { Policy } from '../agents/policy.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError, unknownName } from '../errors.ts'
import type { Member } from '../learning/member.ts'
import type { ExhibitionSetup, TeamPolicies } from './setup.ts'

export interface TeamPlayers {
  /** By team. */
  readonly players: Readonly<Record<string, string>>
  /** In agent order; what chance does in them follows from the seed. */
  policies(seed: number): readonly Policy[]
  /** Whose critic can be asked about an agent; null: nobody's. */
  member(agent: number): Member | null
  /** Agents of a team, by index. */
  agentsOf(team: string): readonly number[]
  /** The same with another player for a team. @throws ConfigError */
  withPlayer(team: string, who: string): TeamPlayers
}

/** Teams that `wanted` does not name get their first choice. @throws ConfigError where a player cannot play a team. */
export function createTeamPlayers(
  setup: ExhibitionSetup,
  game: MarkovGame,
  wanted: Readonly<Record<string, string>>,
): TeamPlayers {
  const teams = new Map<string, { who: string; agents: readonly number[]; players: TeamPolicies }>()
  for (const team of new Set(game.agents.map(({ team }) => team))) {
    const agents = game.agents.flatMap((agent, index) => (agent.team === team ? [index] : []))
    const who = wanted[team] ?? setup.choices(team, game)[0]!
    teams.set(team, { who, agents, players: setup.teamPolicies(who, agents, game) })
  }
  const members = inAgentOrder(teams, ({ members }) => members)
  const players = Object.fromEntries([...teams].map(([team, { who }]) => [team, who]))
  return {
    players,
    policies: seed => inAgentOrder(teams, players => players.policies(seed)),
    member: agent => members[agent]!,
    agentsOf: team => teams.get(team)?.agents ?? [],
    withPlayer(team, who) {
      if (!teams.has(team)) throw new ConfigError('play', unknownName('team', team, [...teams.keys()]))
      return createTeamPlayers(setup, game, { ...players, [team]: who })
    },
  }
}

function inAgentOrder<T>(
  teams: ReadonlyMap<string, { agents: readonly number[]; players: TeamPolicies }>,
  of: (players: TeamPolicies) => readonly T[],
): T[] {
  const all: T[] = []
  for (const { agents, players } of teams.values()) {
    const own = of(players)
    agents.forEach((agent, i) => void (all[agent] = own[i]!))
  }
  return all
}
