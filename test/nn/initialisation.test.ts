// What networks begin with: orthogonal weights, and outputs that are biases alone, on every backend.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp, type NetworkSpec, tensorLength } from '../../src/nn/network.ts'
import { orthogonalMatrix } from '../../src/nn/orthogonal.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { backends } from '../support/backends.ts'
import { dot, expectSameBits, randomMatrix } from '../support/matrices.ts'

describe('orthogonal weights', () => {
  it('have orthogonal rows or columns, whichever are fewer, as long as the gain', () => {
    const size = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(size, size, fc.double({ min: 0.01, max: 3, noNaN: true }), fc.nat(), (rows, columns, gain, seed) => {
        const matrix = orthogonalMatrix(rows, columns, gain, createRandom(seed))
        const vector = (i: number) =>
          rows < columns
            ? matrix.slice(i * columns, (i + 1) * columns)
            : Float32Array.from({ length: rows }, (_, r) => matrix[r * columns + i]!)
        for (let i = 0; i < Math.min(rows, columns); i++) {
          for (let j = 0; j <= i; j++) {
            expect(dot(vector(i), vector(j)) / gain ** 2).toBeCloseTo(i === j ? 1 : 0, 5)
          }
        }
      }),
    )
  })

  it('of a gru are orthogonal gate by gate', async () => {
    const backend = await createSimdBackend()
    const size = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(size, size, fc.nat(), (inputs, units, seed) => {
        const spec: NetworkSpec = { inputs, layers: [{ kind: 'gru', size: units, orthogonal: 0.5 }] }
        const { tensors, parameters } = backend.network(spec, createRandom(seed))
        for (const { shape, offset } of tensors) {
          const [rows, columns] = shape
          if (columns === undefined) continue
          for (let gate = 0; gate < 3; gate++) {
            const at = (row: number, column: number) => parameters[offset + row * columns + gate * units + column]!
            const vector = (i: number) =>
              rows! < units
                ? Float32Array.from({ length: units }, (_, c) => at(i, c))
                : Float32Array.from({ length: rows! }, (_, r) => at(r, i))
            for (let i = 0; i < Math.min(rows!, units); i++) {
              for (let j = 0; j <= i; j++) expect(4 * dot(vector(i), vector(j))).toBeCloseTo(i === j ? 1 : 0, 5)
            }
          }
        }
      }),
      { numRuns: 30 },
    )
    backend.dispose()
  })

  it('favour no direction: the mean over many is zero, and so is that of the products of neighbours', () => {
    let [sum, products] = [0, 0]
    const count = 4000
    for (let seed = 0; seed < count; seed++) {
      const m = orthogonalMatrix(3, 3, 1, createRandom(seed))
      sum += m[0]!
      products += m[0]! * m[4]!
    }
    // The deviation of a mean of numbers of variance 1/3 is 0.009; five of them.
    expect(Math.abs(sum / count)).toBeLessThan(0.046)
    expect(Math.abs(products / count)).toBeLessThan(0.046)
  })
})

describe.each(backends)('networks of $name', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  it('draw orthogonal weights with the gains of their layers', () => {
    const network = backend.network(
      mlp(6, [8], 3, 'tanh', { orthogonal: { hidden: Math.SQRT2, output: 0.01 } }),
      createRandom(1),
    )
    const lengths = network.tensors
      .filter(({ shape }) => shape.length === 2)
      .map(tensor => {
        const weights = network.parameters.subarray(tensor.offset, tensor.offset + tensorLength(tensor))
        return Math.sqrt(dot(weights, weights) / Math.min(...tensor.shape))
      })
    expect(lengths[0]).toBeCloseTo(Math.SQRT2, 5)
    expect(lengths[1]).toBeCloseTo(0.01, 6)
  })

  it('keep outputs that are biases alone apart from the input, whatever is learnt', () => {
    const network = backend.network(mlp(5, [7], 4, 'relu', { constant: 2 }), createRandom(1))
    const optimizer = backend.optimizer(network, { rule: 'sgd', learningRate: 0.1, clip: null })
    for (let k = 0; k < 3; k++) {
      network.forward(randomMatrix(createRandom(k, 'input'), 6, 5))
      network.backward(randomMatrix(createRandom(k, 'gradient'), 6, 4))
      optimizer.step()
    }
    const outputs = network.infer(randomMatrix(createRandom(9), 6, 5)).data
    const row = (r: number) => outputs.slice(4 * r + 2, 4 * r + 4)
    for (let r = 1; r < 6; r++) expectSameBits(row(r), row(0))
    expect(row(0).every(x => x !== 0)).toBe(true)
    expect(outputs[0]).not.toBe(outputs[4])
  })

  it('refuse a layer normalisation of another size than what comes in', () => {
    const spec = {
      inputs: 3,
      layers: [{ kind: 'layerNorm', size: 4 } as const, { kind: 'dense', size: 2, activation: 'relu' } as const],
    }
    expect(() => backend.network(spec, createRandom(1))).toThrow('layer 0 normalises 4 numbers, 3 come in')
  })
})
