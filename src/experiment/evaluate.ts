// Evaluation: episodes with fixed seeds and no learning, reported as means with their intervals.
import type { Policy } from '../agents/policy.ts'
import { atOnce } from '../engine/carry-out.ts'
import { createEpisodeTracker, placedIn } from '../engine/episodes.ts'
import { acting } from '../engine/simulate.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createVectorGame, type VectorGame } from '../envs/vector-game.ts'
import { createRandom } from '../random.ts'
import { type Estimate, estimate } from '../statistics/estimate.ts'
import type { AgentSpec, JointStep } from '../types.ts'

/** `sample`: as in training. `greedy`: the policy's best guess. */
export type EvaluationMode = 'sample' | 'greedy'

/** How the agents fared. */
export interface Returns {
  /** By agent id: return per agent per episode. */
  readonly returns: Readonly<Record<string, Estimate>>
  /** By team: the same, the mean over its agents. */
  readonly teams: Readonly<Record<string, Estimate>>
}

/** How good policies were over some episodes: returns per agent and episode, and what the scenario measures, as means with standard errors. */
export interface Evaluation extends Returns {
  readonly episodes: number
  readonly mode: EvaluationMode
  /** By name: what the scenario measures (`collisions`), its mean over the steps of an episode. */
  readonly metrics: Readonly<Record<string, Estimate>>
  /** By name: the same at the last step of an episode (`targetReached` at its end). */
  readonly finalMetrics: Readonly<Record<string, Estimate>>
}

/** Which game is played, by whom, how often, and from which seed: `evaluate`. */
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

/** What was played, episode by episode: those of the first game, then those of the second, for every policy. */
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
  return atOnce(evaluating(request))
}

/** The same bit by bit, so that others have their turn in between. */
export function* evaluating(request: EvaluationRequest): Generator<void, Evaluation> {
  return summarised(yield* playing(request), request.mode)
}

/** Episodes in short. */
export function summarised(played: Played, mode: EvaluationMode): Evaluation {
  return { episodes: played.returns.length, mode, ...estimatesOf(played), ...measures(played) }
}

/** Estimates by agent and by team. */
export function estimatesOf({ agents, returns }: Pick<Played, 'agents' | 'returns'>): Returns {
  const members = new Map<string, number[]>()
  agents.forEach(({ team }, index) => void members.set(team, [...(members.get(team) ?? []), index]))
  const meanOver = (indices: readonly number[]) =>
    estimate(returns.map(values => indices.reduce((sum, index) => sum + values[index]!, 0) / indices.length))
  return {
    returns: Object.fromEntries(agents.map(({ id }, index) => [id, meanOver([index])])),
    teams: Object.fromEntries([...members].map(([team, indices]) => [team, meanOver(indices)])),
  }
}

/** What the scenario measured, in short. */
export function measures({ means, finals }: Played): Pick<Evaluation, 'metrics' | 'finalMetrics'> {
  return { metrics: summaries(means), finalMetrics: summaries(finals) }
}

/** Every game plays an equal share of the episodes, so that short episodes weigh no more than long ones. */
export function play(request: EvaluationRequest): Played {
  return atOnce(playing(request))
}

/** The same bit by bit, so that others have their turn in between; they must leave the actors as they are. */
export function* playing({ createGame, policies, episodes, mode, seed }: EvaluationRequest): Generator<void, Played> {
  const share = Math.ceil(episodes / games)
  const random = (game: number) => createRandom(seed, 'evaluation', game)
  const made: MarkovGame[] = []
  while (made.length < games) {
    made.push(createGame())
    yield
  }
  const vectorGame = createVectorGame({ create: () => made.shift()!, games, random, measure: true, keptSteps: 1 })
  const { agents, figures } = vectorGame
  const tracker = createEpisodeTracker(games, agents.length)
  const players = policies(vectorGame)
  const played: number[] = new Array(games).fill(0)
  const sums = figures.map((): Record<string, number> => ({}))
  const returns: Float64Array[] = new Array(share * games)
  const means: Record<string, number>[] = new Array(share * games)
  const finals: Readonly<Record<string, number>>[] = new Array(share * games)
  for (let left = share * games; left > 0; ) {
    let step: JointStep
    try {
      yield* acting(players, vectorGame, mode === 'sample')
      step = yield* vectorGame.advancing()
    } catch (error) {
      throw placedIn(tracker, error, { during: 'evaluation', seed })
    }
    figures.forEach((figure, game) => {
      for (const name in figure) sums[game]![name] = (sums[game]![name] ?? 0) + figure[name]!
    })
    for (const episode of tracker.add(step)) {
      const { game, length } = episode
      if (played[game]! < share) {
        const at = game * share + played[game]!++
        returns[at] = episode.returns
        means[at] = Object.fromEntries(Object.entries(sums[game]!).map(([name, sum]) => [name, sum / length]))
        finals[at] = figures[game]!
        left--
      }
      sums[game] = {}
    }
  }
  return { agents, returns, means, finals }
}

/** One estimate per name, over the rows that have it. */
function summaries(rows: readonly Readonly<Record<string, number>>[]): Record<string, Estimate> {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const valuesOf = (name: string) => rows.flatMap(row => (Object.hasOwn(row, name) ? [row[name]!] : []))
  return Object.fromEntries(names.map(name => [name, estimate(valuesOf(name))]))
}
