// Seats of a game: the teams that one run plays. Every way to assign runs to seats is a pairing.

import { pow } from '../elementary.ts'
import { ConfigError } from '../errors.ts'
import type { AgentSpec } from '../types.ts'

/** Some agents of a game that one run plays together. */
export interface Seat {
  /** The team, `adversary`; of a divided team its agents, `agent_0+agent_1`. */
  readonly name: string
  /** Indices of its agents. */
  readonly agents: readonly number[]
}

/**
 * One seat per team. Where all agents are one team it is divided in two, the first half (and the middle) and the rest: so two runs
 * that were trained apart meet in one team, as in cross-play after Hu et al. 2020 ("Other-Play", section 2), there with two agents.
 * @throws ConfigError where there is one agent: it has nobody to play with.
 */
export function seatsOf(agents: readonly Pick<AgentSpec, 'id' | 'team'>[]): Seat[] {
  const teams = [...new Set(agents.map(({ team }) => team))]
  if (teams.length > 1) {
    return teams.map(team => ({
      name: team,
      agents: agents.flatMap((agent, index) => (agent.team === team ? [index] : [])),
    }))
  }
  if (agents.length < 2)
    throw new ConfigError('run', 'expected a game of two agents or more, got one that has nobody to play with')
  const half = Math.ceil(agents.length / 2)
  const indices = agents.map((_, index) => index)
  return [indices.slice(0, half), indices.slice(half)].map(seat => ({
    name: seat.map(index => agents[index]!.id).join('+'),
    agents: seat,
  }))
}

/** Pairings beyond which a table says nothing to anybody. */
const mostPairings = 256

/**
 * Every way to put `runs` runs on `seats` seats, each the run's number per seat; the last seat changes fastest.
 * @throws ConfigError where there are too many.
 */
export function pairingsOf(runs: number, seats: number): number[][] {
  const count = pow(runs, seats)
  if (count > mostPairings) {
    throw new ConfigError(
      'run',
      `${runs} runs on ${seats} seats make ${count} pairings, expected ${mostPairings} at most; name fewer runs`,
    )
  }
  return Array.from({ length: count }, (_, pairing) =>
    Array.from({ length: seats }, (_, seat) => Math.floor(pairing / pow(runs, seats - 1 - seat)) % runs),
  )
}
