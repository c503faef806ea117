// Actors: sampling, the gradient of the whole actor loss, and the policy that explores with them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ActorConfig, createActor } from '../../src/agents/actor.ts'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import type { Policy } from '../../src/agents/policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'
import { plainGumbelSoftmax } from '../support/plain-noise.ts'

const moveAndSay: ActionSpace = [
  { name: 'move', kind: 'choice', size: 5, soft: true },
  { name: 'say', kind: 'choice', size: 3, soft: true },
]
// tanh: finite differences across the kink of a ReLU are no judge.
const temperature = 0.8
const config: ActorConfig = { hidden: [7, 6], activation: 'tanh', temperature }

describe('an actor', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const [agent] = agentsOf([4], moveAndSay)
  const newActor = (seed = 1) => createActor(backend, agent!, config, createRandom(seed, 'actor'))
  const rows = 6
  const present = (absent: readonly number[] = []) =>
    Float32Array.from({ length: rows }, (_, i) => (absent.includes(i) ? 0 : 1))

  it.each([
    { name: 'all rows present', absent: [] },
    { name: 'some rows absent', absent: [0, 4] },
  ])('goes back through sample and network, with the penalty on its logits: $name', ({ absent }) => {
    const actor = newActor()
    const observations = placed(backend, randomMatrix(createRandom(2), rows, 4, 2))
    const gradient = placed(backend, randomMatrix(createRandom(3), rows, 8))
    for (const row of absent) gradient.data.fill(0, row * 8, (row + 1) * 8)
    const key = createNoise(4).next()
    const penalty = 0.3
    const loss = (parameters: ArrayLike<number>) => {
      const logits = plainForward(actor.network.spec, parameters, observations.data, rows)
      const part = (from: number, to: number) =>
        plainGumbelSoftmax({ rows, columns: 8, data: logits }, { from, to }, temperature, key)
      const value = dot(part(0, 5), gradient.data) + dot(part(5, 8), gradient.data)
      const squares = logits.reduce((sum, x, i) => sum + x * x * present(absent)[Math.floor(i / 8)]!, 0)
      return value + (penalty * squares) / logits.length
    }
    actor.forward(observations, key)
    actor.backward(gradient, penalty, present(absent))
    expectClose(actor.network.gradients, centralDifferences(loss, actor.network.parameters), 5e-6)
  })

  it('gives nothing to learn for rows that are absent', () => {
    const actor = newActor()
    actor.forward(randomMatrix(createRandom(2), rows, 4), createNoise(4).next())
    actor.backward(backend.matrix(rows, 8), 0.3, present([0, 1, 2, 3, 4, 5]))
    expect(actor.network.gradients.every(x => x === 0)).toBe(true)
  })

  it('samples what it goes forward with, to the bit', () => {
    const actor = newActor()
    const observations = randomMatrix(createRandom(2), rows, 4)
    const key = createNoise(4).next()
    const forward = Float32Array.from(actor.forward(observations, key).data)
    expectSameBits(actor.sample(observations, key).data, forward)
  })

  it('acts for others between forward and backward without forgetting', () => {
    const learn = (between: (actor: ReturnType<typeof newActor>) => void) => {
      const actor = newActor()
      actor.forward(randomMatrix(createRandom(2), rows, 4), createNoise(4).next())
      between(actor)
      actor.backward(randomMatrix(createRandom(3), rows, 8), 1e-3, present())
      return actor.network.gradients
    }
    const disturbed = learn(actor => {
      for (const count of [1, rows, 20]) {
        actor.sample(randomMatrix(createRandom(9), count, 4), createNoise(8).next())
        actor.greedy(randomMatrix(createRandom(9), count, 4))
      }
    })
    expectSameBits(
      disturbed,
      learn(() => {}),
    )
  })

  it('begins with the weights of its stream', () => {
    expectSameBits(newActor(1).network.parameters, newActor(1).network.parameters)
    expect(newActor(2).network.parameters).not.toEqual(newActor(1).network.parameters)
  })

  describe('as a policy', () => {
    const act = (policy: Policy, explore: boolean, observations: Matrix = randomMatrix(createRandom(5), 3, 4)) => {
      const actions = { rows: observations.rows, columns: 8, data: new Float32Array(observations.rows * 8) }
      policy.act({ observations, restarted: new Uint8Array(observations.rows), explore, actions, extras: [] })
      return [...actions.data]
    }

    it('explores with new noise at every call', () => {
      const policy = createActorPolicy(newActor(), createNoise(6), createRandom(6))
      expect(act(policy, true)).not.toEqual(act(policy, true))
    })

    it('uses up no noise for its best guess', () => {
      const calm = createActorPolicy(newActor(), createNoise(6), createRandom(6))
      const other = createActorPolicy(newActor(), createNoise(6), createRandom(6))
      expect(act(calm, false)).toEqual(act(calm, false))
      expect(act(calm, true)).toEqual(act(other, true))
    })

    it('goes on with the same noise where it was saved', () => {
      const policy = createActorPolicy(newActor(), createNoise(6), createRandom(6))
      act(policy, true)
      const restored = createActorPolicy(newActor(), createNoise(6), createRandom(6))
      restored.restore(policy.save())
      expect(act(restored, true)).toEqual(act(policy, true))
    })

    it('follows its actor as it learns', () => {
      const actor = newActor()
      const policy = createActorPolicy(actor, createNoise(6), createRandom(6))
      const before = act(policy, false)
      actor.network.parameters.fill(0)
      expect(act(policy, false)).not.toEqual(before)
    })
  })
})
