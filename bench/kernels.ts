// Billions of operations per second of the kernels in the shapes that training has, against plain loops over typed arrays.
import { mlp } from '../src/nn/network.ts'
import { createSimdBackend } from '../src/nn/simd/backend.ts'
import { SimdMemory } from '../src/nn/simd/memory.ts'
import { createRandom } from '../src/random.ts'
import type { Matrix } from '../src/types.ts'
import { type Benchmark, takeTurns } from './figure.ts'

const rows = 1024
const inputs = 64
const outputs = 64
/** Two multiplications and two additions of 128-bit vectors per cycle: what Zen 2 to Zen 5 do at most; other processors do less. */
const flopPerCycle = 16

export const kernel: Benchmark = {
  name: 'kernel',
  description: `dense layer of ${inputs} x ${outputs} over ${rows} rows, and what goes with it`,
  async run(report) {
    const backend = await createSimdBackend()
    const random = createRandom(1, 'bench')
    const network = backend.network(mlp(inputs, [], outputs), random)
    const fill = (matrix: Matrix) => {
      for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = random.between(-1, 1)
      return matrix
    }
    const input = fill(backend.matrix(rows, inputs))
    const gradient = fill(backend.matrix(rows, outputs))
    const sample = fill(backend.matrix(rows, 5))
    const noisy = backend.matrix(rows, 5)
    network.forward(input)

    const weights = network.parameters.slice(0, inputs * outputs)
    const y = new Float32Array(rows * outputs)
    const dw = new Float32Array(inputs * outputs)
    const dx = new Float32Array(rows * inputs)
    const x = input.data.slice()
    const g = gradient.data.slice()
    const s = sample.data.slice()
    const soft = new Float32Array(rows * 5)
    const flop = 2 * rows * inputs * outputs

    const wide = backend.network(mlp(69, [], outputs), random)
    const column = backend.network(mlp(inputs, [], 1), random)
    const wideInput = fill(backend.matrix(rows, 69))
    const columnGradient = fill(backend.matrix(rows, 1))
    wide.forward(wideInput)
    column.forward(input)
    const { kernels } = await SimdMemory.create()
    const loops = 100_000
    const [chainSeconds] = (await takeTurns(30, [() => void kernels.chain(loops, 12345)])) as [number]
    const gigahertz = (16 * loops) / chainSeconds / 1e9
    const peak = flopPerCycle * gigahertz
    report({ name: 'kernel/clock', value: gigahertz, unit: 'GHz' })
    report({ name: 'kernel/peak', value: peak, unit: 'GFLOP/s' })
    const shares = [
      { name: 'forward-64-64', flop, run: () => network.forward(input) },
      { name: 'forward-69-64', flop: 2 * rows * 69 * outputs, run: () => wide.forward(wideInput) },
      { name: 'forward-64-1', flop: 2 * rows * inputs, run: () => column.forward(input) },
      { name: 'input-gradient-64-64', flop, run: () => network.inputGradient(gradient) },
      { name: 'weight-gradient-64-64', flop, run: () => network.backward(gradient) },
      { name: 'weight-gradient-69-64', flop: 2 * rows * 69 * outputs, run: () => wide.backward(gradient) },
      { name: 'weight-gradient-64-1', flop: 2 * rows * inputs, run: () => column.backward(columnGradient) },
    ]
    for (const { name, flop, run } of shares) {
      const [seconds] = (await takeTurns(30, [repeat(10, run)])) as [number]
      const value = (10 * flop) / seconds / 1e9
      report({ name: `kernel/${name}`, value, unit: 'GFLOP/s', against: 'the peak of one core', ratio: value / peak })
    }

    const figures = [
      { name: 'kernel/forward', flop, ours: () => network.forward(input), plain: () => plainForward(x, weights, y) },
      {
        name: 'kernel/weight-gradient',
        flop,
        ours: () => network.backward(gradient),
        plain: () => plainWeightGradient(x, g, dw),
      },
      {
        name: 'kernel/input-gradient',
        flop,
        ours: () => network.inputGradient(gradient),
        plain: () => plainInputGradient(g, weights, dx),
      },
    ]
    for (const { name, flop, ours, plain } of figures) {
      const [mine, theirs] = (await takeTurns(15, [repeat(20, ours), repeat(3, plain)])) as [number, number]
      const [seconds, plainSeconds] = [mine / 20, theirs / 3]
      report({
        name,
        value: flop / seconds / 1e9,
        unit: 'GFLOP/s',
        against: 'plain loops',
        ratio: plainSeconds / seconds,
      })
    }
    const part = { from: 0, to: 5 }
    const ours = () => backend.gumbelSoftmax(sample, part, 1, { low: 1, high: 2 }, noisy)
    const plain = () => plainGumbelSoftmax(s, soft)
    const [mine, theirs] = (await takeTurns(15, [repeat(20, ours), repeat(3, plain)])) as [number, number]
    report({
      name: 'kernel/gumbel-softmax',
      value: (rows * 5) / (mine / 20) / 1e6,
      unit: 'M numbers/s',
      against: 'plain loops',
      ratio: theirs / 3 / (mine / 20),
    })
    backend.dispose()
  },
}

function repeat(times: number, run: () => unknown): () => void {
  return () => {
    for (let i = 0; i < times; i++) run()
  }
}

/** y = x W, the inner loop over neighbouring outputs. */
function plainForward(x: Float32Array, w: Float32Array, y: Float32Array): void {
  y.fill(0)
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inputs; k++) {
      const factor = x[r * inputs + k]!
      for (let j = 0; j < outputs; j++) y[r * outputs + j]! += factor * w[k * outputs + j]!
    }
  }
}

/** dW += x^T g */
function plainWeightGradient(x: Float32Array, g: Float32Array, dw: Float32Array): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inputs; k++) {
      const factor = x[r * inputs + k]!
      for (let j = 0; j < outputs; j++) dw[k * outputs + j]! += factor * g[r * outputs + j]!
    }
  }
}

/** dx = g W^T, dot products of neighbouring numbers. */
function plainInputGradient(g: Float32Array, w: Float32Array, dx: Float32Array): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0
      for (let j = 0; j < outputs; j++) sum += g[r * outputs + j]! * w[k * outputs + j]!
      dx[r * inputs + k] = sum
    }
  }
}

function plainGumbelSoftmax(logits: Float32Array, to: Float32Array): void {
  for (let r = 0; r < logits.length; r += 5) {
    let largest = -Infinity
    for (let c = r; c < r + 5; c++) {
      to[c] = logits[c]! - Math.log(-Math.log((Math.floor(Math.random() * 8388608) + 0.5) / 8388608))
      largest = Math.max(largest, to[c]!)
    }
    let sum = 0
    for (let c = r; c < r + 5; c++) sum += to[c] = Math.exp(to[c]! - largest)
    for (let c = r; c < r + 5; c++) to[c] = to[c]! / sum
  }
}
