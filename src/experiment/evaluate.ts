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
  readonly returns: Readonly<Record<string, { readonly mean: number; readonly standardError: number }>>
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
  const vectorGame = createVectorGame({
    create: createGame,
    games,
    random: game => createRandom(seed, 'evaluation', game),
  })
  const { agents } = vectorGame
  const tracker = createEpisodeTracker(games, agents.length)
  const acting = policies(vectorGame)
  const played: number[] = new Array(games).fill(0)
  const returns: Float64Array[] = []
  while (returns.length < share * games) {
    actAll(acting, vectorGame, mode === 'sample')
    for (const episode of tracker.add(vectorGame.advance())) {
      if (played[episode.game]!++ < share) returns.push(episode.returns)
    }
  }
  return {
    episodes: returns.length,
    mode,
    returns: Object.fromEntries(agents.map((agent, i) => [agent.id, summary(returns.map(values => values[i]!))])),
  }
}

function summary(values: readonly number[]): { mean: number; standardError: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, standardError: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) }
}
