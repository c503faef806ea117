// MAD4PG: one update against plain double-precision numbers, its figures, its refusals and its state.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { mad4pg } from '../../src/maddpg/mad4pg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { createBatch } from '../../src/replay/joint-replay.ts'
import type { Batch, SavedTensor } from '../../src/types.ts'
import type { AgentLearner } from '../support/agent-learner.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { plainForward } from '../support/plain-network.ts'
import { plainGumbelSoftmax } from '../support/plain-noise.ts'
import { tinyRoster } from '../support/tiny-roster.ts'

const rows = 8
const hidden = [6]
const agents = agentsOf([3, 2], [{ name: 'move', kind: 'choice', size: 3, soft: true }])
const [atoms, low, high] = [11, -5, 5]
const atomValues = Array.from({ length: atoms }, (_, i) => low + i)
const critic = mlp(3 + 2 + 3 + 3, hidden, atoms)

describe('an update of MAD4PG', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const rosterOf = (options: Record<string, unknown> = { atoms, low, high }): AgentLearner[] =>
    tinyRoster(backend, mad4pg, agents, { rows, options, network: { hidden } })

  const batchOf = (seed: number): Batch => {
    const batch = createBatch(backend, agents, rows)
    const random = createRandom(seed, 'batch')
    for (const { data } of [...batch.observations, ...batch.nextObservations, ...batch.actions, batch.rewards])
      for (let i = 0; i < data.length; i++) data[i] = random.between(-1, 1)
    // Transitions span one to three steps.
    batch.discounts.forEach((_, r) => {
      batch.discounts[r] = 0.9 ** (1 + (r % 3))
    })
    batch.weights.forEach((_, r) => {
      batch.weights[r] = 1 / (1 + r)
    })
    batch.rewards.data[6 * 2] = 50 // row 6 lies beyond the support
    batch.present.data.fill(1)
    batch.present.data[2 * 2] = 0 // row 2
    batch.terminated.data[3 * 2] = 1 // row 3
    return batch
  }

  it('brings the distribution to that of r + discount^m Z(o, a), with weights and without the absent', () => {
    const roster = rosterOf()
    const batch = batchOf(1)
    const before = numbersOf(roster[0]!)
    const others = numbersOf(roster[1]!)
    const figures = roster[0]!.update(batch, roster)

    const noise = createNoise(3, 'learner', 0, 'update')
    const acting = [before.targetActor!, others.targetActor!].map((parameters, agent) => {
      const seen = batch.nextObservations[agent]!
      const data = plainForward(mlp(seen.columns, hidden, 3), parameters, seen.data, rows)
      const soft = plainGumbelSoftmax({ rows, columns: 3, data }, { from: 0, to: 3 }, 1, noise.next())
      if (agent === 0) soft.fill(0, 2 * 3, 4 * 3) // absent in row 2, over in row 3
      return { columns: 3, data: soft }
    })
    const distributions = (name: string, parts: readonly { columns: number; data: ArrayLike<number> }[]) => {
      const input = Array.from({ length: rows }, (_, r) =>
        parts.flatMap(({ columns, data }) => Array.from(data).slice(r * columns, (r + 1) * columns)),
      )
      const logits = plainForward(critic, before[name]!, input.flat(), rows)
      return Array.from({ length: rows }, (_, r) => {
        const weights = [...logits.subarray(r * atoms, (r + 1) * atoms)].map(Math.exp)
        const sum = weights.reduce((a, b) => a + b)
        return weights.map(w => w / sum)
      })
    }
    const next = distributions('targetCritic', [...batch.nextObservations, ...acting])
    const now = distributions('critic', [...batch.observations, ...batch.actions])
    let [loss, clipped] = [0, 0]
    const divergences = now.map((p, r) => {
      if (r === 2) return 0
      const returns = atomValues.map(z => batch.rewards.data[r * 2]! + (r === 3 ? 0 : batch.discounts[r]!) * z)
      const within = returns.map(value => Math.min(high, Math.max(low, value)))
      const aim = atomValues.map(z =>
        within.reduce((sum, value, j) => sum + next[r]![j]! * Math.max(0, 1 - Math.abs(value - z)), 0),
      )
      clipped += returns.reduce((sum, value, j) => sum + (value === within[j] ? 0 : next[r]![j]!), 0) / (rows - 1)
      const divergence = aim.reduce((sum, m, i) => sum + (m === 0 ? 0 : m * Math.log(m / p[i]!)), 0)
      loss += (divergence * batch.weights[r]!) / rows
      return divergence
    })
    expect(figures.criticLoss).toBeCloseTo(loss, 5)
    expect(figures.clippedMass).toBeCloseTo(clipped, 5)
    expect(clipped).toBeGreaterThan(1 / 7) // all of row 6, and some of others
    divergences.forEach((divergence, r) => void expect(batch.tdErrors[r]).toBeCloseTo(divergence, 5))
  })

  it('teaches nothing from rows where the agent was absent', () => {
    const roster = rosterOf()
    const batch = batchOf(1)
    for (let row = 0; row < rows; row++) batch.present.data[row * 2] = 0
    const before = numbersOf(roster[0]!)
    const figures = roster[0]!.update(batch, roster)
    expect(Object.entries(figures).map(([name, figure]) => [name, Math.abs(figure)])).toEqual([
      ['criticLoss', 0],
      ['actorLoss', 0],
      ['clippedMass', 0],
    ])
    for (const name of ['actor', 'critic']) expect(numbersOf(roster[0]!)[name]).toEqual(before[name])
  })

  it('goes on with the same bits in a restored learner, the fitted support included', () => {
    const fitted = { atoms }
    const roster = rosterOf(fitted)
    roster[0]!.update(batchOf(1), roster)
    const restored = rosterOf(fitted)
    restored.forEach((learner, i) => void learner.restore(roster[i]!.save()))
    for (const learners of [roster, restored]) for (const learner of learners) learner.update(batchOf(9), learners)
    expect(restored.map(learner => learner.save())).toEqual(roster.map(learner => learner.save()))
    // Agent 0 keeps the support of its first batch.
    const fresh = rosterOf(fitted)
    fresh[0]!.update(batchOf(9), fresh)
    const supportOf = (learner: AgentLearner) => (learner.save() as { support: Float64Array }).support
    expect(supportOf(restored[0]!)).not.toEqual(supportOf(fresh[0]!))
  })

  it('is refused with bounds the wrong way round', () => {
    expect(() => rosterOf({ low: 3, high: 3 })).toThrow(ConfigError)
    expect(() => rosterOf({ low: 3, high: 3 })).toThrow(/^learner\.high: expected more than learner\.low \(3\), got 3/)
  })
})

/** Copies of all parameters, by network. */
function numbersOf(learner: AgentLearner): Record<string, number[]> {
  const saved = learner.save() as Record<string, Record<string, Float32Array | SavedTensor>>
  return Object.fromEntries(
    ['actor', 'targetActor', 'critic', 'targetCritic'].map(name => [
      name,
      Object.values(saved[name]!).flatMap(tensor => [...('shape' in tensor ? tensor.data : tensor)]),
    ]),
  )
}
