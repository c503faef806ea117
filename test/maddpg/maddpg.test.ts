// MADDPG's update against an independent implementation, number by number.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NonFiniteError } from '../../src/errors.ts'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import { ddpg, maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { createBatch } from '../../src/replay/joint-replay.ts'
import { actionSize } from '../../src/spaces.ts'
import type { AgentSpec, Batch, SavedTensor } from '../../src/types.ts'
import { type AgentLearner, agentLearner } from '../support/agent-learner.ts'
import { agentsOf } from '../support/joint-steps.ts'
import {
  newAdam,
  type PlainConfig,
  type PlainLearner,
  parametersOf,
  plainLayers,
  plainUpdate,
} from '../support/plain-maddpg.ts'
import { tinyLearner } from '../support/tiny-training.ts'

const observationSizes = [3, 4, 2]
const actionSizes = [5, 3, 4]
const hidden = [7, 6]
const rows = 8
const reference: PlainConfig = { ...tinyLearner, temperature: 1, hard: false }
const networks = ['actor', 'targetActor', 'critic', 'targetCritic'] as const

describe('an update of MADDPG', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const agentsWith = (soft: boolean): readonly AgentSpec[] =>
    agentsOf(observationSizes).map((agent, i) => ({
      ...agent,
      actionSpace: [{ name: 'move', kind: 'choice', size: actionSizes[i]!, soft }],
    }))
  const noiseOf = (agent: number) => createNoise(3, 'learner', agent, 'update')

  const rosterOf = (algorithm: Algorithm, config: PlainConfig = reference): AgentLearner[] => {
    const agents = agentsWith(!config.hard)
    return agents.map((_, index) =>
      agentLearner(
        algorithm,
        {
          backend,
          agents,
          index,
          network: { hidden, activation: 'relu', temperature: config.temperature },
          random: name => createRandom(3, 'learner', index, name),
          noise: name => createNoise(3, 'learner', index, name),
        },
        { ...tinyLearner, batch: rows, ...config },
      ),
    )
  }

  const seenBy = (algorithm: Algorithm, own: number) => (algorithm === maddpg ? [0, 1, 2] : [own])

  /** The same learners in plain numbers. */
  const plainOf = (roster: readonly AgentLearner[], algorithm: Algorithm): PlainLearner[] =>
    roster.map((learner, own) => {
      const seen = seenBy(algorithm, own)
      const inputs = seen.reduce((sum, agent) => sum + observationSizes[agent]! + actionSizes[agent]!, 0)
      const layers = (name: (typeof networks)[number]) =>
        name.endsWith('ritic')
          ? plainLayers([inputs, ...hidden, 1], numbersOf(learner, name))
          : plainLayers([observationSizes[own]!, ...hidden, actionSizes[own]!], numbersOf(learner, name))
      return {
        actor: layers('actor'),
        targetActor: layers('targetActor'),
        critic: layers('critic'),
        targetCritic: layers('targetCritic'),
        actorAdam: newAdam(),
        criticAdam: newAdam(),
      }
    })

  /** A batch of random numbers, with ends and absences in it. */
  const batchOf = (seed: number, soft = true, gamma = reference.gamma): Batch => {
    const agents = agentsWith(soft)
    const batch = createBatch(backend, agents, rows)
    const random = createRandom(seed, 'batch')
    for (const { data } of [...batch.observations, ...batch.nextObservations, batch.rewards])
      for (let i = 0; i < data.length; i++) data[i] = random.between(-2, 2)
    batch.actions.forEach(({ data }, agent) => {
      const size = actionSize(agents[agent]!.actionSpace)
      for (let at = 0; at < data.length; at += size) {
        const weights = Array.from({ length: size }, () => random.uniform())
        const sum = weights.reduce((a, b) => a + b)
        data.set(
          weights.map(w => w / sum),
          at,
        )
      }
    })
    batch.discounts.fill(gamma)
    batch.present.data.fill(1)
    batch.present.data.set([1, 0, 1, 0, 1, 1])
    batch.terminated.data.set([0, 0, 0, 1, 1, 1, 0, 1, 0], 6)
    return batch
  }

  it.each<{ name: string; algorithm: Algorithm; config: PlainConfig }>([
    { name: 'maddpg as in the reference', algorithm: maddpg, config: reference },
    { name: 'maddpg with one-hot actions', algorithm: maddpg, config: { ...reference, hard: true } },
    {
      name: 'maddpg with every setting moved',
      algorithm: maddpg,
      config: { ...reference, gamma: 0.7, tau: 0.3, clip: null, logitPenalty: 0.5, temperature: 0.6, beta1: 0.5 },
    },
    { name: 'maddpg with a clip that always bites', algorithm: maddpg, config: { ...reference, clip: 0.01 } },
    { name: 'ddpg', algorithm: ddpg, config: reference },
  ])('agrees with plain double-precision loops over whole rounds: $name', ({ algorithm, config }) => {
    const roster = rosterOf(algorithm, config)
    const plain = plainOf(roster, algorithm)
    const noises = roster.map((_, agent) => noiseOf(agent))
    for (let round = 0; round < 3; round++) {
      roster.forEach((learner, own) => {
        const batch = batchOf(10 * round + own, !config.hard, config.gamma)
        const keys = [...seenBy(algorithm, own), own].map(() => noises[own]!.next())
        const expected = plainUpdate(plain, own, batch, keys, config, seenBy(algorithm, own))
        const figures = learner.update(batch, roster)
        for (const name of ['criticLoss', 'actorLoss'] as const)
          expect(figures[name]! / expected[name], `${name} of agent ${own}, round ${round}`).toBeCloseTo(1, 4)
      })
      roster.forEach((learner, own) => {
        for (const name of networks) {
          const where = `${name} of agent ${own}, round ${round}`
          expect(distance(numbersOf(learner, name), parametersOf(plain[own]![name])), where).toBeLessThan(1e-4)
        }
      })
    }
  })

  it('moves every parameter tensor that it should, so that the comparison means something', () => {
    const roster = rosterOf(maddpg)
    const before = roster.map(learner => networks.map(name => numbersOf(learner, name)))
    roster.forEach((learner, own) => {
      learner.update(batchOf(own), roster)
    })
    roster.forEach((learner, own) => {
      networks.forEach((name, n) => {
        const moved = distance(numbersOf(learner, name), before[own]![n]!)
        expect(moved, `${name} of agent ${own}`).toBeGreaterThan(name.startsWith('target') ? 1e-5 : 1e-3)
      })
    })
  })

  it('of a later agent sees the new targets of the earlier ones', () => {
    const late = (earlierFirst: boolean) => {
      const roster = rosterOf(maddpg, { ...reference, tau: 0.5 })
      if (earlierFirst) roster[0]!.update(batchOf(1), roster)
      roster[1]!.update(batchOf(2), roster)
      return numbersOf(roster[1]!, 'critic')
    }
    expect(late(true)).toEqual(late(true))
    expect(distance(late(true), late(false))).toBeGreaterThan(1e-4)
  })

  it('of DDPG has nothing to do with the other agents', () => {
    const own = (disturb: (batch: Batch, roster: AgentLearner[]) => void) => {
      const roster = rosterOf(ddpg)
      const batch = batchOf(1)
      disturb(batch, roster)
      roster[1]!.update(batch, roster)
      return networks.map(name => numbersOf(roster[1]!, name))
    }
    const disturbed = own((batch, roster) => {
      roster[0]!.update(batchOf(5), roster)
      for (const other of [0, 2]) {
        batch.observations[other]!.data.fill(7)
        batch.actions[other]!.data.fill(7)
        batch.nextObservations[other]!.data.fill(7)
      }
    })
    expect(disturbed).toEqual(own(() => {}))
  })

  it('teaches nothing from rows where the agent was absent', () => {
    const roster = rosterOf(maddpg)
    const batch = batchOf(1)
    for (let row = 0; row < rows; row++) batch.present.data[row * 3 + 1] = 0
    const before = ['actor', 'critic'].map(name => numbersOf(roster[1]!, name))
    expect(roster[1]!.update(batch, roster)).toEqual({ criticLoss: 0, actorLoss: 0 })
    expect(['actor', 'critic'].map(name => numbersOf(roster[1]!, name))).toEqual(before)
  })

  it('begins with targets of their own, never copied', () => {
    for (const learner of rosterOf(maddpg)) {
      expect(distance(numbersOf(learner, 'targetActor'), numbersOf(learner, 'actor'))).toBeGreaterThan(0.1)
      expect(distance(numbersOf(learner, 'targetCritic'), numbersOf(learner, 'critic'))).toBeGreaterThan(0.1)
    }
  })

  it('begins with other weights for every agent and network', () => {
    const first = rosterOf(maddpg).flatMap(learner => networks.map(name => numbersOf(learner, name)[0]!))
    expect(new Set(first).size).toBe(first.length)
  })

  it('goes on with the same bits in a restored learner', () => {
    const roster = rosterOf(maddpg)
    roster[0]!.update(batchOf(1), roster)
    const restored = rosterOf(maddpg)
    restored.forEach((learner, i) => {
      learner.restore(roster[i]!.save())
    })
    for (const learners of [roster, restored]) {
      learners[0]!.update(batchOf(2), learners)
      learners[2]!.update(batchOf(3), learners)
    }
    expect(restored.map(learner => learner.save())).toEqual(roster.map(learner => learner.save()))
  })

  it('names agent and loss when a number is not finite', () => {
    const roster = rosterOf(maddpg)
    const batch = batchOf(1)
    batch.rewards.data[3 * 3 + 2] = Number.NaN
    expect(() => roster[2]!.update(batch, roster)).toThrow(NonFiniteError)
    expect(() => roster[2]!.update(batch, roster)).toThrow(/^agent_2: critic loss is NaN/)
  })

  it('names agent, network and tensor when a gradient overflows, and leaves the network as it was', () => {
    const roster = rosterOf(maddpg)
    const saved = roster[1]!.save() as Record<string, Record<string, SavedTensor>>
    saved.critic!['layer2.weight']!.data.fill(1e36)
    roster[1]!.restore(saved as never)
    const before = numbersOf(roster[1]!, 'critic')
    expect(() => roster[1]!.update(batchOf(1), roster)).toThrow(
      /^agent_1: critic: optimizer: the gradient of layer0\.weight is not finite/,
    )
    expect(numbersOf(roster[1]!, 'critic')).toEqual(before)
  })

  it('refuses boxes without end with a sentence', () => {
    const [agent] = agentsOf([2], [{ name: 'force', kind: 'box', size: 2, low: -1, high: Infinity }])
    for (const algorithm of [maddpg, ddpg]) {
      expect(algorithm.unsupported([...agentsWith(true), agent!])).toBe(
        "agent_0: part 'force' is a box from -1 to Infinity; bounds must be finite, the lower one first",
      )
      expect(algorithm.unsupported(agentsWith(true))).toBeNull()
    }
  })
})

/** A copy of all parameters of one of a learner's networks. */
function numbersOf(learner: AgentLearner, network: string): number[] {
  const tensors = (learner.save() as Record<string, Record<string, Float32Array | SavedTensor>>)[network]!
  return Object.values(tensors).flatMap(tensor => [...('shape' in tensor ? tensor.data : tensor)])
}

/** The largest difference between two lists of numbers. */
function distance(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length)
  return a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - b[i]!)), 0)
}
