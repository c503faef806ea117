// Fisher-vector products: against dense matrices, against the KL divergence, and by the properties of a Fisher matrix.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDistribution } from '../../src/agents/distribution.ts'
import { createFisher } from '../../src/agents/fisher.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { withCurvature } from '../../src/nn/curvature.ts'
import { mlp, outputSize } from '../../src/nn/network.ts'
import { withSequence } from '../../src/nn/recurrence.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { dot, expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'

const choiceOf = (size: number): ActionSpace[number] => ({
  name: `choice of ${size}`,
  kind: 'choice',
  size,
  soft: false,
})
const box: ActionSpace[number] = { name: 'box', kind: 'box', size: 2, low: -1, high: 1 }
const heads: readonly { name: string; space: ActionSpace }[] = [
  { name: 'two choices', space: [choiceOf(3), choiceOf(2)] },
  { name: 'means and deviations', space: [box] },
  { name: 'a box, and a choice', space: [{ ...box, size: 1 }, choiceOf(3)] },
]

describe('the Fisher matrix', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const policyOf = (outputs: number, rows: number, seed = 1) => {
    const random = createRandom(seed)
    const spec = mlp(3, [4], outputs, 'tanh')
    const network = withCurvature(backend.network(spec, random))
    const input = randomMatrix(random, rows, 3)
    return { spec, network, input, vector: randomMatrix(random, 1, network.parameters.length).data, random }
  }

  it.each(heads)('times a vector is the second derivative of the mean KL divergence: $name', ({ space }) => {
    const distribution = createDistribution(space)
    const { outputs } = distribution
    const rows = 4
    const { spec, network, input, vector } = policyOf(outputs, rows)
    const at = plainForward(spec, network.parameters, input.data, rows)
    const divergence = (moved: Float64Array) => {
      const there = plainForward(spec, moved, input.data, rows)
      let sum = 0
      for (let r = 0; r < rows; r++) {
        sum += klOf(space, at.slice(r * outputs, (r + 1) * outputs), there.slice(r * outputs, (r + 1) * outputs))
      }
      return sum / rows
    }
    const h = 1e-3
    // d/de d/dx_i of KL(parameters || parameters + e vector + x), centrally in both, at 0.
    const expected = Float64Array.from(vector, (_, i) => {
      const shifted = (e: number, x: number) =>
        divergence(Float64Array.from(network.parameters, (p, j) => p + e * vector[j]! + (i === j ? x : 0)))
      return (shifted(h, h) - shifted(h, -h) - shifted(-h, h) + shifted(-h, -h)) / (4 * h * h)
    })
    const output = network.forward(input)
    expectClose(createFisher(network, distribution).times(output, vector, 0), expected, 3e-5)
  })

  it.each(heads)('is J^T H J / batch, built column by column, plus the damping: $name', ({ space }) => {
    const distribution = createDistribution(space)
    const { outputs } = distribution
    const rows = 3
    const { network, input, vector } = policyOf(outputs, rows)
    const output = network.forward(input)
    const count = network.parameters.length
    const unit = (i: number) => Float32Array.from({ length: count }, (_, j) => (i === j ? 1 : 0))
    const jacobian = Array.from(vector, (_, i) => Float32Array.from(network.tangent(unit(i)).data))
    const size = rows * outputs
    const H = Array.from({ length: size }, (_, i) => {
      const column = { rows, columns: outputs, data: Float32Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)) }
      const to = { rows, columns: outputs, data: new Float32Array(size) }
      distribution.fisher(output, column, to)
      return to.data
    })
    const fisher = createFisher(network, distribution)
    for (let i = 0; i < count; i++) {
      const HJ = H.map(column => dot(column, jacobian[i]!))
      const expected = jacobian.map((column, j) => dot(column, HJ) / rows + (i === j ? 0.25 : 0))
      expectClose(fisher.times(output, unit(i), 0.25), expected, 2e-6)
    }
  })

  it('is symmetric and positive semi-definite, and leaves gradients and vectors alone', () => {
    fc.assert(
      fc.property(fc.nat(heads.length - 1), fc.integer({ min: 1, max: 20 }), fc.nat(), (which, rows, seed) => {
        const distribution = createDistribution(heads[which]!.space)
        const { network, input, vector, random } = policyOf(distribution.outputs, rows, seed)
        const other = randomMatrix(random, 1, vector.length).data
        const output = network.forward(input)
        network.gradients.set(other)
        const fisher = createFisher(network, distribution)
        const kept = Float32Array.from(vector)
        const Fv = fisher.times(output, vector, 0)
        const Fu = fisher.times(output, other, 0)
        const size = Math.sqrt(dot(Fv, Fv) * dot(other, other)) + Math.sqrt(dot(Fu, Fu) * dot(vector, vector))
        expect(Math.abs(dot(other, Fv) - dot(vector, Fu))).toBeLessThan(1e-6 * size)
        expect(dot(vector, Fv)).toBeGreaterThan(-1e-6 * size)
        expectSameBits(network.gradients, other)
        expectSameBits(vector, kept)
        expectSameBits(fisher.times(output, kept, 0, kept), Fv)
      }),
      { numRuns: 60 },
    )
  })

  it('adds up slice by slice, rows of scale 0 left out', () => {
    const distribution = createDistribution(heads[2]!.space)
    const { network, input, vector } = policyOf(distribution.outputs, 7)
    const rowsOf = (from: number, to: number) => ({
      rows: to - from,
      columns: 3,
      data: input.data.slice(from * 3, to * 3),
    })
    const fisher = createFisher(network, distribution)
    const expected = fisher.times(network.forward(rowsOf(0, 5)), vector, 0)
    network.gradients.fill(0)
    fisher.add(network.forward(rowsOf(0, 2)), vector, [1 / 5, 1 / 5])
    fisher.add(network.forward(rowsOf(2, 7)), vector, [1 / 5, 1 / 5, 1 / 5, 0, 0])
    expectClose(network.gradients, expected, 1e-6)
    expect(() => fisher.add(network.forward(rowsOf(0, 2)), vector.slice(1), [1, 1])).toThrow('must hold 41 numbers')
  })

  it('is that of a recurrent policy too: the gradient back of the tangent forward', () => {
    const random = createRandom(6)
    const spec = { inputs: 2, layers: [{ kind: 'gru', size: 3 } as const, ...mlp(3, [], 4).layers] }
    const network = withCurvature(backend.network(spec, random))
    const state = randomMatrix(random, 2, 3)
    const output = withSequence(network).sequence(randomMatrix(random, 10, 2), { state })
    const vector = randomMatrix(random, 1, network.parameters.length).data
    const distribution = createDistribution([choiceOf(4)])
    const Fv = createFisher(network, distribution).times(output, vector, 0)
    const tangent = network.tangent(vector)
    const turned = { ...tangent, data: new Float32Array(tangent.data.length) }
    distribution.fisher(output, tangent, turned)
    expect(dot(vector, Fv)).toBeCloseTo(dot(tangent.data, turned.data) / 10, 4)
  })

  it('refuses what does not fit with a sentence', () => {
    const { network, input, vector } = policyOf(5, 2)
    expect(outputSize(network.spec)).toBe(5)
    expect(() => createFisher(network, createDistribution([box]))).toThrow('reads 4 outputs, the network has 5')
    const fisher = createFisher(network, createDistribution(heads[0]!.space))
    const output = network.forward(input)
    expect(() => fisher.times(output, vector.slice(1), 0)).toThrow(TypeError)
    expect(() => fisher.times(output, vector, -1)).toThrow(RangeError)
    expect(() => fisher.times({ rows: 1, columns: 5, data: new Float32Array(5) }, vector, 0)).toThrow(
      'outputs must be [2, 5], got [1, 5]',
    )
  })
})

/** KL(p || q) of the distributions that two rows of outputs describe. */
function klOf(space: ActionSpace, p: Float64Array, q: Float64Array): number {
  let at = 0
  let sum = 0
  for (const { kind, size } of space) {
    if (kind === 'choice') {
      const [lp, lq] = [p, q].map(row => logSoftmax(row.slice(at, at + size))) as [Float64Array, Float64Array]
      sum += lp.reduce((partial, value, i) => partial + Math.exp(value) * (value - lq[i]!), 0)
      at += size
      continue
    }
    for (let i = 0; i < size; i++) {
      const [sp, sq] = [p, q].map(row => row[at + size + i]!) as [number, number]
      const difference = p[at + i]! - q[at + i]!
      sum += sq - sp + (Math.exp(2 * sp) + difference ** 2) / (2 * Math.exp(2 * sq)) - 0.5
    }
    at += 2 * size
  }
  return sum
}

function logSoftmax(row: Float64Array): Float64Array {
  const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0))
  return row.map(x => x - total)
}
