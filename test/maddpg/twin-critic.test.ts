// Two critics as one: the smaller value in targets and in the actor's ascent, worked out from the networks themselves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Critic } from '../../src/maddpg/critic.ts'
import {
  createTwinCritic,
  fitTwins,
  smallerSlope,
  smallerTargetValues,
  updateTwinTargets,
} from '../../src/maddpg/twin-critic.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { createBatch } from '../../src/replay/joint-replay.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose, placed, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'

const rows = 16
const spec = mlp(4, [6], 1, 'tanh')
const adam = { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: null }

describe('a twin critic', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const made = (name: string): Critic => {
    const network = backend.network(spec, createRandom(1, name))
    const target = backend.network(spec, createRandom(2, name))
    const optimizer = backend.optimizer(network, adam)
    return { backend, id: 'agent_0', network, target, optimizer, rows, tau: 0.5, gradient: backend.matrix(rows, 1) }
  }
  const pair = () => [made('first'), made('second')] as const
  const input = () => placed(backend, randomMatrix(createRandom(3), rows, 4, 2))
  const ones = new Float32Array(rows).fill(1)
  /** Row by row the smaller of the values of both networks, in double precision. */
  const smaller = (networks: readonly { parameters: Float32Array }[], x: ArrayLike<number>) => {
    const values = networks.map(({ parameters }) => plainForward(spec, parameters, x, rows))
    return Array.from({ length: rows }, (_, r) => Math.min(values[0]![r]!, values[1]![r]!))
  }

  it('gives the smaller of the values of both targets', () => {
    const parts = pair()
    const targets = parts.map(({ target }) => target)
    expectClose(smallerTargetValues(createTwinCritic(...parts), input()).data, smaller(targets, input().data), 1e-6)
  })

  it('is climbed where it promises less: the gradient of -mean(min(Q1, Q2)), rows of the absent left out', () => {
    const parts = pair()
    const networks = parts.map(({ network }) => network)
    const present = Float32Array.from(ones)
    present[3] = 0
    const loss = (x: ArrayLike<number>) =>
      -smaller(networks, x).reduce((sum, value, r) => sum + value * present[r]!, 0) / rows
    const { actorLoss, gradient } = smallerSlope(createTwinCritic(...parts), input(), { from: 1, to: 3 }, present)
    expect(actorLoss).toBeCloseTo(loss(input().data), 6)
    const expected = centralDifferences(loss, input().data).filter((_, i) => i % 4 === 1 || i % 4 === 2)
    expectClose(gradient.data, expected, 1e-6)
    const first = plainForward(spec, networks[0]!.parameters, input().data, rows)
    const chosen = smaller(networks, input().data).filter((value, r) => value === first[r]!).length
    expect(chosen > 0 && chosen < rows, 'both critics have rows where they are the smaller').toBe(true)
  })

  it('learns one target with both, and both targets follow', () => {
    const parts = pair()
    const critic = createTwinCritic(...parts)
    const batch = createBatch(backend, agentsOf([2]), rows)
    for (let step = 0; step < 600; step++) {
      fitTwins(critic, input(), new Float32Array(rows).fill(1.5), batch, ones)
      updateTwinTargets(critic)
    }
    for (const { network, target } of parts) {
      expectClose(plainForward(spec, network.parameters, input().data, rows), new Array(rows).fill(1.5), 0.05)
      expectClose(plainForward(spec, target.parameters, input().data, rows), new Array(rows).fill(1.5), 0.05)
    }
  })
})
