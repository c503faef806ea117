// Tangents and second moments: against finite differences, and against the Jacobian built column by column.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { withCurvature } from '../../src/nn/curvature.ts'
import { type Activation, mlp, type NetworkSpec } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'

const activations: readonly Activation[] = ['relu', 'tanh', 'identity', 'leakyRelu', 'elu']
const shapes = [
  { rows: 1, inputs: 3, sizes: [5, 1] },
  { rows: 7, inputs: 17, sizes: [9, 3] },
  { rows: 33, inputs: 6, sizes: [6, 13, 5] },
]

describe('curvature of simd networks', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const networkOf = (spec: NetworkSpec, seed = 1) => {
    const random = createRandom(seed, 'weights')
    const network = withCurvature(backend.network(spec, random))
    for (let i = 0; i < network.parameters.length; i++) network.parameters[i]! += random.between(-0.3, 0.3)
    return network
  }

  it('goes back to each forward that it keeps, and to none whose place another one has', () => {
    const network = networkOf(mlp(4, [6], 3, 'tanh'))
    const random = createRandom(5)
    const inputs = [3, 5, 5].map(rows => randomMatrix(random, rows, 4))
    const direction = randomMatrix(random, 1, network.parameters.length).data
    const seen = (outputs: Matrix) => {
      network.gradients.fill(0)
      network.backward({ ...outputs, data: Float32Array.from(outputs.data, (_, i) => Math.cos(i)) })
      return [outputs.data, network.tangent(direction).data, network.gradients].map(each => each.slice())
    }
    const plain = inputs.map(input => seen(network.forward(input)))
    const shared = { rows: 5, columns: 4, data: inputs[1]!.data.slice() }
    const kept = [network.keep!(inputs[0]!, 0), network.keep!(shared, 1)]
    shared.data.fill(7)
    network.forward(inputs[2]!)
    for (const i of [1, 0, 1]) {
      kept[i]!.recall()
      for (const [each, numbers] of seen(kept[i]!.outputs).entries()) expectSameBits(numbers, plain[i]![each]!)
    }
    network.keep!(inputs[2]!, 1)
    kept[0]!.recall()
    expectSameBits(network.tangent(direction).data, plain[0]![1]!)
  })

  it('has the same tangents and statistics on any number of threads, to the bit', async () => {
    const found = async (threads: number) => {
      const own = await createSimdBackend({ threads })
      const network = withCurvature(own.network(mlp(6, [40, 33], 3, 'tanh'), createRandom(3, 'weights')))
      const random = createRandom(7)
      const [rows, direction] = [500, randomMatrix(random, 1, network.parameters.length).data]
      const outputs = network.forward(randomMatrix(random, rows, 6))
      const numbers: Float32Array[] = [
        network.tangent(direction).data.slice(),
        network.tangent(direction, randomMatrix(random, rows, 6)).data.slice(),
      ]
      for (const { inputs, gradients } of network.layerStatistics(randomMatrix(random, rows, outputs.columns))) {
        numbers.push(inputs.data, gradients.data)
      }
      own.dispose()
      return numbers
    }
    const alone = await found(1)
    const together = await found(3)
    for (const [each, numbers] of together.entries()) expectSameBits(numbers, alone[each]!)
  })

  const kinds = activations.flatMap(activation => [false, true].map(layerNorm => ({ activation, layerNorm })))
  describe.each(kinds)('tangents with $activation, normalised: $layerNorm', ({ activation, layerNorm }) => {
    it.each(shapes)('of [$rows, $inputs] -> $sizes agree with finite differences', ({ rows, inputs, sizes }) => {
      const spec: NetworkSpec = { inputs, layers: sizes.map(size => ({ kind: 'dense', size, activation, layerNorm })) }
      const network = networkOf(spec)
      const random = createRandom(2)
      const input = randomMatrix(random, rows, inputs)
      const direction = randomMatrix(random, 1, network.parameters.length).data
      const push = randomMatrix(random, rows, inputs)
      const still = new Float32Array(direction.length)
      network.forward(input)
      const h = 1e-6
      for (const [v, u] of [
        [direction, undefined],
        [direction, push],
        [still, push],
        [direction, placed(backend, push)],
      ] as const) {
        const at = (e: number) =>
          plainForward(
            spec,
            Array.from(network.parameters, (p, i) => p + e * v[i]!),
            Array.from(input.data, (x, i) => x + (u ? e * u.data[i]! : 0)),
            rows,
          )
        const [above, below] = [at(h), at(-h)]
        const tangent = network.tangent(v, u)
        expect([tangent.rows, tangent.columns]).toEqual([rows, sizes[sizes.length - 1]])
        expectClose(
          tangent.data,
          above.map((value, i) => (value - below[i]!) / (2 * h)),
          2e-5,
        )
      }
    })
  })

  it('tangents of the unit vectors are the columns of the Jacobian that backward gives the rows of', () => {
    const network = networkOf(mlp(3, [4], 2, 'tanh'))
    const input = randomMatrix(createRandom(3), 2, 3)
    const output = network.forward(input)
    const count = network.parameters.length
    const rows = Array.from(output.data, (_, i) => {
      const unit = zeros(output.rows, output.columns)
      unit.data[i] = 1
      network.gradients.fill(0)
      network.backward(unit)
      return Float32Array.from(network.gradients)
    })
    for (let p = 0; p < count; p++) {
      const unit = new Float32Array(count)
      unit[p] = 1
      expectClose(
        network.tangent(unit).data,
        rows.map(row => row[p]!),
        1e-6,
      )
    }
  })

  it('tangents keep what forward left, are the same bits for any batch, and read live vectors', () => {
    const network = networkOf(mlp(17, [9, 8], 3, 'tanh'))
    const random = createRandom(4)
    const input = randomMatrix(random, 12, 17)
    const gradient = randomMatrix(random, 12, 3)
    network.forward(input)
    network.backward(gradient)
    const expected = Float32Array.from(network.gradients)
    const together = Float32Array.from(network.tangent(expected).data)
    expectSameBits(network.tangent(network.gradients).data, together)
    network.layerStatistics(gradient)
    network.gradients.fill(0)
    network.backward(gradient)
    expectSameBits(network.gradients, expected)
    for (let r = 0; r < 12; r++) {
      network.forward({ rows: 1, columns: 17, data: input.data.slice(17 * r, 17 * (r + 1)) })
      expectSameBits(network.tangent(expected).data, together.slice(3 * r, 3 * (r + 1)))
    }
  })

  it("statistics are the means of each row's own, and those are the outer products that make its gradient", () => {
    for (const spec of [
      mlp(5, [7, 1], 3, 'tanh'),
      mlp(1, [4], 2),
      mlp(5, [6], 3, 'elu', { layerNorm: 'before' }),
      mlp(5, [6], 3, 'tanh', { layerNorm: 'after', inputNorm: true }),
    ]) {
      const network = networkOf(spec)
      const random = createRandom(5)
      const rows = 9
      const input = randomMatrix(random, rows, spec.inputs)
      const columns = spec.layers[spec.layers.length - 1]!.size
      const gradient = randomMatrix(random, rows, columns)
      network.forward(input)
      const statistics = network.layerStatistics(gradient)
      const sums = statistics.map(({ inputs, gradients }) => ({
        inputs: new Float64Array(inputs.data.length),
        gradients: new Float64Array(gradients.data.length),
      }))
      for (let r = 0; r < rows; r++) {
        network.forward(rowOf(input, r))
        network.gradients.fill(0)
        network.backward(rowOf(gradient, r))
        network.layerStatistics(rowOf(gradient, r)).forEach(({ weight, bias, inputs, gradients }, l) => {
          const [width, size] = weight.shape as [number, number]
          expect([inputs.rows, inputs.columns, gradients.rows, gradients.columns]).toEqual([
            width + 1,
            width + 1,
            size,
            size,
          ])
          expect(inputs.data[inputs.data.length - 1]).toBe(1)
          const x = inputs.data.slice(width * (width + 1))
          const g = network.gradients.slice(bias.offset, bias.offset + size)
          expectClose(inputs.data, outer(x, x), 1e-6)
          expectClose(gradients.data, outer(g, g), 1e-6)
          const own = network.gradients.slice(weight.offset, weight.offset + width * size)
          expectClose(own, outer(x.slice(0, width), g), 1e-6)
          for (let i = 0; i < inputs.data.length; i++) sums[l]!.inputs[i]! += inputs.data[i]! / rows
          for (let i = 0; i < gradients.data.length; i++) sums[l]!.gradients[i]! += gradients.data[i]! / rows
        })
      }
      statistics.forEach(({ inputs, gradients }, l) => {
        expectClose(inputs.data, sums[l]!.inputs, 1e-6)
        expectClose(gradients.data, sums[l]!.gradients, 1e-6)
        expectSameBits(inputs.data, transposed(inputs))
        expectSameBits(gradients.data, transposed(gradients))
      })
    }
  })

  it('refuse wrong shapes with a sentence', () => {
    const network = networkOf(mlp(4, [3], 2))
    expect(() => network.tangent(network.parameters)).toThrow('tangent: call forward first')
    network.forward(zeros(5, 4))
    expect(() => network.tangent(new Float32Array(7))).toThrow(
      new TypeError('tangent: parameter tangent must hold 23 float32 numbers, got 7'),
    )
    expect(() => network.tangent(network.parameters, zeros(5, 3))).toThrow(
      'tangent: input tangent must be [5, 4], got [5, 3]',
    )
    expect(() => network.layerStatistics(zeros(4, 2))).toThrow(
      'layerStatistics: output gradient must be [5, 2], got [4, 2]',
    )
    const { tangent: _, ...rest } = { ...network, tangent: undefined }
    expect(() => withCurvature(rest as never)).toThrow('expected one with tangents')
  })
})

function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float32Array(rows * columns) }
}

function rowOf({ columns, data }: Matrix, r: number): Matrix {
  return { rows: 1, columns, data: data.slice(r * columns, (r + 1) * columns) }
}

function outer(a: Float32Array, b: Float32Array): number[] {
  return Array.from(a).flatMap(x => Array.from(b, y => x * y))
}

function transposed({ rows, columns, data }: Matrix): Float32Array {
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!)
}
