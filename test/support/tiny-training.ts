// A training run over a test game: the same parts as a run of a scenario, without the registries.
import { onTestFinished } from 'vitest'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import type { Algorithm, LearnerConfig } from '../../src/agents/learner.ts'
import { createEpisodeTracker } from '../../src/engine/episodes.ts'
import { createUpdateRounds } from '../../src/engine/update-rounds.ts'
import { createTrainingReturns } from '../../src/experiment/metrics.ts'
import type { Training } from '../../src/experiment/trainer.ts'
import { maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { createBatch, createJointReplay } from '../../src/replay/joint-replay.ts'
import type { Saved, Stateful } from '../../src/types.ts'
import { type TinyGameOptions, tinyVectorGame } from './tiny-game.ts'

export interface TinyTrainingOptions {
  readonly game?: TinyGameOptions
  readonly algorithm?: Algorithm
  /** Whoever hands one in disposes it. */
  readonly backend?: Backend
  readonly learner?: Partial<LearnerConfig>
  readonly hidden?: readonly number[]
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
  const vectorGame = tinyVectorGame(games, game, seed)
  const { agents } = vectorGame
  const roster = agents.map(({ id }, index) =>
    algorithm.createLearner({
      backend,
      agents,
      index,
      learner: { ...tinyLearner, ...options.learner },
      network: { hidden, activation: 'relu', temperature: 1 },
      batch,
      random: name => createRandom(seed, 'learner', id, name),
      noise: name => createNoise(seed, 'learner', id, name),
      unreadable: new Set(),
      now: () => vectorGame.steps * games,
      share: (_, make) => make(),
    }),
  )
  const replay = createJointReplay(backend, agents, {
    capacity: options.capacity ?? 20_000,
    games,
    gamma: options.learner?.gamma ?? tinyLearner.gamma,
  })
  const parts = {
    vectorGame,
    policies: roster.map(({ actor }, i) =>
      createActorPolicy(actor, createNoise(seed, 'explore', i), createRandom(seed, 'explore', i)),
    ),
    roster,
    replay,
    rounds: createUpdateRounds(
      roster,
      agents.map(({ id }) => id),
      replay,
      createBatch(backend, agents, batch),
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
