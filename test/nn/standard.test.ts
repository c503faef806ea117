// Standardisation of a network's input: against plain loops, gradients, and that no optimizer moves its numbers.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp, type Network, type NetworkSpec } from '../../src/nn/network.ts'
import { withSequence } from '../../src/nn/recurrence.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { backends } from '../support/backends.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'

const drawn = fc.record({
  rows: fc.integer({ min: 1, max: 20 }),
  plain: fc.integer({ min: 1, max: 12 }),
  further: fc.integer({ min: 0, max: 3 }),
  pieces: fc.integer({ min: 0, max: 3 }),
  seed: fc.nat(),
})

/** Columns of which some are standardised, some behind them are not; a set stands between. */
function specOf({ plain, further, pieces }: { plain: number; further: number; pieces: number }): NetworkSpec {
  const sets = pieces === 0 ? [] : [{ from: plain - 1, count: pieces, piece: 3 }]
  const standardised = plain + 3 * pieces
  return mlp(standardised + further, [7], 3, 'tanh', { standardised, sets, setUnits: [4] })
}

/** Means and scales as running ones are. */
function setStandards(network: Network, seed: number): number {
  const [{ shape }] = network.tensors as [(typeof network.tensors)[0]]
  const count = shape[0]!
  const random = createRandom(seed, 'standards')
  for (let j = 0; j < count; j++) {
    network.parameters[j] = random.between(-2, 2)
    network.parameters[count + j] = random.between(0.1, 20)
  }
  return count
}

describe.each(backends)('networks of $name that standardise', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  it('go forward like plain loops, the same bits for learning and acting', () => {
    fc.assert(
      fc.property(drawn, shape => {
        const spec = specOf(shape)
        const network = backend.network(spec, createRandom(shape.seed))
        const count = setStandards(network, shape.seed)
        expect(count).toBe(shape.plain)
        const input = randomMatrix(createRandom(shape.seed, 'input'), shape.rows, spec.inputs)
        const before = Float32Array.from(input.data)
        const output = Float32Array.from(network.forward(input).data)
        expectClose(output, plainForward(spec, network.parameters, input.data, shape.rows), 2e-5)
        expectSameBits(network.act(input).data, output)
        expectSameBits(network.infer(input).data, output)
        expectSameBits(input.data, before)
      }),
      { numRuns: 40 },
    )
  })

  it('begin as if they did not', () => {
    const plain = backend.network(mlp(4, [5], 2, 'tanh'), createRandom(3))
    const other = backend.network(mlp(4, [5], 2, 'tanh', { standardised: 4 }), createRandom(3))
    const input = randomMatrix(createRandom(1), 6, 4)
    expectSameBits(other.infer(input).data, Float32Array.from(plain.infer(input).data))
  })

  it('lead gradients back, which are 0 where numbers were clipped', () => {
    const network = backend.network(mlp(5, [6], 2, 'tanh', { standardised: 4 }), createRandom(1))
    network.parameters.set([0.5, -0.5, 0.25, 0, 2, 0.5, 3, 100])
    const input = randomMatrix(createRandom(2), 3, 5)
    for (let r = 0; r < 3; r++) input.data[5 * r + 3] = 0.5
    const weights = randomMatrix(createRandom(3), 3, 2)
    const loss = (data: ArrayLike<number>) =>
      dot(plainForward(network.spec, Float64Array.from(network.parameters), data, 3), weights.data)
    network.forward(input)
    const gradient = Float32Array.from(network.inputGradient(weights).data)
    expectClose(gradient, centralDifferences(loss, input.data), 1e-3)
    expect([3, 8, 13].map(at => gradient[at]!)).toEqual([0, 0, 0])
    const some = network.inputGradient(weights, { from: 1, to: 3 })
    expectSameBits(some.data, Float32Array.of(...[1, 2, 6, 7, 11, 12].map(at => gradient[at]!)))
  })

  it.each([
    { rule: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    { rule: 'rmsProp', form: 'pytorch', decay: 0.9, epsilon: 1e-8 },
    { rule: 'rmsProp', form: 'tensorflow', decay: 0.9, epsilon: 1e-8, momentum: 0.5 },
  ] as const)('learn all but the standards by $rule', rule => {
    const network = backend.network(mlp(3, [4], 2, 'relu', { standardised: 3 }), createRandom(1))
    network.parameters.set([1, 2, 3, 4, 5, 6])
    const before = Float32Array.from(network.parameters)
    const optimizer = backend.optimizer(network, { ...rule, learningRate: 0.1, clip: 0.5, clipBy: 'network' })
    for (let k = 0; k < 3; k++) {
      network.forward(randomMatrix(createRandom(k), 5, 3))
      network.backward(randomMatrix(createRandom(k, 'gradient'), 5, 2))
      optimizer.step()
    }
    expect([...network.parameters.subarray(0, 6)]).toEqual([1, 2, 3, 4, 5, 6])
    expect(network.parameters.some((value, i) => value !== before[i])).toBe(true)
  })

  it('have the gradients of their other parameters', () => {
    const network = backend.network(specOf({ plain: 3, further: 1, pieces: 2 }), createRandom(1))
    const count = setStandards(network, 1)
    const input = randomMatrix(createRandom(2), 4, network.spec.inputs)
    const weights = randomMatrix(createRandom(3), 4, 3)
    network.forward(input)
    network.backward(weights)
    const at = Float64Array.from(network.parameters)
    const loss = (parameters: ArrayLike<number>) =>
      dot(plainForward(network.spec, parameters, input.data, 4), weights.data)
    const expected = centralDifferences(loss, at).fill(0, 0, 2 * count)
    expectClose(network.gradients, expected, 2e-3)
  })

  it.each([
    { inputs: 3, layers: [{ kind: 'standard', size: 2, columns: [{ from: 0, to: 2 }] }] },
    { inputs: 3, layers: [{ kind: 'standard', size: 3, columns: [{ from: 0, to: 4 }] }] },
    { inputs: 3, layers: [{ kind: 'standard', size: 3, columns: [] }] },
    {
      inputs: 3,
      layers: [
        { kind: 'dense', size: 3, activation: 'relu' },
        { kind: 'standard', size: 3, columns: [{ from: 0, to: 3 }] },
      ],
    },
  ] as NetworkSpec[])('refuse a standardisation that is none: %j', ({ inputs, layers }) => {
    const spec = { inputs, layers: [...layers, { kind: 'dense', size: 1, activation: 'identity' } as const] }
    expect(() => backend.network(spec, createRandom(1))).toThrow(/standardises; expected it to be the first/)
  })
})

describe('a recurrent network that standardises', () => {
  it('acts step by step as it learns from sequences', async () => {
    const backend = await createSimdBackend()
    const plain = mlp(3, [4], 2, 'relu', { standardised: 3 })
    const spec = {
      ...plain,
      layers: [...plain.layers.slice(0, -1), { kind: 'gru', size: 5 } as const, ...plain.layers.slice(-1)],
    }
    const network = withSequence(backend.network(spec, createRandom(1)))
    setStandards(network, 1)
    const input = randomMatrix(createRandom(2), 6, 3)
    const state = backend.matrix(2, 5)
    const together = Float32Array.from(network.sequence(input, { state }).data)
    const steps = [0, 1, 2].flatMap(step => {
      const data = input.data.slice(6 * step, 6 * step + 6)
      return [...network.act({ rows: 2, columns: 3, data }, { state, next: state }).data]
    })
    expectSameBits(Float32Array.from(steps), together)
    backend.dispose()
  })
})
