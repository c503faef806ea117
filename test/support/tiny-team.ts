// Team learners over test games, without a run: contexts to make them with, and games in which they act and learn.
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import { sharingOf } from '../../src/agents/sharing.ts'
import { actAll } from '../../src/engine/simulate.ts'
import { createVectorGame, type VectorGame } from '../../src/envs/vector-game.ts'
import type { Algorithm, TeamContext } from '../../src/learning/algorithm.ts'
import type { TeamLearner, Update } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { AgentSpec, Saved } from '../../src/types.ts'
import { createTinyGame, type TinyGameOptions } from './tiny-game.ts'

export interface TeamOptions {
  readonly games?: number
  readonly seed?: number
  readonly network?: Partial<TeamContext['network']>
  readonly shareParameters?: boolean
  /** Environment steps so far, by which schedules go; default: 0. */
  readonly now?: () => number
  /** The team's agents, by index; default: all. */
  readonly indices?: readonly number[]
}

/** A context as a run gives it. */
export function teamContext(backend: Backend, agents: readonly AgentSpec[], options: TeamOptions = {}): TeamContext {
  const layers = { hidden: [8], activation: 'tanh', temperature: 1, ...options.network } as const
  const { games = 1, seed = 1, shareParameters = false, indices = agents.map((_, index) => index) } = options
  return {
    backend,
    agents,
    indices,
    games,
    network: layers,
    criticNetwork: layers,
    unreadable: new Set(),
    now: options.now ?? (() => 0),
    rateScale: () => 1,
    random: (id, name) => createRandom(seed, 'learner', id, name),
    noise: (id, name) => createNoise(seed, 'learner', id, name),
    sharing: sharingOf(agents, shareParameters),
    replay() {
      throw new Error('nobody here learns from a replay buffer')
    },
  }
}

/** The same backend, whose optimizers descend the plain gradient, so that a step tells it. */
export function plainDescent(backend: Backend): Backend {
  return {
    ...backend,
    optimizer: (network, { learningRate }) => backend.optimizer(network, { rule: 'sgd', learningRate, clip: null }),
  }
}

export interface TinyTeam {
  readonly learner: TeamLearner
  readonly vectorGame: VectorGame
  /** Plays one step, or makes one update where one is due; the update. */
  go(): Update | null
  save(): Saved
  restore(saved: Saved): void
}

/** A team that plays all agents of a tiny game, and learns. */
export function tinyTeam(
  backend: Backend,
  algorithm: Algorithm,
  settings: Readonly<Record<string, unknown>>,
  game: TinyGameOptions,
  options: TeamOptions = {},
): TinyTeam {
  const { games = 4, seed = 1 } = options
  const { agents } = createTinyGame(game)
  const learner = algorithm.createLearner(teamContext(backend, agents, { games, seed, ...options }), settings)
  const policies = learner.members.map(({ actor, behaviour = actor, records }, i) =>
    createActorPolicy(behaviour, createNoise(seed, 'explore', i), createRandom(seed, 'explore', i), null, records),
  )
  const vectorGame = createVectorGame({
    create: () => createTinyGame(game),
    games,
    random: index => createRandom(seed, 'game', index),
    extras: policies.map(policy => policy.extras ?? []),
  })
  const parts = [learner, vectorGame, ...policies, ...learner.members]
  return {
    learner,
    vectorGame,
    go() {
      if (learner.due) return learner.advance(learner.members)
      actAll(policies, vectorGame)
      learner.take(vectorGame.advance())
      return null
    },
    save: () => parts.map(part => part.save()),
    restore: saved => parts.forEach((part, i) => void part.restore((saved as readonly Saved[])[i]!)),
  }
}
