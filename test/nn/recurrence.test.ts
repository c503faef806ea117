// Recurrent networks: sequences against plain loops, gradients against finite differences, and one step at a time to the bit.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { withCurvature } from '../../src/nn/curvature.ts'
import { drawParameters, mlp, type NetworkSpec, tensorLength } from '../../src/nn/network.ts'
import { stateSize, withSequence } from '../../src/nn/recurrence.ts'
import { restoreNetwork, saveNetwork } from '../../src/nn/saved-networks.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { plainSequence } from '../support/plain-sequence.ts'

const gru = (size: number) => ({ kind: 'gru', size }) as const
const dense = (size: number, activation: 'tanh' | 'identity' = 'tanh') => ({ kind: 'dense', size, activation }) as const

const normalised = (size: number) => ({ ...dense(size), layerNorm: true })

const cases: readonly { name: string; spec: NetworkSpec; steps: number; batch: number }[] = [
  { name: 'a gru alone', spec: { inputs: 3, layers: [gru(5)] }, steps: 6, batch: 2 },
  { name: 'one unit', spec: { inputs: 1, layers: [gru(1)] }, steps: 9, batch: 1 },
  { name: 'a gru between', spec: { inputs: 4, layers: [dense(6), gru(7), dense(3, 'identity')] }, steps: 5, batch: 6 },
  { name: 'two grus', spec: { inputs: 2, layers: [gru(4), gru(9), dense(8), dense(2)] }, steps: 4, batch: 5 },
  {
    name: 'grus apart',
    spec: { inputs: 5, layers: [dense(4), normalised(3), gru(6), normalised(5), gru(2)] },
    steps: 7,
    batch: 3,
  },
]

describe('recurrent networks of simd', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  /** A network whose biases are not zero either, a window of inputs with restarts, a state and a gradient. */
  const windowOf = (spec: NetworkSpec, steps: number, batch: number, seed = 1, where = backend) => {
    const random = createRandom(seed, 'window')
    const network = withSequence(where.network(spec, random))
    for (let i = 0; i < network.parameters.length; i++) network.parameters[i]! += random.between(-0.5, 0.5)
    const rows = steps * batch
    return {
      network,
      input: randomMatrix(random, rows, spec.inputs),
      state: randomMatrix(random, batch, network.stateSize),
      gradient: randomMatrix(random, rows, spec.layers[spec.layers.length - 1]!.size),
      restarted: Uint8Array.from({ length: rows }, () => (random.uniform() < 0.3 ? 1 : 0)),
      next: zeros(batch, network.stateSize),
    }
  }

  it.each(cases)('go through a sequence like plain loops: $name', ({ spec, steps, batch }) => {
    const { network, input, state, restarted, next } = windowOf(spec, steps, batch)
    for (const restarts of [undefined, restarted]) {
      const expected = plainSequence(spec, network.parameters, input.data, state.data, batch, restarts)
      const output = network.sequence(input, { state, next, ...(restarts && { restarted: restarts }) })
      expectClose(output.data, expected.outputs, 3e-6)
      expectClose(next.data, expected.next, 3e-6)
    }
  })

  it.each(cases)('have the gradients of finite differences, across steps and restarts: $name', test => {
    const { spec, steps, batch } = test
    const { network, input, state, restarted, gradient } = windowOf(spec, steps, batch)
    const loss = (parameters: ArrayLike<number>, x: ArrayLike<number>, h: ArrayLike<number>) =>
      dot(plainSequence(spec, parameters, x, h, batch, restarted).outputs, gradient.data)
    const { parameters } = network
    network.sequence(input, { state, restarted })
    network.backward(gradient)
    expectClose(
      network.gradients,
      centralDifferences(p => loss(p, input.data, state.data), parameters),
      3e-5,
    )
    const before = Float32Array.from(network.gradients)
    const ofInput = centralDifferences(x => loss(parameters, x, state.data), input.data)
    expectClose(network.inputGradient(gradient).data, ofInput, 3e-5)
    const part = network.inputGradient(placed(backend, gradient), { from: spec.inputs - 1, to: spec.inputs })
    expectClose(
      part.data,
      ofInput.filter((_, i) => i % spec.inputs === spec.inputs - 1),
      3e-5,
    )
    const ofState = centralDifferences(h => loss(parameters, input.data, h), state.data)
    expectClose(network.stateGradient(gradient).data, ofState, 3e-5)
    restarted.subarray(0, batch).forEach((flag, row) => {
      if (flag)
        expect(ofState.slice(row * network.stateSize, (row + 1) * network.stateSize).every(g => g === 0)).toBe(true)
    })
    expectSameBits(network.gradients, before)
    network.backward(gradient)
    expectClose(
      network.gradients,
      before.map(x => 2 * x),
      1e-5,
    )
  })

  it('give the same bits on several threads, and whatever other rows are in the batch', async () => {
    const spec = cases[4]!.spec
    const [steps, batch] = [5, 71]
    const results = async (threads: number) => {
      const other = await createSimdBackend({ threads })
      const { network, input, state, restarted, gradient, next } = windowOf(spec, steps, batch, 8, other)
      const output = Float32Array.from(network.sequence(input, { state, restarted, next }).data)
      network.backward(gradient)
      const ofInput = Float32Array.from(network.inputGradient(gradient).data)
      const ofState = Float32Array.from(network.stateGradient(gradient).data)
      const own = [output, next.data, Float32Array.from(network.gradients), ofInput, ofState] as const
      other.dispose()
      return own
    }
    const [one, three] = [await results(1), await results(3)]
    for (const [i, numbers] of one.entries()) expectSameBits(three[i]!, numbers)

    // Rows 30 to 69 alone.
    const { network, input, state, restarted } = windowOf(spec, steps, batch, 8)
    const part = <T extends Float32Array | Uint8Array>(all: T, columns: number, sets: number): T =>
      all.filter((_, i) => {
        const row = Math.floor(i / columns) % batch
        return row >= 30 && row < 70 && i < sets * batch * columns
      }) as T
    const some = { rows: 40 * steps, columns: spec.inputs, data: part(input.data, spec.inputs, steps) }
    const someState = { rows: 40, columns: state.columns, data: part(state.data, state.columns, 1) }
    const alone = network.sequence(some, { state: someState, restarted: part(restarted, 1, steps) })
    expectSameBits(alone.data, part(one[0], alone.columns, steps))
  })

  it('give the same bits step by step, window by window, row by row, and wherever matrices live', () => {
    const shape = fc.record({
      which: fc.nat(cases.length - 1),
      steps: fc.integer({ min: 1, max: 9 }),
      batch: fc.integer({ min: 1, max: 9 }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(shape, ({ which, steps, batch, seed }) => {
        const { spec } = cases[which]!
        const { network, input, state, restarted, next } = windowOf(spec, steps, batch, seed)
        const together = Float32Array.from(network.sequence(input, { state, restarted, next }).data)
        const outputs = together.length / (steps * batch)
        expectSameBits(network.infer(input, { state, restarted }).data, together)
        // One step at a time, the state handed over in place.
        const memory = placed(backend, state)
        for (let t = 0; t < steps; t++) {
          const flags = restarted.subarray(t * batch, (t + 1) * batch)
          const step = network.infer(rowsOf(input, t * batch, (t + 1) * batch), {
            state: memory,
            restarted: flags,
            next: memory,
          })
          expectSameBits(step.data, together.slice(t * batch * outputs, (t + 1) * batch * outputs))
        }
        expectSameBits(memory.data, next.data)
        // One row of the batch at a time.
        for (let b = 0; b < batch; b++) {
          const own = <T>(whole: ArrayLike<T>, width: number) =>
            Array.from(
              { length: steps * width },
              (_, i) => whole[(Math.floor(i / width) * batch + b) * width + (i % width)]!,
            )
          const x = { rows: steps, columns: spec.inputs, data: Float32Array.from(own(input.data, spec.inputs)) }
          const row = network.infer(x, {
            state: rowsOf(state, b, b + 1),
            restarted: Uint8Array.from(own(restarted, 1)),
          })
          expectSameBits(row.data, Float32Array.from(own(together, outputs)))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('give the same bits on two threads', async () => {
    const { spec } = cases[4]!
    const results: Float32Array[][] = []
    for (const threads of [1, 2]) {
      const own = await createSimdBackend({ threads })
      const { network, input, state, restarted, gradient, next } = windowOf(spec, 10, 20, 1, own)
      const output = Float32Array.from(network.sequence(input, { state, restarted, next }).data)
      network.backward(gradient)
      const tangent = Float32Array.from(withCurvature(network).tangent(network.gradients).data)
      const back = [network.inputGradient(gradient), network.stateGradient(gradient)].map(({ data }) => data.slice())
      results.push([output, next.data, Float32Array.from(network.gradients), tangent, ...back])
      own.dispose()
    }
    results[0]!.forEach((data, i) => {
      expectSameBits(results[1]![i]!, data)
    })
  })

  it('stop going back at the beginning of a window, and keep theirs through infer', () => {
    const { spec, steps, batch } = cases[2]!
    const { network, input, state, restarted, gradient } = windowOf(spec, steps, batch)
    const cut = 2 * batch
    const { parameters } = network
    const middle = Float32Array.from(
      plainSequence(spec, parameters, input.data.slice(0, cut * spec.inputs), state.data, batch, restarted).next,
    )
    const expected = centralDifferences(p => {
      const first = plainSequence(spec, p, input.data.slice(0, cut * spec.inputs), state.data, batch, restarted)
      const rest = input.data.slice(cut * spec.inputs)
      const second = plainSequence(spec, p, rest, middle, batch, restarted.slice(cut))
      return dot([...first.outputs, ...second.outputs], gradient.data)
    }, parameters)
    const memory = zeros(batch, network.stateSize)
    for (const [from, to] of [
      [0, cut],
      [cut, steps * batch],
    ] as const) {
      const start = from === 0 ? state : memory
      network.sequence(rowsOf(input, from, to), { state: start, restarted: restarted.subarray(from, to), next: memory })
      network.infer(randomMatrix(createRandom(2), 4 * batch, spec.inputs), {
        state,
        restarted: new Uint8Array(4 * batch).fill(1),
      })
      network.backward(rowsOf(gradient, from, to))
    }
    expectClose(network.gradients, expected, 3e-5)
  })

  it.each(cases)('have tangents too, through steps and restarts: $name', ({ spec, steps, batch }) => {
    const { network, input, state, restarted, gradient } = windowOf(spec, steps, batch)
    const curved = withCurvature(network)
    const random = createRandom(5)
    const direction = randomMatrix(random, 1, network.parameters.length).data
    const push = randomMatrix(random, input.rows, input.columns)
    const h = 1e-5
    const at = (e: number, withInput: boolean) =>
      plainSequence(
        spec,
        Array.from(network.parameters, (p, i) => p + e * direction[i]!),
        Array.from(input.data, (x, i) => x + (withInput ? e * push.data[i]! : 0)),
        state.data,
        batch,
        restarted,
      ).outputs
    network.sequence(input, { state, restarted })
    for (const withInput of [false, true]) {
      const [above, below] = [at(h, withInput), at(-h, withInput)]
      const expected = above.map((value, i) => (value - below[i]!) / (2 * h))
      expectClose(curved.tangent(direction, withInput ? push : undefined).data, expected, 3e-5)
    }
    // <J v, g> = <v, J^T g>
    network.backward(gradient)
    expect(dot(curved.tangent(direction).data, gradient.data)).toBeCloseTo(dot(direction, network.gradients), 3)
  })

  it('have as statistics the mean outer products of what each step adds', () => {
    const spec: NetworkSpec = { inputs: 2, layers: [dense(3), gru(2), gru(1), dense(2)] }
    const [steps, batch] = [4, 3]
    const { network, input, state, restarted, gradient } = windowOf(spec, steps, batch)
    const { parameters, tensors } = network
    network.sequence(input, { state, restarted })
    const statistics = withCurvature(network).layerStatistics(gradient)
    expect(statistics.flatMap(({ weight, bias }) => [weight, bias])).toEqual(tensors)
    expectSameBits(network.gradients, new Float32Array(parameters.length))
    const expected = statistics.map(({ inputs, gradients }) => ({
      inputs: new Float64Array(inputs.data.length),
      gradients: new Float64Array(gradients.data.length),
    }))
    for (let row = 0; row < steps * batch; row++) {
      // The gradient with respect to the parameters of this row's step alone: [x 1]^T g of each layer.
      const own = centralDifferences(
        p =>
          dot(
            plainSequence(spec, at => (at === row ? p : parameters), input.data, state.data, batch, restarted).outputs,
            gradient.data,
          ),
        parameters,
      )
      statistics.forEach(({ weight, bias }, l) => {
        const [width, size] = weight.shape as [number, number]
        const g = own.slice(bias.offset, bias.offset + size)
        const j = g.reduce((best, value, at) => (Math.abs(value) > Math.abs(g[best]!) ? at : best), 0)
        const x = Array.from({ length: width }, (_, k) => own[weight.offset + k * size + j]! / g[j]!)
        addOuter([...x, 1], expected[l]!.inputs, steps * batch)
        addOuter([...g], expected[l]!.gradients, steps * batch)
      })
    }
    statistics.forEach(({ weight, inputs, gradients }, l) => {
      expect([inputs.rows, gradients.rows]).toEqual([weight.shape[0]! + 1, weight.shape[1]!])
      expectClose(inputs.data, expected[l]!.inputs, 1e-5)
      expectClose(gradients.data, expected[l]!.gradients, 1e-5)
    })
  })

  it('start with Xavier limits per gate and zero biases, as drawParameters draws them', () => {
    const spec: NetworkSpec = { inputs: 12, layers: [dense(20), gru(16), dense(4)] }
    const network = backend.network(spec, createRandom(1, 'actor'))
    expect(network.tensors.map(({ name, shape }) => [name, ...shape])).toEqual([
      ['layer0.weight', 12, 20],
      ['layer0.bias', 20],
      ['layer1.weight', 20, 48],
      ['layer1.bias', 48],
      ['layer1.recurrentWeight', 16, 48],
      ['layer1.recurrentBias', 48],
      ['layer2.weight', 16, 4],
      ['layer2.bias', 4],
    ])
    const drawn = new Float32Array(network.parameters.length)
    drawParameters(network.tensors, createRandom(1, 'actor'), drawn)
    expectSameBits(network.parameters, drawn)
    for (const { name, offset, shape } of network.tensors) {
      const largest = Math.max(
        ...network.parameters.slice(offset, offset + tensorLength({ name, offset, shape })).map(Math.abs),
      )
      const limit = name.endsWith('ias') ? 0 : Math.sqrt(6 / (shape[0]! + (name.startsWith('layer1') ? 16 : shape[1]!)))
      expect(largest).toBeLessThanOrEqual(limit)
      expect(largest).toBeGreaterThanOrEqual(0.8 * limit)
    }
  })

  it('are saved, restored, copied and softly updated like any other', () => {
    const { spec } = cases[3]!
    const one = backend.network(spec, createRandom(1))
    const other = backend.network(spec, createRandom(2))
    restoreNetwork(other, structuredClone(saveNetwork(one)))
    expectSameBits(other.parameters, one.parameters)
    const third = backend.network(spec, createRandom(3))
    const before = Float32Array.from(third.parameters)
    backend.softUpdate(third, one, 0.25)
    expectClose(
      third.parameters,
      before.map((value, i) => 0.75 * value + 0.25 * one.parameters[i]!),
      1e-6,
    )
    backend.copy(one, third)
    expectSameBits(third.parameters, one.parameters)
    expect(() => backend.copy(one, backend.network({ inputs: 2, layers: [gru(4)] }, createRandom(1)))).toThrow(
      TypeError,
    )
  })

  it('refuse wrong shapes and wrong calls with a sentence', () => {
    const { network, input, state, restarted } = windowOf(cases[2]!.spec, 5, 6)
    expect(() => network.forward(input)).toThrow('this network is recurrent; call sequence')
    expect(() => network.infer(input)).toThrow('expected the memory that it starts from, got none')
    expect(() => network.backward(input)).toThrow('backward: call sequence first')
    expect(() => withCurvature(network).tangent(network.parameters)).toThrow('tangent: call sequence first')
    expect(() => network.sequence(zeros(30, 5), { state })).toThrow('sequence: input must be [30, 4], got [30, 5]')
    expect(() => network.sequence(input, { state: zeros(6, 6) })).toThrow(
      'sequence: memory.state must be [6, 7], got [6, 6]',
    )
    expect(() => network.sequence(input, { state: zeros(7, 7) })).toThrow(
      'sequence: input must have steps * 7 rows (rows of memory.state), got 30',
    )
    expect(() => network.infer(input, { state, next: zeros(5, 7) })).toThrow(
      'infer: memory.next must be [6, 7], got [5, 7]',
    )
    expect(() => network.infer(input, { state, restarted: new Uint8Array(6) })).toThrow(
      'infer: memory.restarted must have 30 numbers, got 6',
    )
    network.sequence(input, { state, restarted })
    expect(() => network.stateGradient(zeros(30, 7))).toThrow(
      'stateGradient: output gradient must be [30, 3], got [30, 7]',
    )
    expect(() => network.inputGradient(zeros(30, 3), { from: 0, to: 5 })).toThrow(RangeError)
    expect(() => withCurvature(network).tangent(new Float32Array(3))).toThrow('got 3')
    expect(() => withSequence(backend.network(mlp(3, [4], 2), createRandom(1)))).toThrow('got layers dense, dense')
    expect(() => backend.network({ inputs: 3, layers: [gru(0)] }, createRandom(1))).toThrow(RangeError)
    expect(stateSize(mlp(3, [4], 2))).toBe(0)
  })
})

function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float32Array(rows * columns) }
}

/** to += x^T x / count */
function addOuter(x: readonly number[], to: Float64Array, count: number): void {
  x.forEach((a, i) => {
    x.forEach((b, j) => {
      to[i * x.length + j]! += (a * b) / count
    })
  })
}

function rowsOf({ columns, data }: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, columns, data: data.slice(from * columns, to * columns) }
}
