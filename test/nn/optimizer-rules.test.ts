// The update rules beside Adam, and clipping over the whole network, on every backend.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend, OptimizerConfig } from '../../src/nn/backend.ts'
import { mlp, type Network } from '../../src/nn/network.ts'
import { createRandom } from '../../src/random.ts'
import { backends } from '../support/backends.ts'
import { expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'

// Worked out in double precision by a ten-line script from the frameworks' documented formulas: TensorFlow 1's
// python/training/rmsprop.py (ms begins at 1, epsilon inside of the root, the rate within the momentum) and PyTorch's torch/optim/rmsprop.py
// (square_avg begins at 0, epsilon outside of the root, the rate outside of the momentum) and torch/optim/sgd.py.
const rules: readonly { name: string; config: OptimizerConfig; expected: readonly number[] }[] = [
  {
    name: "RMSProp in TensorFlow's form",
    config: { rule: 'rmsProp', form: 'tensorflow', decay: 0.99, epsilon: 1e-5, learningRate: 0.01, clip: null },
    expected: [0.998995018, 1.001014696, 0.997971328, 0.997461551],
  },
  {
    name: "RMSProp in TensorFlow's form with momentum and IMPALA's epsilon",
    config: {
      rule: 'rmsProp',
      form: 'tensorflow',
      decay: 0.99,
      epsilon: 0.1,
      momentum: 0.9,
      learningRate: 0.01,
      clip: null,
    },
    expected: [0.999042218, 1.000104181, 0.99816203, 0.995928909],
  },
  {
    name: "RMSProp in PyTorch's form",
    config: { rule: 'rmsProp', form: 'pytorch', decay: 0.99, epsilon: 1e-5, learningRate: 0.01, clip: null },
    expected: [0.9000999, 0.989592134, 0.9092632, 0.895927826],
  },
  {
    name: "RMSProp in PyTorch's form with momentum and a large epsilon",
    config: {
      rule: 'rmsProp',
      form: 'pytorch',
      decay: 0.99,
      epsilon: 0.1,
      momentum: 0.9,
      learningRate: 0.01,
      clip: null,
    },
    expected: [0.990909091, 0.999075382, 0.984580878, 0.967899045],
  },
  {
    name: 'gradient descent with momentum',
    config: { rule: 'sgd', momentum: 0.9, learningRate: 0.1, clip: null },
    expected: [0.99, 1.001, 0.9809, 0.95781],
  },
]
const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: null } as const

describe.each(backends)('update rules of $name', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  it.each(rules)('$name steps by its formula', ({ config, expected }) => {
    const network = backend.network(mlp(1, [], 1), createRandom(1))
    const optimizer = backend.optimizer(network, config)
    network.parameters.fill(1)
    const seen = [0.1, -0.2, 0.3, 0.05].map(g => {
      network.gradients.fill(g)
      optimizer.step()
      return network.parameters[0]!
    })
    expectClose(seen, expected, 1e-6)
  })

  it.each(rules)('$name goes on from save with the same bits', ({ config }) => {
    const spec = mlp(5, [7], 3)
    const [one, two] = [backend.network(spec, createRandom(8)), backend.network(spec, createRandom(9))]
    const [first, second] = [backend.optimizer(one, config), backend.optimizer(two, config)]
    const gradients = (k: number) => randomMatrix(createRandom(k), 1, one.gradients.length).data
    for (let k = 0; k < 3; k++) {
      one.gradients.set(gradients(k))
      first.step()
    }
    second.restore(structuredClone(first.save()))
    backend.copy(one, two)
    for (let k = 3; k < 6; k++) {
      for (const [network, optimizer] of [
        [one, first],
        [two, second],
      ] as const) {
        network.gradients.set(gradients(k))
        optimizer.step()
      }
    }
    expectSameBits(two.parameters, one.parameters)
    expect(() => second.restore({ steps: 1 })).toThrow('optimizer: restore expects { steps, ')
  })

  it('clips the gradient of the whole network together: it turns none of it', () => {
    const sgd = { rule: 'sgd', learningRate: 1, clipBy: 'network' } as const
    const moved = (clip: number | null, scale: number) => {
      const network = backend.network(mlp(4, [6], 2), createRandom(3))
      const before = Float32Array.from(network.parameters)
      network.gradients.set(randomMatrix(createRandom(4), 1, network.gradients.length, scale).data)
      const norm = Math.hypot(...network.gradients)
      const gradients = Float32Array.from(network.gradients)
      backend.optimizer(network, { ...sgd, clip }).step()
      return { norm, gradients, step: before.map((x, i) => x - network.parameters[i]!) }
    }
    const { norm, gradients, step } = moved(0.5, 1)
    expect(norm).toBeGreaterThan(0.5)
    expectClose(
      step,
      gradients.map(g => (g * 0.5) / norm),
      1e-6,
    )
    expectClose(moved(0.5, 1e-3).step, moved(null, 1e-3).step, 1e-7)
  })

  it('clips the whole network for Adam too', () => {
    const step = (config: OptimizerConfig, prepare: (network: Network) => void) => {
      const network = backend.network(mlp(4, [6], 2), createRandom(3))
      network.gradients.set(randomMatrix(createRandom(4), 1, network.gradients.length).data)
      prepare(network)
      const optimizer = backend.optimizer(network, config)
      optimizer.step()
      return network.parameters
    }
    const clipped = step({ ...adam, epsilon: 1, clip: 0.5, clipBy: 'network' }, () => {})
    const scaled = step({ ...adam, epsilon: 1 }, ({ gradients }) => {
      const scale = 0.5 / Math.hypot(...gradients)
      for (let i = 0; i < gradients.length; i++) gradients[i]! *= scale
    })
    expectClose(clipped, scaled, 1e-7)
  })

  it('refuses rules and settings that make no sense', () => {
    const network = backend.network(mlp(2, [], 1), createRandom(11))
    const rmsProp = rules[0]!.config
    for (const wrong of [{ decay: 1 }, { epsilon: 0 }, { momentum: -1 }, { clip: -1 }]) {
      expect(() => backend.optimizer(network, { ...rmsProp, ...wrong } as OptimizerConfig)).toThrow(RangeError)
    }
    expect(() => backend.optimizer(network, { rule: 'lion', learningRate: 1, clip: null } as never)).toThrow(
      'rule must be adam, rmsProp or sgd, got lion',
    )
  })
})
