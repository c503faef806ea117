// DPG: the exact gradient of a compatible critic, whoever acted; targets by what was done next; and what it refuses.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dpg } from '../../src/maddpg/dpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { createJointReplay } from '../../src/replay/joint-replay.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Batch, Saved, SavedTensor } from '../../src/types.ts'
import { type AgentLearner, agentLearner } from '../support/agent-learner.ts'
import { agentsOf, numberedSteps, rowNumbers } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'
import { numbersOf, randomBatch, spaces } from '../support/tiny-roster.ts'
import { plainDescent } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const wide: ActionSpace = [{ name: 'push', kind: 'box', size: 1, low: -100, high: 100 }]
const own = { subPolicies: 1, inferPolicies: false, groupUpdate: false, logitPenalty: 0, clip: null }

const learnerOf = (using: Backend, space: ActionSpace, rows: number, settings: object, network: object = {}) =>
  agentLearner(
    dpg,
    {
      backend: using,
      agents: agentsOf([1], space),
      index: 0,
      network: { hidden: [], activation: 'tanh', temperature: 1, boxes: 'deterministic', ...network },
      random: name => createRandom(3, 'learner', name),
      noise: name => createNoise(3, 'learner', name),
    },
    { ...own, batch: rows, ...settings },
  )

/** Writes into a learner's networks of one layer. */
function fill(learner: AgentLearner, weights: Readonly<Record<string, readonly number[]>>): void {
  const saved = structuredClone(learner.save()) as unknown as Record<string, Record<string, SavedTensor & Float32Array>>
  for (const [name, values] of Object.entries(weights)) {
    ;(saved[name]!['layer0.weight']!.data as Float32Array).set(values)
    saved[name]!['layer0.bias']!.fill(0)
  }
  learner.restore(saved as unknown as Saved)
}

describe('a compatible critic', () => {
  /** Q = -(a - 2 s)^2, mu = theta s with theta 1: at a = mu the gradient of the mean of Q is mean 2 s^2 = 3.5. */
  const states = [-1, 0.5, 2]
  const batchOf = (deviation: number): Batch => {
    const moments = states.flatMap(s => [-1, 1].map(sign => [s, s + sign * deviation] as const))
    const batch = randomBatch(backend, agentsOf([1], wide), moments.length, 1)
    moments.forEach(([s, a], row) => {
      batch.observations[0]!.data[row] = s
      batch.actions[0]!.data[row] = a
      batch.rewards.data[row] = -((a - 2 * s) ** 2)
    })
    batch.terminated.data.fill(1)
    return batch
  }

  it.each([0.5, 3])('comes to the exact gradient, from actions %d off the policy too', deviation => {
    const settings = { experience: 'latest', compatible: true, learningRate: 0.25 / (1e4 * deviation ** 2), actorLearningRate: 1e-15 } // biome-ignore format: one line
    const learner = learnerOf(plainDescent(backend), wide, 6, settings)
    // mu = 100 tanh(s / 100), a line to a part in 10,000.
    fill(learner, { actor: [0.01] })
    const batch = batchOf(deviation)
    for (let i = 0; i < 400; i++) learner.update(batch, [learner])
    // w s = grad_a Q = 2 s, where the policy's own gradient is 100 s.
    expectClose(numbersOf(learner, 'compatible'), [0.02, 0], 1e-4)
    const before = numbersOf(learner, 'actor')[0]!
    const saved = learner.save()
    const stepping = learnerOf(plainDescent(backend), wide, 6, { ...settings, actorLearningRate: 1e-5 })
    stepping.restore(structuredClone(saved))
    stepping.update(batch, [stepping])
    expectClose([(numbersOf(stepping, 'actor')[0]! - before) / 1e-5 / 100], [3.5], 0.01)
  })

  it('says of an action what it is worth to people who ask', () => {
    const settings = { experience: 'latest', compatible: true, learningRate: 2e-5, actorLearningRate: 1e-9 }
    const learner = learnerOf(plainDescent(backend), wide, 6, settings)
    fill(learner, { actor: [0.01], compatible: [0.02], critic: [3, 7] })
    const one = (x: number) => ({ rows: 1, columns: 1, data: Float32Array.of(x) })
    // V(s) = 3 s, which does not see the action; (a - s) 2 s.
    const value = learner.value!({ observations: [one(0.5)] }, [one(2)])
    expect(value).toBeCloseTo(1.5 + 1.5 * 1, 3)
  })

  it('is refused where it does not fit, with what to do', () => {
    const refused = (message: RegExp, settings: object, space = wide, network: object = {}, using = backend) => {
      const all = { experience: 'latest', compatible: true, ...settings }
      expect(() => learnerOf(using, space, 4, all, network)).toThrow(message)
    }
    refused(/^learner\.experience: expected latest with learner\.compatible=true, as/, { experience: 'replay' })
    refused(/^learner\.groupUpdate: expected false/, { groupUpdate: true })
    refused(/^learner\.subPolicies: expected 1, as/, { subPolicies: 2 })
    refused(/^learner\.compatible: expected false, as 'say' is a choice/, {}, spaces.mixed)
    refused(/^network\.memory: expected 0, as/, {}, wide, { memory: 3 })
    refused(/^learner\.exploration: expected gaussian or ornsteinUhlenbeck/, {}, wide, { boxes: 'sampled' })
    refused(/^run\.backend: expected simd/, {}, wide, {}, { ...backend, name: 'tfjs-cpu' })
  })
})

describe('Sarsa', () => {
  const rows = 5
  const settings = { gamma: 0.9, hidden: [], learningRate: 1, actorLearningRate: 1e-9, tau: 0, copyTargets: true }
  /** The change of the critic's weights by one step. */
  const step = (own: object, known: readonly number[] | null) => {
    const learner = learnerOf(plainDescent(backend), spaces.box, rows, { ...settings, ...own })
    const before = numbersOf(learner, 'critic')
    const batch = randomBatch(backend, agentsOf([1], spaces.box), rows, 2)
    const next = { rows, columns: 2, data: Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(i)) }
    const all =
      known === null
        ? batch
        : { ...batch, nextActions: [next], nextActed: { rows, columns: 1, data: Float32Array.from(known) } }
    learner.update(all, [learner])
    const moved = numbersOf(learner, 'critic').map((w, i) => w - before[i]!)
    return { learner, before, batch, next, moved }
  }
  const sarsa = { experience: 'latest', sarsa: true }

  it('asks for Q of what was done next, where that is known', () => {
    const known = [1, 0, 1, 1, 0]
    const { learner, before, batch, next, moved } = step(sarsa, known)
    const spec = mlp(3, [], 1)
    const q = (seen: ArrayLike<number>, acts: ArrayLike<number>) =>
      plainForward(spec, before, Array.from({ length: rows }, (_, i) => [seen[i]!, acts[2 * i]!, acts[2 * i + 1]!]).flat(), rows) // biome-ignore format: one line
    const mu = learner.actor.greedy({ ...batch.nextObservations[0]! }).data
    const acts = Array.from(mu, (a, i) => (known[i >> 1] === 1 ? next.data[i]! : a))
    const nextQ = q(batch.nextObservations[0]!.data, acts)
    const nowQ = q(batch.observations[0]!.data, batch.actions[0]!.data)
    // Down mean (Q - y)^2.
    const gradient = [0, 0, 0, 0]
    for (let i = 0; i < rows; i++) {
      const slope = (2 * (nowQ[i]! - batch.rewards.data[i]! - 0.95 * nextQ[i]!)) / rows
      const input = [batch.observations[0]!.data[i]!, ...batch.actions[0]!.data.subarray(2 * i, 2 * i + 2), 1]
      input.forEach((x, j) => {
        gradient[j]! -= slope * x
      })
    }
    expectClose(moved, gradient, 1e-4)
  })

  it('is Q of what the policy does where nothing is known, and where it is not asked for', () => {
    const plain = step({}, null).moved
    expect(step(sarsa, [0, 0, 0, 0, 0]).moved).toEqual(plain)
    expect(step({ experience: 'latest' }, [1, 1, 1, 1, 1]).moved).toEqual(plain)
    expect(step(sarsa, [1, 1, 1, 1, 1]).moved).not.toEqual(plain)
  })

  it('is refused from replay, and so are draws by TD error of what is not drawn', () => {
    const create = (own: object) => () => learnerOf(backend, wide, 4, own)
    expect(create({ sarsa: true })).toThrow(/^learner\.experience: expected latest with learner\.sarsa=true, as/)
    expect(create({ ...sarsa, priority: 0.5 })).toThrow(
      /^learner\.priority: expected 0 with learner\.experience=latest/,
    )
  })
})

describe('the latest transitions', () => {
  it('are the newest of which what was done next is known, in order', () => {
    const agents = agentsOf([2, 1])
    const games = 2
    const replay = createJointReplay(backend, agents, { capacity: 12, games })
    const steps = numberedSteps(agents, games, 9).map((step, n) => ({
      ...step,
      terminated: new Uint8Array(4),
      present: new Uint8Array(4).fill(1),
      // The episodes of the first game end with step 6.
      truncated: Uint8Array.of(n === 6 ? 1 : 0, 0),
    }))
    const draw = replay.draw(null, 0, { latest: true, gamma: 0.9 })
    const batch = replay.createBatch(5, true)
    for (const [n, step] of steps.entries()) {
      replay.insert(step)
      if (n < 1) continue
      draw.sample(createRandom(1), batch)
      const newest = 2 * (n + 1) - 1 - games
      const first = Math.max(0, newest - 4, 2 * (n + 1) - 12)
      const count = newest - first + 1
      for (let row = 0; row < 5; row++) {
        const of = first + (row % count)
        expect(batch.rewards.data[2 * row]).toBe(rowNumbers.reward(of, 0))
        const isKnown = of !== 12
        expect(batch.nextActed!.data[row]).toBe(isKnown ? 1 : 0)
        const expected = isKnown ? rowNumbers.action(of + games, 1, 1) : 0
        expect(batch.nextActions![1]!.data[2 * row + 1]).toBe(expected)
      }
    }
  })
})
