// Evaluation: episodes with fixed seeds and no learning, reported as mean and standard error per agent and episode.
import type { Policy } from '../agents/policy.ts'
import { createEpisodeTracker } from '../engine/episodes.ts'
import { actAll } from '../engine/simulate.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createVectorGame, type VectorGame } from '../envs/vector-game.ts'
import { createRandom } from '../random.ts'

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

/** Every game plays an equal share of the episodes, so that short episodes weigh no more than long ones. */
export function evaluate({ createGame, policies, episodes, mode, seed }: EvaluationRequest): Evaluation {
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
  return {
    episodes: returns.length,
    mode,
    returns: Object.fromEntries(agents.map((agent, i) => [agent.id, summary(returns.map(values => values[i]!))])),
    metrics: summaries(means),
    finalMetrics: summaries(finals),
  }
}

/** One estimate per name. */
function summaries(rows: readonly Readonly<Record<string, number>>[]): Record<string, Estimate> {
  const names = Object.keys(rows[0] ?? {})
  return Object.fromEntries(names.map(name => [name, summary(rows.map(row => row[name]!))]))
}

function summary(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, standardError: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) }
}
