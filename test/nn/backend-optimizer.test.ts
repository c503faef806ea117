// Optimizers, soft updates and copies of every backend.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NonFiniteError } from '../../src/errors.ts'
import type { AdamConfig, Backend, OptimizerBasics } from '../../src/nn/backend.ts'
import { mlp, type Network, tensorLength } from '../../src/nn/network.ts'
import { createRandom, type Random } from '../../src/random.ts'
import type { Saved } from '../../src/types.ts'
import { backends } from '../support/backends.ts'
import { expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'

const config: OptimizerBasics & AdamConfig = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: null }

/** Adam in double precision over the whole block: step = lr sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon). */
function plainAdam(network: Network, { learningRate, beta1, beta2, epsilon, clip }: OptimizerBasics & AdamConfig) {
  const parameters = Float64Array.from(network.parameters)
  const m = new Float64Array(parameters.length)
  const v = new Float64Array(parameters.length)
  let t = 0
  return (gradients: ArrayLike<number>) => {
    t++
    const rate = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t)
    for (const tensor of network.tensors) {
      const end = tensor.offset + tensorLength(tensor)
      let squares = 0
      for (let i = tensor.offset; i < end; i++) squares += gradients[i]! ** 2
      const scale = clip === null ? 1 : clip / Math.max(clip, Math.sqrt(squares))
      for (let i = tensor.offset; i < end; i++) {
        const g = gradients[i]! * scale
        m[i] = beta1 * m[i]! + (1 - beta1) * g
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g
        parameters[i] = parameters[i]! - (rate * m[i]!) / (Math.sqrt(v[i]!) + epsilon)
      }
    }
    return parameters
  }
}

function drawGradients(network: Network, random: Random, scale: number): void {
  network.gradients.set(randomMatrix(random, 1, network.gradients.length, scale).data)
}

describe.each(backends)('optimizers of $name', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  // Values of the formula above worked out in double precision by hand (a ten-line script), TensorFlow 1's
  // python/training/adam.py documents it: lr_t <- lr sqrt(1 - beta2^t) / (1 - beta1^t), variable <- variable - lr_t m_t / (sqrt(v_t) + epsilon).
  it.each([
    { start: 1, gradients: [0.1, -0.2, 0.3, 0.05], expected: [0.9900000316, 0.993661062, 0.9902286538, 0.9866715783] },
    // Tiny gradients: with epsilon where Kingma and Ba's first form has it (as in PyTorch and tfjs), the first step would be 0.0091.
    {
      start: 0,
      gradients: [1e-7, 2e-7, -1e-7, 3e-7],
      expected: [-0.00240253073, -0.00640021137, -0.00823334941, -0.0119091325],
    },
  ])('step by TensorFlow 1 from $start', ({ start, gradients, expected }) => {
    const network = backend.network(mlp(1, [], 1), createRandom(1))
    const optimizer = backend.optimizer(network, config)
    network.parameters.fill(start)
    gradients.forEach((gradient, t) => {
      network.gradients.fill(gradient)
      optimizer.step()
      expectClose(network.parameters, [expected[t]!, expected[t]!], 2e-7)
      expect([...network.gradients]).toEqual([0, 0])
    })
  })

  it.each([null, 0.5])('follow the plain formula over many steps and odd tensors, clip %s', clip => {
    const network = backend.network(mlp(17, [9, 6], 3), createRandom(2))
    const withClip = { ...config, clip }
    const optimizer = backend.optimizer(network, withClip)
    const plain = plainAdam(network, withClip)
    const random = createRandom(3)
    for (let t = 0; t < 20; t++) {
      drawGradients(network, random, t % 3 === 0 ? 2 : 0.05)
      const expected = plain(network.gradients)
      optimizer.step()
      expectClose(network.parameters, expected, 1e-5)
    }
  })

  it('clip each tensor by its own norm', () => {
    const network = backend.network(mlp(2, [], 2), createRandom(4))
    const [weight, bias] = network.tensors
    network.parameters.fill(0)
    // With a beta1 of zero and an enormous epsilon a step is proportional to the clipped gradient.
    const optimizer = backend.optimizer(network, { ...config, beta1: 0, epsilon: 1e6, learningRate: 1e6, clip: 0.5 })
    network.gradients.set([3, 0, 4, 0], weight!.offset)
    network.gradients.set([0.1, -0.2], bias!.offset)
    optimizer.step()
    const rate = Math.sqrt(1 - 0.999)
    const steps = [...network.parameters].map(x => -x / rate)
    expectClose(steps.slice(0, 4), [0.3, 0, 0.4, 0], 1e-5)
    expectClose(steps.slice(4), [0.1, -0.2], 1e-5)
  })

  it.each([Number.NaN, Infinity, -Infinity])('refuse a gradient of %s and change nothing', bad => {
    const network = backend.network(mlp(3, [5], 3), createRandom(5))
    const optimizer = backend.optimizer(network, { ...config, clip: 0.5 })
    const random = createRandom(6)
    drawGradients(network, random, 1)
    optimizer.step()
    drawGradients(network, random, 1)
    const tensor = network.tensors[2]!
    network.gradients[tensor.offset + tensorLength(tensor) - 1] = bad
    const before = [network.parameters, network.gradients, ...moments(optimizer.save())].map(x => Float32Array.from(x))
    expect(() => optimizer.step()).toThrow(NonFiniteError)
    expect(() => optimizer.step()).toThrow('layer1.weight')
    const after = [network.parameters, network.gradients, ...moments(optimizer.save())]
    after.forEach((array, i) => {
      expectSameBits(array, before[i]!)
    })
    expect((optimizer.save() as { steps: number }).steps).toBe(1)
  })

  it('notice parameters that a step has spoilt, though every gradient was finite', () => {
    const network = backend.network(mlp(3, [5], 3), createRandom(5))
    const optimizer = backend.optimizer(network, { ...config, clip: null })
    const { offset } = network.tensors[3]!
    network.gradients[offset] = 1
    expect(() => optimizer.step(1e39)).toThrow(/^optimizer: layer1\.bias is not finite after its step$/)
    try {
      network.gradients[offset] = 1
      optimizer.step(1e39)
    } catch (error) {
      expect((error as NonFiniteError).divergence).toEqual({ tensor: 'layer1.bias' })
    }
  })

  it('forget gradients that were refused when they are restored', () => {
    const network = backend.network(mlp(3, [5], 3), createRandom(5))
    const optimizer = backend.optimizer(network, config)
    const saved = structuredClone(optimizer.save())
    network.gradients.fill(Number.NaN)
    expect(() => optimizer.step()).toThrow(NonFiniteError)
    optimizer.restore(saved)
    expect(network.gradients.every(gradient => gradient === 0)).toBe(true)
    optimizer.step()
  })

  it('take large finite gradients, whose squares are beyond float32, for finite', () => {
    const network = backend.network(mlp(2, [], 1), createRandom(7))
    const optimizer = backend.optimizer(network, { ...config, clip: 0.5 })
    network.gradients.fill(1e30)
    optimizer.step()
    expect([...network.parameters].every(Number.isFinite)).toBe(true)
  })

  it('continue from save with the same bits', () => {
    const spec = mlp(5, [7], 3)
    const [one, two] = [backend.network(spec, createRandom(8)), backend.network(spec, createRandom(9))]
    const first = backend.optimizer(one, config)
    const random = createRandom(10)
    for (let t = 0; t < 5; t++) {
      drawGradients(one, random, 1)
      first.step()
    }
    const second = backend.optimizer(two, config)
    second.restore(structuredClone(first.save()))
    backend.copy(one, two)
    for (let t = 0; t < 5; t++) {
      drawGradients(one, random, 1)
      two.gradients.set(one.gradients)
      first.step()
      second.step()
    }
    expectSameBits(two.parameters, one.parameters)
    expect(() => second.restore(null)).toThrow(TypeError)
    expect(() => second.restore({ steps: 1, first: new Float32Array(3), second: new Float32Array(3) })).toThrow(
      TypeError,
    )
  })

  it('refuse configurations that make no sense', () => {
    const network = backend.network(mlp(2, [], 1), createRandom(11))
    for (const wrong of [{ learningRate: 0 }, { beta1: 1 }, { beta2: -0.1 }, { epsilon: Number.NaN }, { clip: 0 }]) {
      expect(() => backend.optimizer(network, { ...config, ...wrong })).toThrow(RangeError)
    }
  })
})

describe.each(backends)('soft updates and copies of $name', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  it('move every parameter by tau, and the online network not at all', () => {
    const spec = mlp(7, [5], 3)
    const [target, online] = [backend.network(spec, createRandom(1)), backend.network(spec, createRandom(2))]
    const onlineBefore = Float32Array.from(online.parameters)
    const expected = Float64Array.from(target.parameters, (x, i) => 0.01 * online.parameters[i]! + 0.99 * x)
    backend.softUpdate(target, online, 0.01)
    expectClose(target.parameters, expected, 1e-7)
    expectSameBits(online.parameters, onlineBefore)
    backend.softUpdate(target, online, 1)
    expectSameBits(target.parameters, onlineBefore)
  })

  it('copy parameters bit by bit', () => {
    const spec = mlp(7, [5], 3)
    const [from, to] = [backend.network(spec, createRandom(3)), backend.network(spec, createRandom(4))]
    backend.copy(from, to)
    expectSameBits(to.parameters, from.parameters)
  })

  it('refuse networks of other shapes or of another backend', async () => {
    const other = await create()
    const network = backend.network(mlp(7, [5], 3), createRandom(5))
    expect(() => backend.softUpdate(network, backend.network(mlp(7, [6], 3), createRandom(6)), 0.1)).toThrow(TypeError)
    expect(() => backend.copy(other.network(mlp(7, [5], 3), createRandom(6)), network)).toThrow(TypeError)
    expect(() => backend.softUpdate(network, network, 1.5)).toThrow(RangeError)
    other.dispose()
  })
})

function moments(saved: Saved): Float32Array[] {
  const { first, second } = saved as { first: Float32Array; second: Float32Array }
  return [first, second]
}
