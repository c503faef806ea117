// The arithmetic of distributional critics: projection, cross entropy and expectation, against plain numbers and finite differences.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { updateTarget } from '../../src/maddpg/critic.ts'
import {
  createDistributionalCritic,
  crossEntropyGradient,
  expectationGradient,
  expectationSlope,
  fitDistribution,
  targetDistribution,
} from '../../src/maddpg/distributional-critic.ts'
import type { Support } from '../../src/maddpg/support.ts'
import { atomOf, heapAtoms, projectReturns, softmaxRows } from '../../src/nn/atoms.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { expectClose, placed, randomMatrix } from '../support/matrices.ts'

const support: Support = { atoms: 7, low: -2, high: 4 }
const rows = 5
const zeros = (columns: number): Matrix => ({ rows, columns, data: new Float32Array(rows * columns) })
const distributions = (seed: number, { atoms } = support): Matrix => {
  const probabilities = zeros(atoms)
  softmaxRows(randomMatrix(createRandom(seed), rows, atoms, 2), probabilities)
  return probabilities
}
const row = ({ data, columns }: Matrix, r: number) => [...data.subarray(r * columns, (r + 1) * columns)]
const meanOf = (p: readonly number[], of: Support) => p.reduce((sum, mass, i) => sum + mass * atomOf(of, i), 0)
const sumOf = (p: readonly number[]) => p.reduce((a, b) => a + b)
const scales = new Float64Array(rows)

describe('the projection of returns', () => {
  it('is worked out by hand: a reward of half an atom halves the mass between two atoms', () => {
    const certain = zeros(7)
    for (let r = 0; r < rows; r++) certain.data[r * 7 + 3] = 1 // the return is 1
    const to = zeros(7)
    const outside = projectReturns(
      certain,
      { rewards: [0.5, 0, 0.25, 9, -9], discounts: [1, 0, 0.5, 1, 1] },
      support,
      to,
    )
    expect(row(to, 0)).toEqual([0, 0, 0, 0.5, 0.5, 0, 0]) // 1.5
    expect(row(to, 1)).toEqual([0, 0, 1, 0, 0, 0, 0]) // an end without reward: 0
    expect(row(to, 2)).toEqual([0, 0, 0.25, 0.75, 0, 0, 0]) // 0.75
    expect(row(to, 3)).toEqual([0, 0, 0, 0, 0, 0, 1]) // 10, beyond the upper end
    expect(row(to, 4)).toEqual([1, 0, 0, 0, 0, 0, 0]) // -8, below the lower end
    expect([...outside]).toEqual([0, 0, 0, 1, 1])
  })

  it('agrees with the sum over triangles of equation (7) of the paper', () => {
    const from = distributions(1)
    const rewards = [0.3, -1, 2.2, -4, 0]
    const discounts = [0.95, 0.5, 0.9, 1, 0]
    const to = zeros(7)
    projectReturns(from, { rewards, discounts }, support, to)
    const plain = Array.from({ length: rows * 7 }, (_, i) => {
      const [r, atom] = [Math.floor(i / 7), i % 7]
      return sumOf(
        row(from, r).map((p, j) => {
          const value = Math.min(4, Math.max(-2, rewards[r]! + discounts[r]! * atomOf(support, j)))
          return p * Math.max(0, 1 - Math.abs(value - atomOf(support, atom)))
        }),
      )
    })
    expectClose(to.data, plain, 1e-6)
  })

  const anySupport = fc
    .record({
      atoms: fc.integer({ min: 2, max: 80 }),
      low: fc.integer({ min: -50, max: 40 }),
      width: fc.integer({ min: 1, max: 99 }),
    })
    .map(({ atoms, low, width }): Support => ({ atoms, low, high: low + width }))

  it('keeps the mass, whatever comes', () => {
    fc.assert(
      fc.property(anySupport, fc.nat(), fc.double({ min: -1e3, max: 1e3, noNaN: true }), (of, seed, reward) => {
        const to = zeros(of.atoms)
        const from = distributions(seed, of)
        const outside = projectReturns(
          from,
          { rewards: new Array(rows).fill(reward), discounts: [0, 0.3, 0.9, 0.95, 1] },
          of,
          to,
        )
        for (let r = 0; r < rows; r++) {
          expect(Math.abs(sumOf(row(to, r)) - 1)).toBeLessThan(1e-5)
          expect(Math.min(...row(to, r))).toBeGreaterThanOrEqual(0)
          expect(outside[r]).toBeGreaterThanOrEqual(0)
          expect(outside[r]).toBeLessThan(1 + 1e-5)
        }
      }),
    )
  })

  it('keeps the mean of what stays inside', () => {
    fc.assert(
      fc.property(anySupport, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (of, seed, at) => {
        const discount = 0.9
        // Rewards with which low and high both stay inside.
        const reward = (1 - discount) * (of.low + at * (of.high - of.low))
        const from = distributions(seed, of)
        const to = zeros(of.atoms)
        const outside = projectReturns(
          from,
          { rewards: new Array(rows).fill(reward), discounts: new Array(rows).fill(discount) },
          of,
          to,
        )
        expect([...outside]).toEqual(new Array(rows).fill(0))
        for (let r = 0; r < rows; r++) {
          const expected = reward + discount * meanOf(row(from, r), of)
          expect(Math.abs(meanOf(row(to, r), of) - expected)).toBeLessThan(1e-5 * (of.high - of.low + 50))
        }
      }),
    )
  })
})

describe('the cross entropy', () => {
  const logits = randomMatrix(createRandom(2), rows, 7, 2)
  const aimed = distributions(3)
  aimed.data.fill(0, 7, 14) // a certain return in the second row
  aimed.data[9] = 1
  const present = Float32Array.of(1, 1, 0, 1, 1)
  const weights = Float32Array.of(1, 0.5, 1, 0.25, 1)
  const plainRow = (x: ArrayLike<number>, r: number) => {
    const own = Array.from(x).slice(r * 7, (r + 1) * 7)
    const logSum = Math.log(sumOf(own.map(Math.exp)))
    return row(aimed, r).reduce((sum, m, i) => sum + (m === 0 ? 0 : m * (Math.log(m) - own[i]! + logSum)), 0)
  }
  const plain = (x: ArrayLike<number>) =>
    sumOf(Array.from({ length: rows }, (_, r) => (plainRow(x, r) * present[r]! * weights[r]!) / rows))
  const computed = () => {
    const gradient = zeros(7)
    const tdErrors = Float32Array.of(0, 0, 0, 50, 0)
    return {
      loss: crossEntropyGradient(heapAtoms(), logits, aimed, present, { weights, tdErrors }, { scales, gradient }),
      gradient,
      tdErrors,
    }
  }

  it('has the value and the gradient that finite differences find', () => {
    const { loss, gradient } = computed()
    expect(loss).toBeCloseTo(plain(logits.data), 6)
    expectClose(gradient.data, centralDifferences(plain, logits.data), 1e-6)
  })

  it('leaves as TD errors how far the distribution is from the aim, where it is the largest so far', () => {
    const { tdErrors } = computed()
    const far = (r: number) => plainRow(logits.data, r)
    expectClose(tdErrors, [far(0), far(1), 0, 50, far(4)], 1e-5)
    expect(Math.min(far(0), far(1), far(4))).toBeGreaterThan(0.1)
  })

  it('is finite where a probability underflows', () => {
    const certain = zeros(7)
    certain.data.forEach((_, i) => {
      certain.data[i] = i % 7 === 0 ? 500 : -500
    })
    const gradient = zeros(7)
    const batch = { weights, tdErrors: new Float32Array(rows) }
    const loss = crossEntropyGradient(heapAtoms(), certain, aimed, present, batch, { scales, gradient })
    expect(Number.isFinite(loss) && gradient.data.every(Number.isFinite)).toBe(true)
  })
})

it('the expectation has the gradient that finite differences find', () => {
  const logits = randomMatrix(createRandom(4), rows, 7, 2)
  const present = Float32Array.of(1, 0, 1, 1, 1)
  const plain = (x: ArrayLike<number>) => {
    let loss = 0
    for (let r = 0; r < rows; r++) {
      const weights = Array.from(x)
        .slice(r * 7, (r + 1) * 7)
        .map(Math.exp)
      loss -=
        (present[r]! *
          meanOf(
            weights.map(w => w / sumOf(weights)),
            support,
          )) /
        rows
    }
    return loss
  }
  const gradient = zeros(7)
  const loss = expectationGradient(heapAtoms(), logits, present, support, { scales, gradient })
  expect(loss).toBeCloseTo(plain(logits.data), 5)
  expectClose(gradient.data, centralDifferences(plain, logits.data), 1e-6)
})

describe('a distributional critic', () => {
  const created = async (): Promise<{
    backend: Backend
    fitted: (rounds: number) => { loss: number; value: number; gradient: Matrix }
  }> => {
    const backend = await createSimdBackend()
    const spec = mlp(3, [8], 7)
    const network = backend.network(spec, createRandom(1, 'critic'))
    const target = backend.network(spec, createRandom(1, 'target'))
    const config = { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: null }
    const optimizer = backend.optimizer(network, config)
    const critic = createDistributionalCritic(
      { backend, id: 'agent_0', network, target, optimizer, rows, tau: 0.1, gradient: backend.matrix(rows, 7) },
      support,
    )
    const input = placed(backend, randomMatrix(createRandom(5), rows, 3))
    const present = new Float32Array(rows).fill(1)
    const batch = { weights: present, tdErrors: new Float32Array(rows) } as never
    const fitted = (rounds: number) => {
      let loss = 0
      for (let round = 0; round < rounds; round++) {
        targetDistribution(critic, input, new Float32Array(rows).fill(0.5), new Float64Array(rows).fill(0.5), present)
        loss = fitDistribution(critic, input, batch, present).criticLoss
        updateTarget(critic)
      }
      const { actorLoss, gradient } = expectationSlope(critic, input, { from: 1, to: 3 }, present)
      return { loss, value: -actorLoss, gradient }
    }
    return { backend, fitted }
  }

  it('learns the fixed point of its own targets: r / (1 - discount)', async () => {
    const { backend, fitted } = await created()
    const { loss, value, gradient } = fitted(400)
    expect(value).toBeCloseTo(1, 1)
    expect(loss).toBeLessThan(0.05)
    expect([gradient.rows, gradient.columns]).toEqual([rows, 2])
    backend.dispose()
  })
})
