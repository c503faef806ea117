// MASAC: its losses against plain double-precision numbers and finite differences, its weight, its state, and what it learns.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import type { MaddpgSettings } from '../../src/learning/options.ts'
import { masac } from '../../src/maddpg/masac.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom, type NoiseKey } from '../../src/random.ts'
import { createBatch } from '../../src/replay/joint-replay.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { AgentSpec, Batch, SavedTensor } from '../../src/types.ts'
import { type AgentLearner, agentLearner } from '../support/agent-learner.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'
import { plainGumbelSoftmax, plainUniform } from '../support/plain-noise.ts'
import { tinyLearner } from '../support/tiny-training.ts'

const rows = 8
const hidden = [6]
const alpha = 0.3
const [beta2, epsilon] = [0.999, 1e4]
/** With so large an epsilon Adam's first step is the gradient itself, to float32 rounding: the update shows what it descends. */
const descent: Partial<MaddpgSettings> = {
  beta1: 0,
  beta2,
  epsilon,
  learningRate: epsilon / Math.sqrt(1 - beta2),
  clip: null,
  logitPenalty: 0.01,
  tau: 0,
}
const agents: readonly AgentSpec[] = [
  ...agentsOf(
    [3],
    [
      { name: 'move', kind: 'box', size: 2, low: -1, high: 3 },
      { name: 'say', kind: 'choice', size: 3, soft: true },
    ],
  ),
  ...agentsOf([2, 2], [{ name: 'move', kind: 'choice', size: 3, soft: true }]).slice(1),
]
const outputs = [7, 3] as const
const criticSpec = mlp(3 + 2 + 5 + 3, hidden, 1, 'tanh')
const actorSpec = (agent: number) => mlp(agents[agent]!.observationSize, hidden, outputs[agent]!, 'tanh')

describe('an update of MASAC', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const rosterOf = (learner: Partial<MaddpgSettings> = {}, options: Record<string, unknown> = {}): AgentLearner[] =>
    agents.map((_, index) =>
      agentLearner(
        masac,
        {
          backend,
          agents,
          index,
          network: { hidden, activation: 'tanh', temperature: 0.8 },
          random: name => createRandom(3, 'learner', index, name),
          noise: name => createNoise(3, 'learner', index, name),
        },
        { ...tinyLearner, batch: rows, ...learner, alpha, ...options },
      ),
    )

  const batchOf = (seed: number): Batch => {
    const batch = createBatch(backend, agents, rows)
    const random = createRandom(seed, 'batch')
    for (const { data } of [...batch.observations, ...batch.nextObservations, ...batch.actions, batch.rewards])
      for (let i = 0; i < data.length; i++) data[i] = random.between(-1, 1)
    batch.discounts.fill(0.9)
    batch.present.data.fill(1)
    batch.present.data[2 * 2] = 0 // row 2
    batch.terminated.data[3 * 2] = 1 // row 3
    return batch
  }

  /** One update of agent 0 with the gradient as the step, and all that its losses are made of. */
  const observed = () => {
    const roster = rosterOf(descent)
    const batch = batchOf(1)
    const before = roster.map(stateOf)
    const figures = roster[0]!.update(batch, roster)
    const noise = createNoise(3, 'learner', 0, 'update')
    const [nextKey, otherKey, key] = [noise.next(), noise.next(), noise.next()] as const
    const present = Array.from({ length: rows }, (_, r): number => (r === 2 ? 0 : 1))
    return { batch, before, after: stateOf(roster[0]!), figures, nextKey, otherKey, key, present }
  }

  /** Values of a critic for joint rows of observations and actions. */
  const values = (parameters: ArrayLike<number>, observations: readonly Rows[], actions: readonly Rows[]) => {
    const input = Array.from({ length: rows }, (_, r) => [...observations, ...actions].flatMap(part => part[r]!))
    return plainForward(criticSpec, parameters, input.flat(), rows)
  }

  it('brings both critics to r + discount (min(Q1, Q2) + alpha H) of actions that the actors themselves draw', () => {
    const { batch, before, after, figures, nextKey, otherKey, present } = observed()
    const next = batch.nextObservations.map(rowsOf)
    const drawn = [nextKey, otherKey].map((noise, agent) =>
      plainSample(agents[agent]!.actionSpace, actorSpec(agent), before[agent]!.actor!, next[agent]!, noise),
    )
    const acting = drawn.map(({ actions }, agent) =>
      actions.map((action, r) => (agent === 0 && (r === 2 || r === 3) ? action.map(() => 0) : action)),
    )
    const targets = ['targetCritic', 'targetSecondCritic'].map(name => values(before[0]![name]!, next, acting))
    const y = present.map((_, r) => {
      const soft = Math.min(targets[0]![r]!, targets[1]![r]!) + alpha * drawn[0]!.entropies[r]!
      return batch.rewards.data[r * 2]! + (r === 3 ? 0 : 0.9 * soft)
    })
    for (const [name, figure] of [
      ['critic', 'criticLoss'],
      ['secondCritic', 'secondCriticLoss'],
    ] as const) {
      const loss = (parameters: ArrayLike<number>) =>
        values(parameters, batch.observations.map(rowsOf), batch.actions.map(rowsOf)).reduce(
          (sum, q, r) => sum + (present[r]! * (q - y[r]!) ** 2) / rows,
          0,
        )
      expect(figures[figure]).toBeCloseTo(loss(before[0]![name]!), 5)
      expectClose(difference(before[0]![name]!, after[name]!), centralDifferences(loss, before[0]![name]!), 2e-5)
    }
  })

  it('leads the actor down -min(Q1, Q2) - alpha H and the penalty, along the path of its sample', () => {
    const { batch, before, after, figures, key, present } = observed()
    const observations = batch.observations.map(rowsOf)
    const parts = (parameters: ArrayLike<number>) => {
      const sample = plainSample(agents[0]!.actionSpace, actorSpec(0), parameters, observations[0]!, key)
      // The critics have learnt by now.
      const q = ['critic', 'secondCritic'].map(name =>
        values(after[name]!, observations, [sample.actions, rowsOf(batch.actions[1]!)]),
      )
      const loss = present.reduce((sum, here, r) => {
        const gain = Math.min(q[0]![r]!, q[1]![r]!) + alpha * sample.entropies[r]!
        return sum - (here * gain) / rows
      }, 0)
      const squares = sample.outputs.reduce((sum, x, i) => sum + present[Math.floor(i / 7)]! * x * x, 0)
      return { loss, penalty: (0.01 * squares) / sample.outputs.length, entropies: sample.entropies }
    }
    const { loss, entropies } = parts(before[0]!.actor!)
    expect(figures.actorLoss).toBeCloseTo(loss, 5)
    expect(figures.entropy).toBeCloseTo(entropies.reduce((sum, h, r) => sum + h * present[r]!, 0) / (rows - 1), 5)
    const whole = (x: Float64Array) => parts(x).loss + parts(x).penalty
    expectClose(difference(before[0]!.actor!, after.actor!), centralDifferences(whole, before[0]!.actor!), 2e-5)
  })

  it('raises alpha while the entropy is below its aim, lowers it while above, and leaves it alone if told so', () => {
    const alphas = (options: Record<string, unknown>) => {
      const roster = rosterOf({}, options)
      return [1, 2, 3].map(seed => roster[1]!.update(batchOf(seed), roster).alpha!)
    }
    const [first, , third] = alphas({ targetEntropy: 1 })
    expect(first).toBeCloseTo(alpha, 12)
    expect(third).toBeGreaterThan(first!)
    expect(alphas({ targetEntropy: 0 })[2]).toBeLessThan(alpha)
    expect(alphas({ targetEntropy: 0, learnAlpha: false })).toEqual([alpha, alpha, alpha])
  })

  it('teaches nothing from rows where the agent was absent', () => {
    const roster = rosterOf()
    const batch = batchOf(1)
    for (let row = 0; row < rows; row++) batch.present.data[row * 2] = 0
    const before = stateOf(roster[0]!)
    const figures = roster[0]!.update(batch, roster)
    expect(figures).toEqual({
      criticLoss: 0,
      secondCriticLoss: 0,
      actorLoss: 0,
      entropy: 0,
      alpha: expect.closeTo(alpha, 12),
    })
    for (const name of ['actor', 'critic', 'secondCritic']) expect(stateOf(roster[0]!)[name]).toEqual(before[name])
    expect(roster[0]!.update(batch, roster).alpha).toBeCloseTo(alpha, 12)
  })

  it('goes on with the same bits in a restored learner, alpha included', () => {
    const roster = rosterOf()
    for (const seed of [1, 2]) roster[0]!.update(batchOf(seed), roster)
    const restored = rosterOf({}, { alpha: 2 })
    restored.forEach((learner, i) => void learner.restore(roster[i]!.save()))
    for (const learners of [roster, restored]) for (const learner of learners) learner.update(batchOf(3), learners)
    expect(restored.map(learner => learner.save())).toEqual(roster.map(learner => learner.save()))
    expect(restored[0]!.update(batchOf(4), restored)).toEqual(roster[0]!.update(batchOf(4), roster))
  })

  it('refuses boxes that are explored from outside', () => {
    const create = (index: number) => () =>
      agentLearner(
        masac,
        {
          backend,
          agents,
          index,
          network: { hidden, activation: 'tanh', temperature: 1, boxes: 'deterministic' },
          random: name => createRandom(3, name),
          noise: name => createNoise(3, name),
        },
        { ...tinyLearner, batch: rows },
      )
    expect(create(0)).toThrow(ConfigError)
    expect(create(0)).toThrow(/^learner\.exploration: /)
    expect(create(1)).not.toThrow()
  })
})

type Rows = number[][]

function rowsOf({ rows: count, columns, data }: { rows: number; columns: number; data: Float32Array }): Rows {
  return Array.from({ length: count }, (_, r) => [...data.subarray(r * columns, (r + 1) * columns)])
}

/** Copies of all parameters, by network. */
function stateOf(learner: AgentLearner): Record<string, Float64Array> {
  const saved = learner.save() as Record<string, Record<string, Float32Array | SavedTensor>>
  const names = ['actor', 'targetActor', 'critic', 'targetCritic', 'secondCritic', 'targetSecondCritic']
  return Object.fromEntries(
    names.map(name => [
      name,
      Float64Array.from(Object.values(saved[name]!).flatMap(tensor => [...('shape' in tensor ? tensor.data : tensor)])),
    ]),
  )
}

function difference(before: Float64Array, after: Float64Array): number[] {
  return Array.from(before, (x, i) => x - after[i]!)
}

/** Soft actions and their entropies in double precision. */
function plainSample(
  space: ActionSpace,
  spec: ReturnType<typeof mlp>,
  parameters: ArrayLike<number>,
  observations: Rows,
  key: NoiseKey,
): { outputs: Float64Array; actions: Rows; entropies: number[] } {
  const data = plainForward(spec, parameters, observations.flat(), rows)
  const columns = data.length / rows
  const actions: Rows = observations.map(() => [])
  const entropies = new Array<number>(rows).fill(0)
  let from = 0
  for (const part of space) {
    const soft =
      part.kind === 'choice'
        ? plainGumbelSoftmax({ rows, columns, data }, { from, to: from + part.size }, 0.8, key)
        : null
    for (let r = 0; r < rows; r++) {
      const at = r * columns + from
      if (soft !== null) {
        const weights = [...data.subarray(at, at + part.size)].map(Math.exp)
        const sum = weights.reduce((a, b) => a + b)
        entropies[r]! -= weights.reduce((all, w) => all + (w / sum) * Math.log(w / sum), 0)
        actions[r]!.push(...soft.subarray(at, at + part.size))
        continue
      }
      for (let i = 0; i < part.size; i++) {
        const [mean, log] = [at + i, at + part.size + i]
        const n = Math.sqrt(-2 * Math.log(plainUniform(key, mean))) * Math.cos(2 * Math.PI * plainUniform(key, log))
        const deviation = Math.exp(data[log]!)
        const tanh = Math.tanh(data[mean]! + deviation * n)
        const density = Math.exp((-n * n) / 2) / (deviation * Math.sqrt(2 * Math.PI) * (1 - tanh * tanh))
        entropies[r]! -= Math.log(density)
        actions[r]!.push(1 + 2 * tanh) // the box from -1 to 3
      }
    }
    from += part.kind === 'box' ? 2 * part.size : part.size
  }
  expect(actions[0]!.length).toBe(actionSize(space))
  return { outputs: data, actions, entropies }
}
