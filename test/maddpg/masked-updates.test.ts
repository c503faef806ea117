// Updates from batches with action masks, for every algorithm that learns from replay: what is forbidden is never done nor learnt.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EstimatorKind } from '../../src/agents/estimators.ts'
import { algorithms } from '../../src/algorithms/index.ts'
import { perturb } from '../../src/maddpg/m3ddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { actionSize } from '../../src/spaces.ts'
import type { Matrix, Observations } from '../../src/types.ts'
import type { AgentLearner } from '../support/agent-learner.ts'
import { placed, randomMatrix } from '../support/matrices.ts'
import { maskedBatch, randomMask } from '../support/plain-masks.ts'
import { agentsIn, hasActionCritics, numbersOf, randomBatch, tinyRoster } from '../support/tiny-roster.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const rows = 8
const never = 1
const space = (soft: boolean): ActionSpace => [
  { name: 'move', kind: 'choice', size: 4, soft },
  { name: 'aim', kind: 'box', size: 1, low: -1, high: 1 },
]
const columns = actionSize(space(true))
const replayAlgorithms = Object.entries(algorithms).filter(([, algorithm]) => hasActionCritics(algorithm))

/** Random masks under which one alternative is never allowed. */
function masksOf(count: number, seed: number, spaceOf: ActionSpace): Matrix[] {
  return Array.from({ length: count }, (_, agent) => {
    const mask = randomMask(createRandom(seed, agent), rows, spaceOf, 0.4)
    for (let row = 0; row < rows; row++) {
      mask.data[row * columns + never] = 0
      mask.data[row * columns + 3] = 1
    }
    return mask
  })
}

/** Watches what actors of a roster are asked for and do; nothing forbidden may come of it. */
function watched(roster: readonly AgentLearner[]) {
  let asked = 0
  for (const member of roster) {
    for (const actor of [member.actor, member.targetActor!]) {
      const { sample } = actor
      actor.sample = (observations: Observations, noise) => {
        const actions = sample(observations, noise)
        expect(observations.mask).toBeDefined()
        asked++
        actions.data.forEach((x, i) => void (observations.mask!.data[i] === 0 && expect(x).toBe(0)))
        return actions
      }
    }
  }
  return () => asked
}

describe.each(replayAlgorithms)('an update of %s under masks', (id, algorithm) => {
  const agents = agentsIn(space(true), ['good', 'bad', 'good'])
  const options = { network: { activation: 'tanh' as const } }
  const rosterOf = (estimator: EstimatorKind = 'soft') =>
    tinyRoster(backend, algorithm, agents, { rows, ...options, network: { ...options.network, estimator } })

  it.each(['soft', 'straightThrough', 'gumbelRao', 'gapped'] as const)(
    'never moves what leads to an alternative that is never allowed, with estimator %s',
    estimator => {
      const roster = rosterOf(estimator)
      const asked = watched(roster)
      const before = roster.map(({ actor }) => outputsTo(actor.networks[0]!, never))
      const other = roster.map(({ actor }) => outputsTo(actor.networks[0]!, 3))
      for (let i = 0; i < 4; i++) {
        const batch = randomBatch(backend, agents, rows, i)
        const masked = maskedBatch(batch, agents, masksOf(3, i, space(true)), masksOf(3, i + 9, space(true)))
        for (const learner of roster) expect(learner.update(masked, roster).criticLoss).toBeGreaterThan(0)
      }
      roster.forEach(({ actor }, agent) => {
        expect(outputsTo(actor.networks[0]!, never)).toEqual(before[agent])
        expect(outputsTo(actor.networks[0]!, 3)).not.toEqual(other[agent])
      })
      expect(asked()).toBeGreaterThan(0)
    },
  )

  it('has the bits of an update without masks where they allow everything', () => {
    const states = [false, true].map(isMasked => {
      const roster = rosterOf()
      for (let i = 0; i < 2; i++) {
        const batch = randomBatch(backend, agents, rows, i)
        const all = agents.map(() => randomMask(createRandom(1), rows, space(true), 0))
        const seen = isMasked ? maskedBatch(batch, agents, all, all) : batch
        for (const learner of roster) learner.update(seen, roster)
      }
      return roster.map(learner => learner.save())
    })
    expect(states[1]).toEqual(states[0])
  })

  it('gives other values where the next state forbids something', () => {
    const criticOf = (nextSeed: number) => {
      const roster = rosterOf()
      const batch = randomBatch(backend, agents, rows, 1)
      const masked = maskedBatch(batch, agents, masksOf(3, 1, space(true)), masksOf(3, nextSeed, space(true)))
      roster[0]!.update(masked, roster)
      return numbersOf(roster[0]!, 'critic')
    }
    expect(criticOf(2), id).not.toEqual(criticOf(3))
    expect(criticOf(2), id).toEqual(criticOf(2))
  })
})

describe('inferred policies under masks', () => {
  it('take a forbidden alternative as impossible: what leads to it is never moved, and targets never do it', () => {
    const agents = agentsIn(space(true), ['good', 'bad'])
    const roster = tinyRoster(backend, algorithms.maddpg!, agents, { rows, learner: { inferPolicies: true } })
    const columnsOf = (k: number) => {
      const all = numbersOf(roster[0]!, 'inferred_agent_1')
      // The last layer: 6 inputs, and outputs of four logits, a mean and a log deviation.
      const weights = all.slice(-7 * 6, -6)
      return [...weights.filter((_, i) => i % 6 === k), all.slice(-6)[k]]
    }
    const [before, other] = [columnsOf(never), columnsOf(3)]
    for (let i = 0; i < 4; i++) {
      const batch = randomBatch(backend, agents, rows, i)
      const masked = maskedBatch(batch, agents, masksOf(2, i, space(true)), masksOf(2, i + 9, space(true)))
      const { inferenceLoss, inferenceKL } = roster[0]!.update(masked, roster)
      expect([inferenceLoss, inferenceKL].every(Number.isFinite)).toBe(true)
    }
    expect(columnsOf(never)).toEqual(before)
    expect(columnsOf(3)).not.toEqual(other)
  })
})

describe('the adversarial step of M3DDPG under masks', () => {
  it('leaves forbidden alternatives at 0, and has its whole length in the others', () => {
    const spec = mlp(8, [9, 7], 1, 'tanh')
    const random = createRandom(1)
    const network = backend.network(spec, random)
    const input = placed(backend, randomMatrix(random, rows, 8))
    const mask = randomMask(random, rows, [{ name: 'move', kind: 'choice', size: 4, soft: true }])
    for (let row = 0; row < rows; row++) {
      for (let c = 0; c < 4; c++) input.data[row * 8 + 4 + c]! *= mask.data[row * 4 + c]!
    }
    const before = Float32Array.from(input.data)
    const ones = placed(backend, { rows, columns: 1, data: new Float32Array(rows).fill(1) })
    perturb(network, input, ones, [{ agent: 1, columns: { from: 4, to: 8 }, step: 0.05 }], () => true, [
      undefined,
      mask,
    ])
    for (let row = 0; row < rows; row++) {
      const moved = [0, 1, 2, 3].map(c => input.data[row * 8 + 4 + c]! - before[row * 8 + 4 + c]!)
      moved.forEach((x, c) => void (mask.data[row * 4 + c] === 0 && expect(x).toBe(0)))
      expect(Math.hypot(...moved)).toBeCloseTo(0.05, 5)
    }
  })
})

/** The weights and the bias that lead to one output of the last layer. */
function outputsTo(network: AgentLearner['actor']['networks'][number], output: number): number[] {
  const { parameters, tensors } = network
  const [weight, bias] = tensors.slice(-2)
  const outputs = bias!.shape[0]!
  const inputs = weight!.shape[0]!
  const column = Array.from({ length: inputs }, (_, i) => parameters[weight!.offset + i * outputs + output]!)
  return [...column, parameters[bias!.offset + output]!]
}
