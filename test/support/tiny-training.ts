// A training run over a test game: the same parts as a run of a scenario, without the registries.
import { onTestFinished } from 'vitest'
import type { ActorConfig } from '../../src/agents/actor.ts'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import { createExploration, createUniformExploration, type ExplorationConfig } from '../../src/agents/exploration.ts'
import { sharingOf } from '../../src/agents/sharing.ts'
import { memoryColumn, subPolicyColumn } from '../../src/columns.ts'
import { createEpisodeTracker } from '../../src/engine/episodes.ts'
import { createUpdateRounds } from '../../src/engine/update-rounds.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { createTrainingReturns } from '../../src/experiment/metrics.ts'
import type { Training } from '../../src/experiment/trainer.ts'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { MaddpgSettings } from '../../src/learning/options.ts'
import { maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { createJointReplay } from '../../src/replay/joint-replay.ts'
import { createSharedReplay } from '../../src/replay/shared-replay.ts'
import type { Column, Saved, Stateful } from '../../src/types.ts'
import { teamContext } from './agent-learner.ts'
import { createTinyGame, type TinyGameOptions, tinyVectorGame } from './tiny-game.ts'

export interface TinyTrainingOptions {
  readonly game?: TinyGameOptions
  /** Another game than that. */
  readonly create?: () => MarkovGame
  readonly algorithm?: Algorithm
  /** The algorithm's own settings. */
  readonly algorithmOptions?: Readonly<Record<string, unknown>>
  /** Whoever hands one in disposes it. */
  readonly backend?: Backend
  readonly learner?: Partial<MaddpgSettings>
  readonly hidden?: readonly number[]
  /** What else actors are made with. */
  readonly network?: Partial<ActorConfig>
  /** Noise added to the boxes of actors; default: none. */
  readonly exploration?: ExplorationConfig
  /** Chance with which choices are drawn uniformly; default: none. */
  readonly explorationRate?: number
  /** Steps that learning goes back through an actor's memory. */
  readonly memorySteps?: number
  readonly shareParameters?: boolean
  readonly games?: number
  readonly seed?: number
  readonly batch?: number
  readonly every?: number
  readonly after?: number
  readonly capacity?: number
  readonly schedule?: Partial<Training['schedule']>
}

export const tinyLearner = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clip: 0.5,
  gamma: 0.95,
  tau: 0.01,
  logitPenalty: 1e-3,
  critic: null,
  copyTargets: false,
  normaliseRewards: false,
  subPolicies: 1,
  inferPolicies: false,
  inferenceEntropy: 1e-3,
} as const

/** Everything that a training run is made of; disposed after the test. */
export async function tinyTraining(options: TinyTrainingOptions = {}): Promise<Training> {
  const { game, algorithm = maddpg, games = 1, seed = 1, batch = 16, hidden = [8] } = options
  const backend = options.backend ?? (await createSimdBackend())
  if (options.backend === undefined) onTestFinished(() => backend.dispose())
  const create = options.create ?? (() => createTinyGame(game))
  const { agents } = create()
  const sharing = sharingOf(agents, options.shareParameters ?? false)
  const now = () => vectorGame.steps * games
  const remembers = (options.network?.memory ?? 0) > 0
  const subPolicies = options.learner?.subPolicies ?? 1
  const carried: Column[] = [
    ...(remembers ? [{ name: memoryColumn, size: options.network!.memory! }] : []),
    ...(subPolicies > 1 ? [{ name: subPolicyColumn, size: 1 }] : []),
  ]
  const createStore = () =>
    createJointReplay(backend, agents, {
      capacity: options.capacity ?? 20_000,
      games,
      extras: agents.map(() => carried),
      subPolicies: agents.map(() => subPolicies),
      remembers: agents.map(() => remembers),
      memorySteps: options.memorySteps ?? 8,
    })
  const shared = createSharedReplay(createStore, createRandom(seed, 'replay'), now)
  const learner = algorithm.createLearner(
    teamContext({
      backend,
      agents,
      indices: agents.map((_, index) => index),
      games,
      network: { hidden, activation: 'relu', temperature: 1, ...options.network },
      random: (id, name) => createRandom(seed, 'learner', id, name),
      noise: (id, name) => createNoise(seed, 'learner', id, name),
      now,
      sharing,
      replay: shared.view,
    }),
    {
      ...tinyLearner,
      batch,
      updateEvery: options.every ?? 10,
      updateAfter: options.after ?? 20,
      ...options.learner,
      ...options.algorithmOptions,
    },
  )
  const roster = learner.members
  const explorationOf = (i: number) =>
    options.explorationRate !== undefined
      ? createUniformExploration(
          agents[i]!.actionSpace,
          () => options.explorationRate!,
          createNoise(seed, 'exploration', i),
        )
      : options.exploration === undefined
        ? null
        : createExploration(agents[i]!.actionSpace, options.exploration, createNoise(seed, 'exploration', i))
  const policies = roster.map(({ actor, records }, i) =>
    createActorPolicy(
      actor,
      createNoise(seed, 'explore', i),
      createRandom(seed, 'explore', i),
      explorationOf(i),
      records,
    ),
  )
  const extras = policies.map(policy => policy.extras ?? [])
  const vectorGame = tinyVectorGame(games, game, seed, extras, create)
  const { store: replay } = shared
  const parts = {
    vectorGame,
    policies,
    roster,
    ...(replay === null ? {} : { replay, draws: shared.draws }),
    learner,
    rounds: createUpdateRounds(
      [learner],
      agents.map(({ id }) => id),
      roster,
    ),
    tracker: createEpisodeTracker(games, agents.length),
    returns: createTrainingReturns(agents.length),
  }
  const lasting: readonly Stateful[] = Object.values(parts).flat()
  return {
    ...parts,
    agents,
    save: () => lasting.map(part => part.save()),
    restore: saved => lasting.forEach((part, i) => void part.restore((saved as readonly Saved[])[i]!)),
    schedule: { episodes: 100, logEvery: 10, checkpointEvery: 1000, ...options.schedule },
  }
}
