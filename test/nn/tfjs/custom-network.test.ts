// Networks of the user's own: any variables and a differentiable function, under the contract.

import type { Tensor2D } from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { train } from '../../../src/experiment/trainer.ts'
import type { Backend } from '../../../src/nn/backend.ts'
import { mlp, outputSize } from '../../../src/nn/network.ts'
import { createTfjsBackend, type TfjsBackend } from '../../../src/nn/tfjs/backend.ts'
import { createRandom } from '../../../src/random.ts'
import { centralDifferences } from '../../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, randomMatrix } from '../../support/matrices.ts'
import { observed } from '../../support/observed.ts'
import { ticks } from '../../support/ticks.ts'
import { tinyTraining } from '../../support/tiny-training.ts'

const rows = 7

describe.each(['wasm', 'cpu'] as const)('a custom network on %s', carrier => {
  let backend: TfjsBackend
  beforeAll(async () => {
    backend = await createTfjsBackend({ carrier })
  })
  afterAll(() => backend.dispose())

  /** y = a x^2 B + sin(x C): variables of several shapes, one of them twice in the result, and one not at all. */
  const create = () => {
    const { tf } = backend
    const random = createRandom(1)
    const variable = (shape: number[]) =>
      tf.variable(
        tf.tensor(
          randomMatrix(
            random,
            1,
            shape.reduce((a, b) => a * b, 1),
          ).data,
          shape,
        ),
      )
    const variables = { a: variable([]), B: variable([3, 2]), C: variable([3, 2]), unused: variable([4]) }
    const network = backend.custom({
      inputs: 3,
      outputs: 2,
      variables,
      apply: x =>
        tf.add(
          tf.mul(variables.a, tf.matMul(tf.square(x), variables.B as never)),
          tf.sin(tf.matMul(x, variables.C as never)),
        ) as typeof x,
    })
    return { network, variables }
  }
  const plain = (parameters: ArrayLike<number>, x: ArrayLike<number>) => {
    const y = new Float64Array(rows * 2)
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < 2; j++) {
        let [product, angle] = [0, 0]
        for (let k = 0; k < 3; k++) {
          product += x[r * 3 + k]! ** 2 * parameters[1 + 2 * k + j]!
          angle += x[r * 3 + k]! * parameters[7 + 2 * k + j]!
        }
        y[r * 2 + j] = parameters[0]! * product + Math.sin(angle)
      }
    }
    return y
  }

  it('goes forward and backward like the plain function and its finite differences', () => {
    const { network } = create()
    expect(network.tensors).toEqual([
      { name: 'a', shape: [], offset: 0 },
      { name: 'B', shape: [3, 2], offset: 1 },
      { name: 'C', shape: [3, 2], offset: 7 },
      { name: 'unused', shape: [4], offset: 13 },
    ])
    const input = randomMatrix(createRandom(2), rows, 3)
    const gradient = randomMatrix(createRandom(3), rows, 2)
    expectClose(network.forward(input).data, plain(network.parameters, input.data), 1e-6)
    expectSameBits(network.infer(input).data, network.forward(input).data)
    network.backward(gradient)
    const ofParameters = centralDifferences(p => dot(plain(p, input.data), gradient.data), network.parameters)
    expectClose(network.gradients, ofParameters, 1e-5)
    const before = network.gradients.slice()
    const ofInput = centralDifferences(x => dot(plain(network.parameters, x), gradient.data), input.data)
    expectClose(network.inputGradient(gradient).data, ofInput, 1e-5)
    const part = network.inputGradient(gradient, { from: 1, to: 3 })
    expectClose(
      part.data,
      ofInput.filter((_, i) => i % 3 > 0),
      1e-5,
    )
    expectSameBits(network.gradients, before)
  })

  it('learns with our optimizer; its variables follow the parameters', () => {
    const { network, variables } = create()
    const optimizer = backend.optimizer(network, {
      learningRate: 0.05,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      clip: 0.5,
    })
    const input = randomMatrix(createRandom(4), rows, 3)
    const target = randomMatrix(createRandom(5), rows, 2, 0.5)
    const losses = Array.from({ length: 60 }, () => {
      const output = network.forward(input)
      const error = output.data.map((y, i) => y - target.data[i]!)
      network.backward({ rows, columns: 2, data: error })
      optimizer.step()
      return dot(error, error)
    })
    expect(losses.at(-1)).toBeLessThan(0.3 * losses[0]!)
    network.infer(input)
    expectSameBits(variables.C.dataSync() as Float32Array, network.parameters.slice(7, 13))
  })

  it('may be an actor or a critic: copies, soft updates and saves are those of every network', () => {
    const [one, two] = [create().network, create().network]
    one.parameters.fill(0.5)
    backend.softUpdate(two, one, 1)
    const input = randomMatrix(createRandom(6), rows, 3)
    expectSameBits(two.infer(input).data, one.infer(input).data)
    expect(() => backend.copy(one, backend.network(mlp(3, [], 2), createRandom(7)))).toThrow(TypeError)
  })

  it('trains under MADDPG like the built-in network that it copies', async () => {
    const { tf } = backend
    // The networks that MADDPG asks for, written by a user: the same layers, differentiated automatically.
    const network: Backend['network'] = (spec, random) => {
      const twin = backend.network(spec, random)
      const variables = Object.fromEntries(
        twin.tensors.map(({ name, shape, offset }) => {
          const length = shape.reduce((a, b) => a * b, 1)
          const data = twin.parameters.slice(offset, offset + length)
          return [name, tf.variable(tf.tensor(data, [...shape]))]
        }),
      )
      const apply = (input: Tensor2D) =>
        spec.layers.reduce((x, _, l) => {
          const sum = tf.add(tf.matMul(x, variables[`layer${l}.weight`] as never), variables[`layer${l}.bias`]!)
          return (l < spec.layers.length - 1 ? tf.relu(sum) : sum) as Tensor2D
        }, input)
      return backend.custom({ inputs: spec.inputs, outputs: outputSize(spec), variables, apply })
    }
    const [custom, builtIn] = [
      await tinyTraining({ backend: { ...backend, network } }),
      await tinyTraining({ backend }),
    ]
    for (const training of [custom, builtIn])
      expect(observed(train(training, { clock$: ticks(70) })).errors).toEqual([])
    expect(custom.rounds.finished).toBeGreaterThan(3)
    custom.roster.forEach(({ actor }, i) => {
      expectClose(actor.networks[0]!.parameters, builtIn.roster[i]!.actor.networks[0]!.parameters, 1e-4)
    })
  })

  it('is told what is wrong with it', () => {
    const { tf } = backend
    const variable = tf.variable(tf.ones([3, 5]))
    const apply = (x: Tensor2D) => tf.matMul(x, variable as never) as typeof x
    const network = backend.custom({ inputs: 3, outputs: 2, variables: { variable }, apply })
    expect(() => network.forward(randomMatrix(createRandom(8), 4, 3))).toThrow(
      new TypeError('forward: the network must give [4, 2], got [4,5]'),
    )
    const whole = { whole: tf.variable(tf.ones([2], 'int32')) }
    expect(() => backend.custom({ inputs: 3, outputs: 2, variables: whole, apply })).toThrow(
      'must be float32, got int32',
    )
    expect(() => backend.custom({ inputs: 0, outputs: 2, variables: {}, apply })).toThrow(RangeError)
  })

  it('stays the caller’s: disposing the backend leaves its variables alone', async () => {
    const other = await createTfjsBackend({ carrier })
    const variable = other.tf.variable(other.tf.ones([3, 2]))
    const apply = (x: Tensor2D) => other.tf.matMul(x, variable as never) as typeof x
    const network = other.custom({ inputs: 3, outputs: 2, variables: { variable }, apply })
    network.forward(randomMatrix(createRandom(9), 2, 3))
    other.dispose()
    expect(variable.isDisposed).toBe(false)
    expect(() => network.infer(randomMatrix(createRandom(9), 2, 3))).toThrow('infer: the backend was disposed')
    variable.dispose()
  })
})
