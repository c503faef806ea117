// Actors that remember: step by step as over a window, and the gradient back through the window, against a plain unroll.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ActorConfig, createActor } from '../../src/agents/actor.ts'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import type { Identity } from '../../src/agents/identity.ts'
import { withMemory } from '../../src/agents/recurrent-body.ts'
import { actAll } from '../../src/engine/simulate.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Matrix, Observations } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { plainGumbelSoftmax } from '../support/plain-noise.ts'
import { plainSequence } from '../support/plain-sequence.ts'
import { tinyTraining } from '../support/tiny-training.ts'

const space: ActionSpace = [
  { name: 'move', kind: 'choice', size: 4, soft: true },
  { name: 'say', kind: 'choice', size: 2, soft: true },
]
const [agent] = agentsOf([3], space)
const temperature = 0.8
const memory = 5
// tanh: finite differences across the kink of a ReLU are no judge.
const config: ActorConfig = { hidden: [6], activation: 'tanh', temperature, memory }
const rows = 4
const steps = 6
const third: Identity = { position: 2, members: 3 }

describe('an actor with a memory', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const carried = (matrix: Matrix) => ({ name: 'memory', ...matrix })
  const newActor = (identity?: Identity) => createActor(backend, agent!, config, createRandom(1, 'actor'), identity)
  const present = new Float32Array(rows).fill(1)
  /** Steps of [rows, 3] on top of one another, with stored states that are no zeros, and episodes that begin here and there. */
  const window = () => {
    const observations = placed(backend, randomMatrix(createRandom(2), steps * rows, 3, 2))
    const restarted = new Uint8Array(steps * rows)
    // Row 1 begins at the third step, row 2 has had one step only, row 3 begins at the oldest.
    restarted[2 * rows + 1] = 1
    for (let step = 0; step < steps; step++) restarted[step * rows + 2] = 1
    restarted[3] = 1
    return { observations, restarted, extras: [carried(placed(backend, randomMatrix(createRandom(3), rows, memory)))] }
  }
  const seen = (past = window()): Observations => ({ ...stepOf(past.observations, steps - 1), past })
  const stepOf = ({ columns, data }: Matrix, step: number): Matrix => ({
    rows,
    columns,
    data: data.slice(step * rows * columns, (step + 1) * rows * columns),
  })
  /** The window's inputs with a one-hot behind each row. */
  const identified = ({ data }: Matrix, { position, members }: Identity) =>
    Array.from({ length: steps * rows }, (_, row) => [
      ...data.subarray(3 * row, 3 * row + 3),
      ...Array.from({ length: members }, (_, i) => (i === position ? 1 : 0)),
    ]).flat()

  it('is a hidden layer, a gated recurrent unit and outputs', () => {
    expect(newActor().network.spec).toEqual(withMemory(mlp(3, [6], 6, 'tanh'), memory))
    expect(newActor().network.spec.layers.map(({ kind, size }) => [kind, size])).toEqual([
      ['dense', 6],
      ['gru', memory],
      ['dense', 6],
    ])
    expect(newActor().carries.map(({ size }) => size)).toEqual([memory])
  })

  it.each([
    { name: 'alone', identity: { position: 0, members: 1 } },
    { name: 'the third of three', identity: third },
  ])('goes back from the last step through the whole window, $name', ({ identity }) => {
    const actor = newActor(identity)
    const past = window()
    const input = identity.members > 1 ? identified(past.observations, identity) : past.observations.data
    const gradient = placed(backend, randomMatrix(createRandom(4), rows, 6))
    const key = createNoise(5).next()
    const penalty = 0.3
    const loss = (parameters: ArrayLike<number>) => {
      const { outputs } = plainSequence(
        actor.network.spec,
        parameters,
        input,
        past.extras[0]!.data,
        rows,
        past.restarted,
      )
      const data = outputs.slice(-rows * 6)
      const part = (from: number, to: number) =>
        plainGumbelSoftmax({ rows, columns: 6, data }, { from, to }, temperature, key)
      return dot(part(0, 4), gradient.data) + dot(part(4, 6), gradient.data) + (penalty * dot(data, data)) / data.length
    }
    actor.forward(seen(past), key)
    actor.backward(gradient, penalty, present)
    expectClose(actor.network.gradients, centralDifferences(loss, actor.network.parameters), 5e-6)
    // Twice: nothing of the first gradient is left in the rows of the earlier steps.
    actor.network.gradients.fill(0)
    actor.forward(seen(past), key)
    actor.backward(gradient, penalty, present)
    expectClose(actor.network.gradients, centralDifferences(loss, actor.network.parameters), 5e-6)
  })

  it('samples over a window what it goes forward with, and what it did when it acted step by step, to the bit', () => {
    const actor = newActor(third)
    const past = window()
    const key = createNoise(5).next()
    const forward = Float32Array.from(actor.forward(seen(past), key).data)
    expectSameBits(actor.sample(seen(past), key).data, forward)
    const state = carried({ rows, columns: memory, data: past.extras[0]!.data.slice() })
    let acted: Matrix
    for (let step = 0; step < steps; step++) {
      for (let row = 0; row < rows; row++) {
        if (past.restarted[step * rows + row]) state.data.fill(0, row * memory, (row + 1) * memory)
      }
      acted = actor.sample({ ...stepOf(past.observations, step), extras: [state] }, key)
      state.data.set(actor.carries[0]!.after!().data)
    }
    expectSameBits(acted!.data, forward)
  })

  it('acts for others between forward and backward without forgetting', () => {
    const learn = (between: (actor: ReturnType<typeof newActor>) => void) => {
      const actor = newActor(third)
      actor.forward(seen(), createNoise(5).next())
      between(actor)
      actor.backward(randomMatrix(createRandom(6), rows, 6), 1e-3, present)
      return actor.network.gradients
    }
    const disturbed = learn(actor => {
      for (const count of [1, rows, 20]) {
        const extras = [carried(randomMatrix(createRandom(7), count, memory))]
        actor.greedy({ ...randomMatrix(createRandom(8), count, 3), extras })
      }
      const past = { ...window(), observations: randomMatrix(createRandom(9), steps * rows, 3) }
      actor.sample(seen(past), createNoise(9).next())
    })
    expectSameBits(
      disturbed,
      learn(() => {}),
    )
  })

  it('refuses observations without what it carries, and to learn without the steps before', () => {
    const plain = randomMatrix(createRandom(2), rows, 3)
    expect(() => newActor().greedy(plain)).toThrow(/expected observations with what it carries \(extras\), got none/)
    const extras = [carried(randomMatrix(createRandom(2), rows, memory))]
    expect(() => newActor().forward({ ...plain, extras }, createNoise(1).next())).toThrow(
      /expected observations with the steps before \(past\), got none/,
    )
  })

  it.each([
    { name: 'windows shorter than an episode', memorySteps: 3 },
    { name: 'windows longer than an episode', memorySteps: 7 },
  ])('does over drawn $name what it did when it acted, and what it did next', async ({ memorySteps }) => {
    const training = await tinyTraining({
      backend,
      games: 3,
      network: { memory },
      memorySteps,
      shareParameters: true,
      game: { length: 5, leaves: { 1: 2 } },
    })
    const acted = new Map<string, number[]>()
    const rowsOf = ({ columns, data }: Matrix) =>
      Array.from({ length: data.length / columns }, (_, row) => [...data.subarray(row * columns, (row + 1) * columns)])
    for (let step = 0; step < 30; step++) {
      actAll(training.policies, training.vectorGame, false)
      const done = training.vectorGame.advance()
      training.replay!.insert(done)
      // A secret and a step: observations tell the rows apart.
      done.observations.forEach((seen, agent) => {
        const actions = rowsOf(done.actions[agent]!)
        rowsOf(seen).forEach((observation, game) => void acted.set(`${agent}: ${observation}`, actions[game]!))
      })
    }
    const batch = training.replay!.createBatch(64)
    training.replay!.draw(0).sample(createRandom(1), batch)
    let next = 0
    training.roster.forEach(({ actor }, agent) => {
      const before = rowsOf(actor.greedy(batch.observations[agent]!))
      rowsOf(batch.observations[agent]!).forEach((observation, row) => {
        if (batch.present.data[2 * row + agent] === 0) return
        expect(before[row]).toEqual(acted.get(`${agent}: ${observation}`))
      })
      const after = rowsOf(actor.greedy(batch.nextObservations[agent]!))
      rowsOf(batch.nextObservations[agent]!).forEach((observation, row) => {
        const expected = acted.get(`${agent}: ${observation}`)
        if (expected === undefined || batch.terminated.data[2 * row + agent] === 1) return
        if (batch.present.data[2 * row + agent] === 0) return
        expect(after[row]).toEqual(expected)
        next++
      })
    })
    // Episodes of five steps have four nexts that were acted upon.
    expect(next).toBeGreaterThan(50)
  })

  describe('as a policy', () => {
    const newPolicy = () => createActorPolicy(newActor(), createNoise(6), createRandom(6))
    const act = (policy = newPolicy(), seed = 1, restarted = [0, 0]) => {
      const actions = { rows: 2, columns: 6, data: new Float32Array(12) }
      const extras = [carried({ rows: 2, columns: memory, data: new Float32Array(2 * memory) })]
      const observations = randomMatrix(createRandom(seed, 'observations'), 2, 3)
      policy.act({ observations, restarted: Uint8Array.from(restarted), explore: false, actions, extras })
      return { actions: [...actions.data], before: [...extras[0]!.data] }
    }

    it('remembers from step to step, begins episodes with zeros, and leaves in the step what it acted from', () => {
      const policy = newPolicy()
      const first = act(policy, 1, [1, 1])
      expect(first.before).toEqual(new Array(2 * memory).fill(0))
      const second = act(policy, 1)
      expect(second.before.every(value => value !== 0)).toBe(true)
      expect(second.actions).not.toEqual(first.actions)
      // The first game begins anew, the second goes on.
      const third = act(policy, 1, [1, 0])
      expect(third.before.slice(0, memory)).toEqual(new Array(memory).fill(0))
      expect(third.actions.slice(0, 6)).toEqual(first.actions.slice(0, 6))
      expect(third.actions.slice(6)).not.toEqual(first.actions.slice(6))
    })

    it('goes on with the same memory where it was saved', () => {
      const policy = newPolicy()
      act(policy, 1, [1, 1])
      const restored = newPolicy()
      restored.restore(structuredClone(policy.save()))
      expect(act(restored, 2)).toEqual(act(policy, 2))
    })
  })
})
