// A training run over a test game: the same parts as a run of a scenario, without the registries.
import { onTestFinished } from 'vitest'
import type { ActorConfig } from '../../src/agents/actor.ts'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import { createExploration, type ExplorationConfig } from '../../src/agents/exploration.ts'
import type { Algorithm, LearnerConfig } from '../../src/agents/learner.ts'
import { sharingOf } from '../../src/agents/sharing.ts'
import { createEpisodeTracker } from '../../src/engine/episodes.ts'
import { createUpdateRounds } from '../../src/engine/update-rounds.ts'
import { createTrainingReturns } from '../../src/experiment/metrics.ts'
import type { Training } from '../../src/experiment/trainer.ts'
import { maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { createJointReplay, type JointReplayConfig } from '../../src/replay/joint-replay.ts'
import type { Saved, Stateful } from '../../src/types.ts'
import { createTinyGame, type TinyGameOptions, tinyVectorGame } from './tiny-game.ts'

export interface TinyTrainingOptions {
  readonly game?: TinyGameOptions
  readonly algorithm?: Algorithm
  /** The algorithm's own settings. */
  readonly algorithmOptions?: Readonly<Record<string, unknown>>
  /** Whoever hands one in disposes it. */
  readonly backend?: Backend
  readonly learner?: Partial<LearnerConfig>
  readonly hidden?: readonly number[]
  /** What else actors are made with. */
  readonly network?: Partial<ActorConfig>
  /** Noise added to the boxes of actors; default: none. */
  readonly exploration?: ExplorationConfig
  /** Steps that learning goes back through an actor's memory. */
  readonly memorySteps?: number
  readonly shareParameters?: boolean
  /** How batches are drawn. */
  readonly replay?: Partial<JointReplayConfig>
  readonly games?: number
  readonly seed?: number
  readonly batch?: number
  readonly every?: number
  readonly after?: number
  readonly capacity?: number
  readonly schedule?: Partial<Training['schedule']>
}

export const tinyLearner: LearnerConfig = {
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
}

/** Everything that a training run is made of; disposed after the test. */
export async function tinyTraining(options: TinyTrainingOptions = {}): Promise<Training> {
  const { game, algorithm = maddpg, games = 1, seed = 1, batch = 16, hidden = [8] } = options
  const backend = options.backend ?? (await createSimdBackend())
  if (options.backend === undefined) onTestFinished(() => backend.dispose())
  const { agents } = createTinyGame(game)
  const sharing = sharingOf(agents, options.shareParameters ?? false)
  const roster = agents.map(({ id }, index) =>
    algorithm.createLearner(
      {
        backend,
        agents,
        index,
        learner: { ...tinyLearner, ...options.learner },
        network: { hidden, activation: 'relu', temperature: 1, ...options.network },
        batch,
        random: name => createRandom(seed, 'learner', id, name),
        noise: name => createNoise(seed, 'learner', id, name),
        unreadable: new Set(),
        now: () => vectorGame.steps * games,
        ...sharing[index]!,
      },
      options.algorithmOptions ?? {},
    ),
  )
  const explorationOf = (i: number) =>
    options.exploration === undefined
      ? null
      : createExploration(agents[i]!.actionSpace, options.exploration, createNoise(seed, 'exploration', i))
  const policies = roster.map(({ actor }, i) =>
    createActorPolicy(actor, createNoise(seed, 'explore', i), createRandom(seed, 'explore', i), explorationOf(i)),
  )
  const extras = policies.map(policy => policy.extras ?? [])
  const vectorGame = tinyVectorGame(games, game, seed, extras)
  const replay = createJointReplay(backend, agents, {
    capacity: options.capacity ?? 20_000,
    games,
    gamma: options.learner?.gamma ?? tinyLearner.gamma,
    extras,
    subPolicies: roster.map(({ subPolicies }) => subPolicies),
    remembers: roster.map(({ actor }) => actor.carries.some(({ after }) => after !== undefined)),
    memorySteps: options.memorySteps ?? 8,
    ...options.replay,
  })
  const parts = {
    vectorGame,
    policies,
    roster,
    replay,
    rounds: createUpdateRounds(
      roster,
      agents.map(({ id }) => id),
      replay,
      replay.createBatch(batch),
      createRandom(seed, 'replay'),
      { every: options.every ?? 10, after: options.after ?? 20 },
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
