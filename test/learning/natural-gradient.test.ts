// A page of the natural policy gradient on what rollouts give: the gradient without a step, the Fisher matrix, conjugate gradients.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFisher } from '../../src/agents/fisher.ts'
import { defineAlgorithm } from '../../src/learning/algorithm.ts'
import { learningMembers } from '../../src/learning/learning-members.ts'
import { optimisation } from '../../src/learning/options.ts'
import { updatesOverRollouts } from '../../src/learning/rollout-updates.ts'
import { createStochasticPolicy } from '../../src/learning/stochastic-policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import type { CurvatureNetwork } from '../../src/nn/curvature.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { discountedReturns } from '../../src/rollout/returns.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { dot, expectClose } from '../support/matrices.ts'
import { recordedStep } from '../support/recorded-steps.ts'
import { teamContext } from '../support/tiny-team.ts'

/** theta += rate F^-1 grad J (Kakade 2001). */
const npg = defineAlgorithm({
  id: 'npg',
  description: 'natural policy gradient (Kakade 2001)',
  options: optimisation,
  acts: 'oneHot',
  createLearner: (team, settings) =>
    updatesOverRollouts(
      team,
      { length: { episodes: team.games }, epochs: 1, minibatches: 1, isJoint: false },
      group => {
        const policy = createStochasticPolicy(group, settings)
        const network = policy.network as CurvatureNetwork
        const fisher = createFisher(network, policy.distribution)
        return {
          members: learningMembers(policy, null),
          isRecurrent: policy.isRecurrent,
          prepare: trajectory => ({ returns: discountedReturns(trajectory, 1) }),
          update(rows, { returns }) {
            const now = policy.at(rows)
            const figures = now.gradient(rows.of(returns), 0)
            const direction = solve(v => fisher.times(now.outputs, v, 1e-5), network.gradients)
            network.gradients.fill(0)
            for (let i = 0; i < direction.length; i++) network.parameters[i]! -= direction[i]!
            return figures
          },
        }
      },
    ),
})

/** Conjugate gradients (Hestenes and Stiefel 1952). */
function solve(times: (v: Float32Array) => Float32Array, b: Float32Array): Float32Array {
  const [x, r] = [new Float32Array(b.length), Float32Array.from(b)]
  const p = Float32Array.from(b)
  for (let i = 0, rr = dot(r, r); i < 10 && rr > 1e-12; i++) {
    const z = times(p)
    const step = rr / dot(p, z)
    for (let j = 0; j < x.length; j++) x[j]! += step * p[j]!
    for (let j = 0; j < x.length; j++) r[j]! -= step * z[j]!
    const next = dot(r, r)
    for (let j = 0; j < x.length; j++) p[j] = r[j]! + (next / rr) * p[j]!
    rr = next
  }
  return x
}

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

it('is r - mean r on a categorical, whatever the logits', () => {
  const agents = agentsOf([1], [{ name: 'choose', kind: 'choice', size: 3, soft: false }])
  const learner = npg.createLearner(teamContext(backend, agents, { games: 3, network: { hidden: [] } }))
  const network = learner.members[0]!.actor.networks[0]!
  const logits = network.parameters.subarray(3, 6)
  const before = Float32Array.of(0.2, -0.4, 0.7)
  logits.set(before)
  const weights = Array.from(before, Math.exp)
  const sum = weights.reduce((a, b) => a + b)
  const rewards = [1, 0, 2].map((reward, action) => (3 * reward * weights[action]!) / sum)
  const oneHots = [[1, 0, 0], [0, 1, 0], [0, 0, 1]] // biome-ignore format: a table
  learner.take(
    recordedStep(
      agents,
      oneHots.map((row, i) => ({ actions: [row], rewards: [rewards[i]!], truncated: 1 })),
    ),
  )
  learner.advance(learner.members)
  expect(learner.due).toBe(false)
  expectClose(Array.from(logits, (logit, j) => logit - before[j]!), [0, -1, 1], 2e-4) // biome-ignore format: one line
})
