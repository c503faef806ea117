// A page of PPO on what rollouts give: the proof that an algorithm with old probabilities and several epochs needs nothing more.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineAlgorithm } from '../../src/learning/algorithm.ts'
import { learningMembers } from '../../src/learning/learning-members.ts'
import { discounting, optimisation, sharing } from '../../src/learning/options.ts'
import { updatesOverRollouts } from '../../src/learning/rollout-updates.ts'
import { createStateValue } from '../../src/learning/state-value.ts'
import { createStochasticPolicy } from '../../src/learning/stochastic-policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { gae } from '../../src/rollout/gae.ts'
import { standardised } from '../../src/rollout/moments.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { tinyTeam } from '../support/tiny-team.ts'

const clip = 0.2

/** Schulman et al. 2017: minimise -mean min(ratio A, clip(ratio) A), whose gradient is that of -mean(w log pi), w = ratio A or 0. */
const ppo = defineAlgorithm({
  id: 'ppo',
  description: 'clipped surrogate (Schulman et al. 2017)',
  options: { ...optimisation, ...discounting, ...sharing },
  acts: 'oneHot',
  createLearner(team, settings) {
    const round = { length: { steps: 10 }, epochs: 4, minibatches: 2, isJoint: true }
    return updatesOverRollouts(team, round, group => {
      const policy = createStochasticPolicy(group, settings)
      const value = createStateValue(group, 'joint', settings)
      return {
        members: learningMembers(policy, value, [{ name: 'logProbability', size: 1 }]),
        isRecurrent: policy.isRecurrent,
        prepare(trajectory) {
          const [values, nextValues] = [value.of(trajectory), value.of(trajectory, 'nextObservation')]
          const { advantages, targets } = gae(trajectory, values, nextValues, { gamma: settings.gamma, lambda: 0.95 })
          const old = trajectory.numbers('logProbability')
          return { advantages: standardised(advantages, trajectory.learnable), targets, old }
        },
        update(rows, { advantages, targets, old }) {
          const now = policy.at(rows)
          const [before, after] = [rows.of(old), now.logProbability()]
          const ratio = before.map((log, i) => Math.exp(after[i]! - log))
          const weights = rows.of(advantages).map((a, i) => {
            const isClipped = a > 0 ? ratio[i]! > 1 + clip : ratio[i]! < 1 - clip
            return isClipped ? 0 : ratio[i]! * a
          })
          const figures = now.climb(weights, 0.01)
          return {
            ...figures,
            ...value.fit(rows, rows.of(targets)),
            furthest: Math.max(...ratio.map(r => Math.abs(r - 1))),
          }
        },
      }
    })
  },
})

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const choice: ActionSpace = [{ name: 'move', kind: 'choice', size: 3, soft: true }]
const mixed: ActionSpace = [...choice, { name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]
const game: TinyGameOptions = {
  length: 4,
  space: choice,
  reward: ({ agent, actions, secrets }) => actions[agent]![secrets[agent]! < 0.5 ? 0 : 2]!,
  see: ({ agent, secrets }) => [secrets[agent]! < 0.5 ? -1 : 1],
}

describe.each([
  ['a choice', { game, network: {} }],
  ['a choice and a box', { game: { ...game, space: mixed }, network: {} }],
  ['a memory', { game, network: { memory: 4 } }],
] as const)('with %s', (_, { game, network }) => {
  it('the first minibatch of a round has the probabilities with which it was played, and later ones have others', () => {
    const team = tinyTeam(backend, ppo, {}, game, { games: 4, shareParameters: true, network })
    for (let round = 0; round < 3; round++) {
      while (!team.learner.due) team.go()
      const furthest: number[] = []
      while (team.learner.due) furthest.push(team.go()!.figures.furthest!)
      expect(furthest.length).toBe(8)
      // Log-probabilities are single precision; a memory's first rows go on from the memory that was stored.
      expect(furthest[0]).toBeLessThan(1e-6)
      expect(Math.min(...furthest.slice(1))).toBeGreaterThan(1e-4)
    }
  })
})

it('learns what pays where', () => {
  const team = tinyTeam(backend, ppo, { learningRate: 0.01, gamma: 0.9 }, game, { games: 8, shareParameters: true })
  for (let i = 0; i < 1500; i++) team.go()
  for (const { actor } of team.learner.members) {
    const best = (seen: number) => [...actor.greedy({ rows: 1, columns: 1, data: Float32Array.of(seen) }).data]
    expect([best(-1), best(1)]).toEqual([[1, 0, 0], [0, 0, 1]]) // biome-ignore format: a table
  }
})
