// Networks of every backend: forward against plain loops, gradients against finite differences, and the promises about bits.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { type Activation, type LayerSpec, mlp, type NetworkSpec, tensorLength } from '../../src/nn/network.ts'
import { createRandom } from '../../src/random.ts'
import { backends } from '../support/backends.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'

const activations: readonly Activation[] = ['relu', 'leakyRelu', 'elu', 'tanh', 'identity']
const activation = fc.constantFrom(...activations)
const shape = fc.record({
  rows: fc.integer({ min: 1, max: 37 }),
  inputs: fc.integer({ min: 1, max: 70 }),
  layers: fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 67 }),
      activation,
      layerNorm: fc.constantFrom(false, false, true),
      normAfter: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  inputNorm: fc.constantFrom(false, false, false, true),
  seed: fc.nat(),
})

interface Layer {
  readonly size: number
  readonly activation: Activation
  readonly layerNorm?: boolean
  /** Whether a layer normalisation follows. */
  readonly normAfter?: boolean
}

function specOf(inputs: number, layers: readonly Layer[], inputNorm = false): NetworkSpec {
  return {
    inputs,
    layers: [
      ...(inputNorm ? [{ kind: 'layerNorm', size: inputs } as const] : []),
      ...layers.flatMap(({ normAfter, ...layer }): LayerSpec[] => [
        { kind: 'dense', ...layer },
        ...(normAfter ? [{ kind: 'layerNorm', size: layer.size } as const] : []),
      ]),
    ],
  }
}

interface Judged {
  readonly parameters: Float32Array
  readonly ofParameters: Float64Array
  readonly ofInput: Float64Array
}

/** Finite differences by case: the same for every backend, since all begin with the same weights. */
const known = new Map<string, Judged>()

function judged(key: string, judge: () => Judged): Judged {
  if (!known.has(key)) known.set(key, judge())
  return known.get(key)!
}

describe.each(backends)('networks of $name', ({ create, batchRounding }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  /** A network whose biases are not zero either, so that they are seen. */
  const networkOf = (spec: NetworkSpec, seed: number) => {
    const random = createRandom(seed, 'weights')
    const network = backend.network(spec, random)
    for (const tensor of network.tensors.filter(tensor => tensor.shape.length === 1)) {
      for (let i = 0; i < tensorLength(tensor); i++) network.parameters[tensor.offset + i] = random.between(-0.5, 0.5)
    }
    return network
  }

  it('go forward like plain loops, for any shape', () => {
    fc.assert(
      fc.property(shape, ({ rows, inputs, layers, inputNorm, seed }) => {
        const spec = specOf(inputs, layers, inputNorm)
        const network = networkOf(spec, seed)
        const input = randomMatrix(createRandom(seed, 'input'), rows, inputs)
        const expected = plainForward(spec, network.parameters, input.data, rows)
        const output = network.forward(input)
        expect([output.rows, output.columns]).toEqual([rows, layers[layers.length - 1]!.size])
        // Dividing by a small deviation makes a rounding error as many times larger.
        const normalised = inputNorm || layers.some(layer => layer.layerNorm || layer.normAfter)
        expectClose(output.data, expected, (normalised ? 2e-4 : 2e-6) * Math.sqrt(inputs))
      }),
      { numRuns: 150 },
    )
  })

  it('infer the same bits as forward, for every batch size and wherever the input lives', () => {
    fc.assert(
      fc.property(shape, ({ rows, inputs, layers, inputNorm, seed }) => {
        const network = networkOf(specOf(inputs, layers, inputNorm), seed)
        const input = randomMatrix(createRandom(seed, 'input'), rows, inputs)
        const together = Float32Array.from(network.forward(input).data)
        expectSameBits(network.infer(input).data, together)
        expectSameBits(network.infer(placed(backend, input)).data, together)
        const size = together.length / rows
        for (let r = 0; r < rows; r++) {
          const data = input.data.slice(r * inputs, (r + 1) * inputs)
          const alone = network.infer({ rows: 1, columns: inputs, data })
          const among = together.slice(r * size, (r + 1) * size)
          if (batchRounding === undefined) expectSameBits(alone.data, among)
          else expectClose(alone.data, among, batchRounding)
        }
      }),
      { numRuns: 60 },
    )
  })

  const odd = [
    { rows: 1, inputs: 3, sizes: [5, 1] },
    { rows: 7, inputs: 17, sizes: [9, 3] },
    { rows: 33, inputs: 17, sizes: [6, 13, 5] },
    { rows: 66, inputs: 5, sizes: [34, 2] },
  ]

  const hiddenLayers = [
    ...activations.map(activation => ({ activation, layerNorm: false, normAfter: false, name: `${activation}` })),
    ...(['relu', 'elu'] as const).map(activation => ({
      activation,
      layerNorm: true,
      normAfter: false,
      name: `${activation} and layer normalisation`,
    })),
    {
      activation: 'tanh',
      layerNorm: false,
      normAfter: true,
      name: 'layer normalisation of the input and after tanh',
    } as const,
  ]
  /** Small enough that no unit crosses its kink. */
  const small = 1e-6

  describe.each(hiddenLayers)('gradients with $name', ({ activation, layerNorm, normAfter }) => {
    it.each(odd)('of [$rows, $inputs] -> $sizes agree with finite differences', ({ rows, inputs, sizes }) => {
      // The last layer has the activation too: its derivative is a case of its own.
      const spec = specOf(
        inputs,
        sizes.map(size => ({ size, activation, layerNorm, normAfter })),
        normAfter,
      )
      const network = networkOf(spec, 11)
      const random = createRandom(15)
      const input = randomMatrix(random, rows, inputs)
      const gradient = randomMatrix(random, rows, sizes[sizes.length - 1]!)
      const tolerance = (layerNorm || normAfter ? 5e-5 : 1e-5) * Math.sqrt(rows)

      network.forward(input)
      network.backward(gradient)
      const { parameters, ofParameters, ofInput } = judged(JSON.stringify([spec, rows]), () => {
        const parameters = network.parameters.slice()
        const sum = (parameters: ArrayLike<number>, data: ArrayLike<number>) =>
          dot(plainForward(spec, parameters, data, rows), gradient.data)
        return {
          parameters,
          ofParameters: centralDifferences(changed => sum(changed, input.data), parameters, small),
          ofInput: centralDifferences(changed => sum(parameters, changed), input.data, small),
        }
      })
      expectSameBits(network.parameters, parameters)
      expectClose(network.gradients, ofParameters, tolerance)

      const before = Float32Array.from(network.gradients)
      expectClose(network.inputGradient(gradient).data, ofInput, tolerance)
      for (const [from, to] of [
        [0, 1],
        [1, inputs],
        [inputs - 1, inputs],
        [inputs >> 1, inputs - 1],
      ] as const) {
        const part = network.inputGradient(placed(backend, gradient), { from, to })
        expect([part.rows, part.columns]).toEqual([rows, to - from])
        expectClose(part.data, columnsOf({ rows, columns: inputs, data: ofInput }, from, to), tolerance)
      }
      expectSameBits(network.gradients, before)
    })
  })

  it.each(activations)('carry a NaN in a row to that row alone, through %s', hidden => {
    const network = networkOf(mlp(3, [5, 4], 2, hidden), 9)
    const input = randomMatrix(createRandom(10), 3, 3)
    input.data[4] = Number.NaN
    for (const output of [network.forward(input), network.infer(input)])
      expect([...output.data].map(Number.isNaN)).toEqual([false, false, true, true, false, false])
  })

  it('add up gradients over calls of backward', () => {
    const network = networkOf(mlp(17, [9], 3), 3)
    const random = createRandom(4)
    const input = randomMatrix(random, 5, 17)
    const gradient = randomMatrix(random, 5, 3)
    network.forward(input)
    network.backward(gradient)
    const once = Float64Array.from(network.gradients)
    network.backward(gradient)
    expectClose(
      network.gradients,
      once.map(x => 2 * x),
      1e-6,
    )
  })

  it('keep what forward left through infer of another and of the same batch size', () => {
    const network = networkOf(mlp(17, [9, 8], 3, 'tanh'), 5)
    const random = createRandom(6)
    const input = randomMatrix(random, 12, 17)
    const gradient = randomMatrix(random, 12, 3)
    network.forward(input)
    network.backward(gradient)
    const expected = Float32Array.from(network.gradients)
    network.gradients.fill(0)
    network.forward(input)
    for (const rows of [1, 12, 40]) network.infer(randomMatrix(random, rows, 17))
    network.backward(gradient)
    expectSameBits(network.gradients, expected)
  })

  it('give equal bits again when batch sizes alternate and grow', () => {
    const network = networkOf(mlp(6, [10], 4), 7)
    const inputs = [3, 50, 1, 200, 50, 3].map((rows, i) => randomMatrix(createRandom(i), rows, 6))
    const first = inputs.map(input => Float32Array.from(network.forward(input).data))
    const again = inputs.map(input => Float32Array.from(network.forward(input).data))
    first.forEach((data, i) => {
      expectSameBits(again[i]!, data)
    })
  })

  it('start with the weights of the dictionary: within the Xavier limit, zero biases, equal for equal streams', () => {
    const spec = mlp(18, [64, 64], 5)
    const network = backend.network(spec, createRandom(1, 'actor'))
    expect(network.tensors.map(tensor => tensor.name)).toEqual([
      'layer0.weight',
      'layer0.bias',
      'layer1.weight',
      'layer1.bias',
      'layer2.weight',
      'layer2.bias',
    ])
    for (const tensor of network.tensors) {
      const values = network.parameters.slice(tensor.offset, tensor.offset + tensorLength(tensor))
      const limit = tensor.shape.length === 1 ? 0 : Math.sqrt(6 / (tensor.shape[0]! + tensor.shape[1]!))
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(limit)
      if (limit > 0) expect(Math.max(...values)).toBeGreaterThan(0.8 * limit)
    }
    expectSameBits(backend.network(spec, createRandom(1, 'actor')).parameters, network.parameters)
  })

  it('start normalised layers with gains of one and shifts of zero', () => {
    const network = backend.network(mlp(4, [3], 2, 'relu', { layerNorm: 'before' }), createRandom(1))
    expect(network.tensors.map(tensor => tensor.name.replace('layer', ''))).toEqual([
      '0.weight',
      '0.bias',
      '0.gain',
      '0.shift',
      '1.weight',
      '1.bias',
    ])
    const of = (name: string) => {
      const tensor = network.tensors.find(tensor => tensor.name === name)!
      return [...network.parameters.slice(tensor.offset, tensor.offset + 3)]
    }
    expect(of('layer0.gain')).toEqual([1, 1, 1])
    expect(of('layer0.shift')).toEqual([0, 0, 0])
  })

  it('refuse wrong shapes with a sentence', () => {
    const network = networkOf(mlp(4, [3], 2), 8)
    const matrix = (rows: number, columns: number) => ({ rows, columns, data: new Float32Array(rows * columns) })
    expect(() => network.inputGradient(matrix(2, 2))).toThrow('forward first')
    expect(() => network.forward(matrix(2, 5))).toThrow(new TypeError('forward: input must be [2, 4], got [2, 5]'))
    expect(() => network.infer({ rows: 2, columns: 4, data: new Float32Array(7) })).toThrow(TypeError)
    network.forward(matrix(2, 4))
    expect(() => network.backward(matrix(3, 2))).toThrow('backward: output gradient must be [2, 2], got [3, 2]')
    expect(() => network.inputGradient(matrix(2, 2), { from: 3, to: 5 })).toThrow(RangeError)
    expect(() => network.inputGradient(matrix(2, 2), { from: 2, to: 2 })).toThrow(RangeError)
    expect(() => backend.network({ inputs: 0, layers: [] }, createRandom(1))).toThrow(RangeError)
    const unknown = { inputs: 2, layers: [{ kind: 'dense', size: 3, activation: 'gelu' as 'relu' }] } as const
    expect(() => backend.network(unknown, createRandom(1))).toThrow(TypeError)
    expect(() => backend.network(unknown, createRandom(1))).toThrow(
      "layer 0 has the activation 'gelu', expected one of relu, leakyRelu, elu, tanh, identity",
    )
  })
})

function columnsOf(matrix: { rows: number; columns: number; data: ArrayLike<number> }, from: number, to: number) {
  const { rows, columns, data } = matrix
  return Array.from(
    { length: rows * (to - from) },
    (_, i) => data[Math.floor(i / (to - from)) * columns + from + (i % (to - from))]!,
  )
}
