// Evaluation: episodes with fixed seeds and no learning, reported as mean and standard error per agent and episode.
import type { Policy } from '../agents/policy.ts'
import { createEpisodeTracker } from '../engine/episodes.ts'
import { actAll } from '../engine/simulate.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createVectorGame, type VectorGame } from '../envs/vector-game.ts'
import { createRandom } from '../random.ts'
import type { AgentSpec } from '../types.ts'

/** `sample`: as in training. `greedy`: the policy's best guess. */
export type EvaluationMode = 'sample' | 'greedy'

export interface Evaluation {
  readonly episodes: number
  readonly mode: EvaluationMode
  /** By agent id: return per agent per episode. */
  readonly returns: Readonly<Record<string, Estimate>>
  /** By name: what the scenario measures (`collisions`), its mean over the steps of an episode. */
  readonly metrics: Readonly<Record<string, Estimate>>
  /** By name: the same at the last step of an episode (`targetReached` at its end). */
  readonly finalMetrics: Readonly<Record<string, Estimate>>
}

export interface Estimate {
  readonly mean: number
  readonly standardError: number
}

export interface EvaluationRequest {
  readonly createGame: () => MarkovGame
  /** Policies in agent order, for this vector game. */
  readonly policies: (vectorGame: VectorGame) => readonly Policy[]
  readonly episodes: number
  readonly mode: EvaluationMode
  readonly seed: number
}

/** Games side by side; fixed, because it decides which random numbers an episode sees. */
const games = 50

/** What was played: episode by episode, in the order in which they ended. */
export interface Played {
  readonly agents: readonly AgentSpec[]
  /** Per episode, [agents]: return per agent. */
  readonly returns: readonly Float64Array[]
  /** Per episode, by name: what the scenario measures, its mean over the steps. */
  readonly means: readonly Readonly<Record<string, number>>[]
  /** Per episode, by name: the same at its last step. */
  readonly finals: readonly Readonly<Record<string, number>>[]
}

/** Plays episodes and says in short how they went. */
export function evaluate(request: EvaluationRequest): Evaluation {
  const played = play(request)
  const { agents, returns } = played
  return {
    episodes: returns.length,
    mode: request.mode,
    returns: Object.fromEntries(agents.map((agent, i) => [agent.id, estimate(returns.map(values => values[i]!))])),
    ...measures(played),
  }
}

/** What the scenario measured, in short. */
export function measures({ means, finals }: Played): Pick<Evaluation, 'metrics' | 'finalMetrics'> {
  return { metrics: summaries(means), finalMetrics: summaries(finals) }
}

/** Every game plays an equal share of the episodes, so that short episodes weigh no more than long ones. */
export function play({ createGame, policies, episodes, mode, seed }: EvaluationRequest): Played {
  const share = Math.ceil(episodes / games)
  const random = (game: number) => createRandom(seed, 'evaluation', game)
  const vectorGame = createVectorGame({ create: createGame, games, random, measure: true })
  const { agents, figures } = vectorGame
  const tracker = createEpisodeTracker(games, agents.length)
  const acting = policies(vectorGame)
  const played: number[] = new Array(games).fill(0)
  const sums = figures.map((): Record<string, number> => ({}))
  const returns: Float64Array[] = []
  const means: Record<string, number>[] = []
  const finals: Record<string, number>[] = []
  while (returns.length < share * games) {
    actAll(acting, vectorGame, mode === 'sample')
    const step = vectorGame.advance()
    figures.forEach((figure, game) => {
      for (const name in figure) sums[game]![name] = (sums[game]![name] ?? 0) + figure[name]!
    })
    for (const episode of tracker.add(step)) {
      const { game, length } = episode
      if (played[game]!++ < share) {
        returns.push(episode.returns)
        means.push(Object.fromEntries(Object.entries(sums[game]!).map(([name, sum]) => [name, sum / length])))
        finals.push(figures[game]!)
      }
      sums[game] = {}
    }
  }
  return { agents, returns, means, finals }
}

/** One estimate per name. */
function summaries(rows: readonly Readonly<Record<string, number>>[]): Record<string, Estimate> {
  const names = Object.keys(rows[0] ?? {})
  return Object.fromEntries(names.map(name => [name, estimate(rows.map(row => row[name]!))]))
}

/** Mean and standard error of independent values. */
export function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, standardError: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) }
}
