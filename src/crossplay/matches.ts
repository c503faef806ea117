// Runs against each other: every pairing plays the same episodes, and each episode is won, drawn or lost.
import type { Policy } from '../agents/policy.ts'
import { square } from '../elementary.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { type Evaluation, type EvaluationMode, measures, type Played, play } from '../experiment/evaluate.ts'
import { type Estimate, estimate } from '../statistics/estimate.ts'
import { pairingsOf, type Seat } from './seats.ts'

/** What came of one pairing. */
export interface Match {
  /** Per seat, the number of the run that played it. */
  readonly runs: readonly number[]
  /** Per seat and episode: return per agent, mean over the agents of the seat. */
  readonly returns: readonly Float64Array[]
  /** Per seat, the same over all episodes. */
  readonly means: readonly Estimate[]
  readonly measured: Pick<Evaluation, 'metrics' | 'finalMetrics'>
}

export interface MatchRequest {
  readonly createGame: () => MarkovGame
  readonly seats: readonly Seat[]
  /** Per run: its policies in agent order, for the games that will be played. */
  readonly runs: readonly ((games: readonly MarkovGame[]) => readonly Policy[])[]
  readonly episodes: number
  readonly mode: EvaluationMode
  readonly seed: number
}

/** All pairings, the worlds of their episodes the same. */
export function playMatches({ createGame, seats, runs, episodes, mode, seed }: MatchRequest): Match[] {
  return pairingsOf(runs.length, seats.length).map(pairing => {
    const played = play({
      createGame,
      episodes,
      mode,
      seed,
      policies({ games, agents }) {
        // Made anew for every pairing: policies may carry a memory and noise.
        const all = runs.map((policies, run) => (pairing.includes(run) ? policies(games) : []))
        return agents.map((_, agent) => all[pairing[seats.findIndex(seat => seat.agents.includes(agent))]!]![agent]!)
      },
    })
    const returns = seats.map(seat => seatReturns(played, seat))
    return { runs: pairing, returns, means: returns.map(values => estimate(values)), measured: measures(played) }
  })
}

/** [episodes] Return per agent, mean over the agents of a seat. */
export function seatReturns({ returns }: Pick<Played, 'returns'>, { agents }: Seat): Float64Array {
  return Float64Array.from(returns, values => agents.reduce((sum, agent) => sum + values[agent]!, 0) / agents.length)
}

/** Wins, draws and losses of the first seat in one pairing. */
export interface Score {
  /** The runs on the first and on the second seat. */
  readonly runs: readonly [number, number]
  readonly wins: number
  readonly draws: number
  readonly losses: number
}

/**
 * Scores between two seats. How well a seat does in an episode is the rank of its return among its own of all episodes of all
 * pairings; the one that ranks higher wins, equal ranks are a draw. So neither scales of reward nor advantages that the rules give to
 * a seat count. Where one takes what the other loses, it wins exactly where its return is above the median.
 */
export function scoresOf(matches: readonly Match[]): Score[] {
  const ranks = [0, 1].map(seat => ranksAmong(matches.flatMap(({ returns }) => [...returns[seat]!])))
  return matches.map(({ runs, returns }) => {
    const score = { wins: 0, draws: 0, losses: 0 }
    returns[0]!.forEach((own, episode) => {
      const margin = ranks[0]!(own) - ranks[1]!(returns[1]![episode]!)
      if (margin > 0) score.wins++
      else if (margin < 0) score.losses++
      else score.draws++
    })
    return { runs: [runs[0]!, runs[1]!], ...score }
  })
}

/** Pearson's correlation of the two seats' returns over all episodes; null where a return never changes. */
export function correlationOf(matches: readonly Match[]): number | null {
  const [a, b] = [0, 1].map(seat => matches.flatMap(({ returns }) => [...returns[seat]!])) as [number[], number[]]
  const [meanA, meanB] = [mean(a), mean(b)]
  const covariance = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)))
  const scale = Math.sqrt(mean(a.map(value => square(value - meanA))) * mean(b.map(value => square(value - meanB))))
  return scale === 0 ? null : covariance / scale
}

/** The rank of a value among all: how many are below it, more than above it; values that are equal share a rank. */
function ranksAmong(values: readonly number[]): (value: number) => number {
  const sorted = Float64Array.from(values).sort()
  const ranks = new Map<number, number>()
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++
    ranks.set(sorted[from]!, from - (sorted.length - to))
  }
  return value => ranks.get(value)!
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
