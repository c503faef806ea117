// Trainings of seconds on games so small that what must be learnt is known, and questions to what they have learnt.
import { expect } from 'vitest'
import { type Training, train } from '../../src/experiment/trainer.ts'
import { mlp } from '../../src/nn/network.ts'
import type { SavedTensor } from '../../src/types.ts'
import { observed } from './observed.ts'
import { plainForward } from './plain-network.ts'
import { ticks } from './ticks.ts'
import { type TinyTrainingOptions, tinyTraining } from './tiny-training.ts'

/** Trains for so many update rounds. */
export async function learnt(rounds: number, options: TinyTrainingOptions): Promise<Training> {
  const every = 8
  const training = await tinyTraining({
    games: 8,
    every,
    after: 64,
    batch: 64,
    hidden: [16, 16],
    capacity: 4096,
    schedule: { episodes: 1e9, logEvery: 1e9, checkpointEvery: 1e9 },
    ...options,
    learner: { learningRate: 0.01, tau: 0.05, gamma: 0.9, ...options.learner },
  })
  const updates = training.roster.length * (options.learner?.subPolicies ?? 1)
  const clock$ = ticks((rounds + 10) * (1 + updates))
  expect(observed(train(training, { clock$ })).errors).toEqual([])
  expect(training.rounds.finished).toBeGreaterThanOrEqual(rounds)
  return training
}

/** The last step that was made: what the agents see, do and get in all games. */
export const lastStep = (training: Training) => {
  const { next } = training.vectorGame
  training.policies.forEach((policy, agent) => {
    policy.act({
      observations: next.observations[agent]!,
      restarted: training.vectorGame.restarted,
      explore: true,
      actions: next.actions[agent]!,
      extras: [],
    })
  })
  return training.vectorGame.advance()
}

/** Mean Q of an agent over the games of a joint step, from its critic's saved weights. */
export function meanValue(training: Training, agent: number): number {
  const step = lastStep(training)
  const saved = training.roster[agent]!.save() as { critic: Record<string, SavedTensor | Float32Array> }
  const parameters = Object.values(saved.critic).flatMap(tensor => [...('shape' in tensor ? tensor.data : tensor)])
  const columns = [...step.observations, ...step.actions]
  const rows = step.truncated.length
  const input = Array.from({ length: rows }, (_, row) =>
    columns.flatMap(matrix => [...matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns)]),
  )
  const values = plainForward(mlp(input[0]!.length, [16, 16], 1), parameters, input.flat(), rows)
  return values.reduce((sum, value) => sum + value, 0) / rows
}

/** What an agent's actor, or one of its sub-policies, thinks best of one observation. */
export const best = (training: Training, agent: number, observation: readonly number[], subPolicy = 0) => {
  const row = { rows: 1, columns: observation.length, data: Float32Array.from(observation) }
  const { actor } = training.roster[agent]!
  return [...(actor.subPolicies?.[subPolicy] ?? actor).greedy(row).data]
}
