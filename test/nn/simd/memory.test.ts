// The memory of the simd backend: growing, its end, several backends, disposing.
import { describe, expect, it } from 'vitest'
import { mlp } from '../../../src/nn/network.ts'
import { createSimdBackend } from '../../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../../src/random.ts'
import { expectSameBits, placed, randomMatrix } from '../../support/matrices.ts'

describe('the memory of the simd backend', () => {
  it('keeps views, networks and results right when it grows', async () => {
    const backend = await createSimdBackend()
    const network = backend.network(mlp(17, [9], 3), createRandom(1))
    const input = placed(backend, randomMatrix(createRandom(2), 33, 17))
    const gradient = placed(backend, randomMatrix(createRandom(3), 33, 3))
    const before = Float32Array.from(network.forward(input).data)
    network.backward(gradient)
    const gradients = Float32Array.from(network.gradients)
    // 96 MiB, three times the memory's first size, in four steps.
    const late = [1, 2, 3, 4].map(() => backend.matrix(6 * 1024, 1024))
    expect(late[3]!.data.every(x => x === 0)).toBe(true)
    expectSameBits(network.forward(input).data, before)
    network.gradients.fill(0)
    network.backward(gradient)
    expectSameBits(network.gradients, gradients)
    const moved = { rows: 33, columns: 17, data: late[3]!.data.subarray(0, 33 * 17) }
    moved.data.set(input.data)
    expectSameBits(network.infer(moved).data, before)
    backend.dispose()
  })

  it('gives the same bits as a plain memory, which has a limit of its own', async () => {
    const [shared, plain] = [await createSimdBackend(), await createSimdBackend({ plainMemory: 1 })]
    const answers = [shared, plain].map(backend => {
      const network = backend.network(mlp(17, [33, 9], 5, 'tanh', { layerNorm: 'before' }), createRandom(1))
      const logits = network.infer(placed(backend, randomMatrix(createRandom(2), 3, 17)))
      const sample = backend.matrix(3, 5)
      backend.gumbelSoftmax(logits, { from: 0, to: 5 }, 1, createNoise(1).next(), sample)
      return sample.data
    })
    expectSameBits(answers[1]!, answers[0]!)
    expect(answers[1]!.buffer).toBeInstanceOf(ArrayBuffer)
    expect(() => plain.matrix(2 ** 12, 2 ** 12)).toThrow(/the limit is 33554432 bytes/)
    await expect(createSimdBackend({ plainMemory: 1, threads: 2 })).rejects.toThrow('threads must be 1')
    for (const backend of [shared, plain]) backend.dispose()
  })

  it('says what was wanted, what is in use and the limit when 4 GiB do not suffice', async () => {
    const backend = await createSimdBackend()
    expect(() => backend.matrix(2 ** 20, 2 ** 12)).toThrow(RangeError)
    expect(() => backend.matrix(2 ** 20, 2 ** 12)).toThrow(
      /wanted 17179869184 bytes with \d+ in use; the limit is 4294967296 bytes \(4 GiB\)/,
    )
    // The refusal took nothing.
    expect(backend.matrix(2, 2).data.length).toBe(4)
    backend.dispose()
  })

  it('serves addresses beyond 2 GiB', async () => {
    const backend = await createSimdBackend()
    // Reserved, not touched: it costs no resident memory.
    backend.matrix(2 ** 20, 600)
    const network = backend.network(mlp(17, [9], 3), createRandom(1))
    expect(network.parameters.byteOffset).toBeGreaterThan(2 ** 31)
    const input = placed(backend, randomMatrix(createRandom(2), 33, 17))
    const low = await createSimdBackend()
    const twin = low.network(mlp(17, [9], 3), createRandom(1))
    const gradient = randomMatrix(createRandom(3), 33, 3)
    expectSameBits(network.forward(input).data, twin.forward(input).data)
    network.backward(gradient)
    twin.backward(gradient)
    expectSameBits(network.gradients, twin.gradients)
    const to = backend.matrix(2, 17)
    const block = backend.matrix(64, 17)
    block.data.set(input.data)
    backend.gather([block], Uint32Array.of(32, 5), 0, to)
    expectSameBits(to.data.slice(0, 17), input.data.slice(32 * 17, 33 * 17))
    backend.dispose()
    low.dispose()
  })

  it('belongs to one backend: two of them do not disturb each other', async () => {
    const [one, two] = [await createSimdBackend(), await createSimdBackend()]
    const networks = [one, two].map(backend => backend.network(mlp(6, [8], 2), createRandom(1)))
    const inputs = [one, two].map((backend, i) => placed(backend, randomMatrix(createRandom(i), 10, 6)))
    const alone = networks.map((network, i) => Float32Array.from(network.forward(inputs[i]!).data))
    networks[0]!.parameters.fill(0)
    expectSameBits(networks[1]!.forward(inputs[1]!).data, alone[1]!)
    // A matrix of the other backend is one from outside.
    expectSameBits(networks[1]!.forward(inputs[0]!).data, alone[0]!)
    one.dispose()
    expectSameBits(networks[1]!.forward(inputs[1]!).data, alone[1]!)
    two.dispose()
  })

  it('is not to be used after dispose', async () => {
    const backend = await createSimdBackend()
    const network = backend.network(mlp(3, [4], 2), createRandom(1))
    const optimizer = backend.optimizer(network, {
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      clip: 0.5,
    })
    const matrix = backend.matrix(2, 3)
    const gradient = backend.matrix(2, 2)
    const part = { from: 0, to: 2 }
    network.forward(matrix)
    backend.dispose()
    for (const use of [
      () => network.forward(matrix),
      () => network.infer(matrix),
      () => network.backward(gradient),
      () => network.inputGradient(gradient),
      () => optimizer.step(),
      () => backend.matrix(1, 1),
      () => backend.network(mlp(3, [4], 2), createRandom(1)),
      () => backend.softUpdate(network, network, 0.1),
      () => backend.copy(network, network),
      () => backend.gather([matrix], Uint32Array.of(0), 0, matrix),
      () => backend.copyColumns(matrix, matrix, 0),
      () => backend.gumbelSoftmax(gradient, part, 1, createNoise(1).next(), gradient),
      () => backend.gumbelSoftmaxGradient(gradient, part, 1, gradient, gradient),
    ]) {
      expect(use).toThrow('disposed')
    }
    // Twice is once.
    backend.dispose()
  })
})
