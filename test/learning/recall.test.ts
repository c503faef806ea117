// Recall: say at the end of an episode which sign was shown at its beginning. Solved by a memory only.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp, type Network } from '../../src/nn/network.ts'
import { withSequence } from '../../src/nn/recurrence.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'

const length = 7
const batch = 32
const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 }

interface Steps {
  /** [steps * batch, 2]: the sign at an episode's first step, a one at its last; else zeros. */
  readonly input: Matrix
  readonly restarted: Uint8Array
  /** [steps * batch]: the sign that was shown, at last steps; else 0. */
  readonly asked: Float32Array
}

/** Endless episodes side by side, each row at another step of its own, cut into windows wherever they end. */
function createRecall(seed: number) {
  const random = createRandom(seed, 'recall')
  const phases = Array.from({ length: batch }, (_, row) => row % length)
  const signs = new Float32Array(batch).fill(1)
  return (steps: number): Steps => {
    const rows = steps * batch
    const input = { rows, columns: 2, data: new Float32Array(2 * rows) }
    const restarted = new Uint8Array(rows)
    const asked = new Float32Array(rows)
    for (let at = 0; at < rows; at++) {
      const row = at % batch
      const phase = phases[row]!
      if (phase === 0) {
        signs[row] = random.integer(2) === 0 ? -1 : 1
        restarted[at] = 1
        input.data[2 * at] = signs[row]!
      }
      if (phase === length - 1) {
        input.data[2 * at + 1] = 1
        asked[at] = signs[row]!
      }
      phases[row] = (phase + 1) % length
    }
    return { input, restarted, asked }
  }
}

/** The gradient of the mean of log(1 + exp(-sign * output)) over the rows that are asked. */
function lossGradient(output: Matrix, asked: Float32Array): Matrix {
  const count = asked.reduce((sum, sign) => sum + Math.abs(sign), 0)
  const data = output.data.map((y, i) => (asked[i] === 0 ? 0 : -asked[i]! / (1 + Math.exp(asked[i]! * y)) / count))
  return { ...output, data }
}

function shareRight(output: Matrix, asked: Float32Array): number {
  const right = asked.filter((sign, i) => sign !== 0 && sign * output.data[i]! > 0).length
  return right / asked.filter(sign => sign !== 0).length
}

describe('recall of a sign six steps back', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  it('is learnt by a recurrent network over windows shorter than an episode and a half', () => {
    const spec = { inputs: 2, layers: [{ kind: 'gru', size: 8 } as const, ...mlp(8, [], 1).layers] }
    const network = withSequence(backend.network(spec, createRandom(1)))
    const optimizer = backend.optimizer(network, adam)
    const recall = createRecall(1)
    const state = backend.matrix(batch, network.stateSize)
    for (let update = 0; update < 250; update++) {
      const { input, restarted, asked } = recall(10)
      const output = network.sequence(input, { state, restarted, next: state })
      network.backward(lossGradient(output, asked))
      optimizer.step()
    }
    // Acting: one step per call, the state handed from call to call.
    const shares = Array.from({ length: 5 * length }, () => {
      const { input, restarted, asked } = recall(1)
      return shareRight(network.infer(input, { state, restarted, next: state }), asked)
    })
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.98)
  })

  it('is not learnt by a feed-forward network, which sees the same whatever was shown', () => {
    const network: Network = backend.network(mlp(2, [16], 1, 'tanh'), createRandom(1))
    const optimizer = backend.optimizer(network, adam)
    const recall = createRecall(1)
    for (let update = 0; update < 250; update++) {
      const { input, asked } = recall(10)
      network.backward(lossGradient(network.forward(input), asked))
      optimizer.step()
    }
    const { input, asked } = recall(20 * length)
    expect(shareRight(network.infer(input), asked)).toBeLessThan(0.6)
  })
})
