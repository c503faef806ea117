// Who plays each team of an exhibition game.

import type { Policy } from '../agents/policy.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError, unknownName } from '../errors.ts'
import type { Member } from '../learning/member.ts'
import type { Players, Stage } from './stage.ts'

export interface Company {
  /** By team. */
  readonly players: Readonly<Record<string, string>>
  /** In agent order; what chance does in them follows from the seed. */
  policies(seed: number): readonly Policy[]
  /** Whose critic can be asked about an agent; null: nobody's. */
  member(agent: number): Member | null
  /** Agents of a team, by index. */
  agentsOf(team: string): readonly number[]
  /** The same with another player for a team. @throws ConfigError */
  withPlayer(team: string, who: string): Company
}

/** @throws ConfigError where somebody cannot play what is asked of them. Teams that `wanted` does not name are played by who comes first. */
export function createCompany(stage: Stage, game: MarkovGame, wanted: Readonly<Record<string, string>>): Company {
  const teams = new Map<string, { who: string; agents: readonly number[]; players: Players }>()
  for (const team of new Set(game.agents.map(({ team }) => team))) {
    const agents = game.agents.flatMap((agent, index) => (agent.team === team ? [index] : []))
    const who = wanted[team] ?? stage.choices(team, game)[0]!
    teams.set(team, { who, agents, players: stage.cast(who, agents, game) })
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
      return createCompany(stage, game, { ...players, [team]: who })
    },
  }
}

function inAgentOrder<T>(
  teams: ReadonlyMap<string, { agents: readonly number[]; players: Players }>,
  of: (players: Players) => readonly T[],
): T[] {
  const all: T[] = []
  for (const { agents, players } of teams.values()) {
    const own = of(players)
    agents.forEach((agent, i) => void (all[agent] = own[i]!))
  }
  return all
}
