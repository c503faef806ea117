// The threads of the simd backend, real ones: the same bits for any number, and a clear error when one fails.
import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { SimdMemory } from '../../src/nn/simd/memory.ts'
import { ThreadPool, type ThreadPoolOptions } from '../../src/nn/simd/thread-pool.ts'
import { control, threadSource } from '../../src/nn/simd/thread-source.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { expectSameBits, placed, randomMatrix } from '../support/matrices.ts'

const threadCounts = [1, 2, 3, 8]

describe('work shared among threads', () => {
  const created: Backend[] = []
  beforeAll(async () => {
    for (const threads of threadCounts) created.push(await createSimdBackend({ threads }))
  })
  afterAll(() => {
    for (const backend of created) backend.dispose()
  })

  /** What `work` gives on one thread and on several, to the bit. */
  const expectAlike = (work: (backend: Backend) => readonly Float32Array[]) => {
    const [expected, ...others] = created.map(backend => work(backend).map(data => Float32Array.from(data)))
    for (const other of others) {
      expected!.forEach((data, i) => {
        expectSameBits(other[i]!, data)
      })
    }
  }

  it.each([
    { rows: 1024, inputs: 69, hidden: [64, 64], outputs: 1, layerNorm: false },
    { rows: 1000, inputs: 18, hidden: [64, 64], outputs: 5, layerNorm: true },
    { rows: 513, inputs: 31, hidden: [129, 7, 130], outputs: 3, layerNorm: false },
    { rows: 4099, inputs: 5, hidden: [33], outputs: 9, layerNorm: true },
  ])('is the same bits: networks of $inputs, $hidden, $outputs over $rows rows', shape => {
    const { rows, inputs, hidden, outputs, layerNorm } = shape
    const spec = mlp(inputs, hidden, outputs, layerNorm ? 'elu' : 'relu', { layerNorm })
    expectAlike(backend => {
      const network = backend.network(spec, createRandom(1))
      const config = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 0.5 }
      const optimizer = backend.optimizer(network, config)
      const input = placed(backend, randomMatrix(createRandom(2), rows, inputs))
      const gradient = placed(backend, randomMatrix(createRandom(3), rows, outputs))
      const results: Float32Array[] = []
      // Several rounds, so that threads meet one another at every stage.
      for (let round = 0; round < 4; round++) {
        results.push(network.forward(input).data.slice())
        network.backward(gradient)
        results.push(network.gradients.slice())
        optimizer.step()
        results.push(network.parameters.slice(), network.infer(input).data.slice())
        results.push(network.inputGradient(gradient, { from: 1, to: inputs - 1 }).data.slice())
      }
      return results
    })
  })

  it('is the same bits: gather, noise and its gradient, columns', () => {
    expectAlike(backend => {
      const blocks = [0, 1, 2].map(i => placed(backend, randomMatrix(createRandom(i), 1024, 53)))
      const random = createRandom(9)
      const indices = Uint32Array.from({ length: 5000 }, () => random.integer(3 * 1024))
      const [a, b] = [backend.matrix(5000, 31), backend.matrix(5000, 5)]
      const pieces = [
        { column: 3, to: a },
        { column: 48, to: b },
      ]
      backend.gatherAll(blocks, indices, pieces)
      const [sample, gradient, joined] = [5, 5, 40].map(columns => backend.matrix(5000, columns)) as [
        Matrix,
        Matrix,
        Matrix,
      ]
      const part = { from: 0, to: 5 }
      backend.gumbelSoftmax(b, part, 0.7, createNoise(1).next(), sample)
      backend.gumbelSoftmaxGradient(sample, part, 0.7, b, gradient)
      backend.joinColumns([a, sample], joined, 2)
      return [a.data, b.data, sample.data, gradient.data, joined.data]
    })
  })

  it('serves memory that grew after the threads began', () => {
    expectAlike(backend => {
      const early = placed(backend, randomMatrix(createRandom(1), 2048, 40))
      const network = backend.network(mlp(40, [64], 8), createRandom(2))
      network.forward(early)
      const late = backend.matrix(64 * 1024, 512)
      const input = { rows: 2048, columns: 40, data: late.data.subarray(late.data.length - 2048 * 40) }
      input.data.set(early.data)
      return [network.forward(input).data]
    })
  })
})

describe('threads', () => {
  it.each([0, -1, 1.5, 65, Number.NaN])('refuse to be %s', async threads => {
    await expect(createSimdBackend({ threads })).rejects.toThrow(RangeError)
    await expect(createSimdBackend({ threads })).rejects.toThrow('threads must be a whole number from 1 to 64')
  })

  /** A pool with another program, and a job that is worth handing over: 4096 rows of noise. */
  const poolOf = async (source: string, patience: Omit<ThreadPoolOptions, 'threads' | 'source'> = {}) => {
    const memory = await SimdMemory.create()
    const pool = new ThreadPool(memory, { threads: 2, source, startMilliseconds: 60_000, ...patience })
    onTestFinished(() => pool.dispose())
    const from = memory.allocate(4 * 4096 * 5)
    return () => {
      pool.words.set([from, from, 20, 5, 0, 5, 1, 2], 8)
      pool.floats[16] = 1
      pool.run('gumbelSoftmax', 4096, 64, 256, 100_000)
    }
  }
  /** The thread's program with something done before it takes chunks. */
  const first = (what: string) => threadSource.replace('    runShare(', `    ${what}\n    runShare(`)
  /** Takes one chunk, and never says that it is done. */
  const takesOne = `
    const queue = new Int32Array(memory.buffer, controlAt + 4 * ${control.queues + control.queueWords}, ${control.queueWords})
    for (;;) {
      const range = Atomics.load(queue, 0)
      if ((range >>> 16) < (range & 65535) && Atomics.compareExchange(queue, 0, range, range + 65536) === range) break
    }
    Atomics.store(queue, ${control.at}, 1)
`

  /** The first error; the caller may be so fast, and the machine so busy, that the thread gets no chunk of many jobs. */
  const firstError = (run: () => void) => {
    for (const end = Date.now() + 30_000; Date.now() < end; ) {
      try {
        run()
      } catch (error) {
        return (error as Error).message
      }
    }
    return 'none'
  }

  it('that do not finish end the run with a sentence', async () => {
    const run = await poolOf(first(`${takesOne} for (;;) {}`), { jobMilliseconds: 300 })
    expect(firstError(run)).toBe('simd: thread 2 did not finish gumbelSoftmax')
    expect(run).toThrow('simd: thread 2 did not finish gumbelSoftmax')
  })

  it('that fail end the run with what they said', async () => {
    const run = await poolOf(first(`${takesOne} throw new Error('memory access out of bounds')`))
    expect(firstError(run)).toBe('simd: thread 2 failed in gumbelSoftmax: memory access out of bounds')
  })

  it('that were ended early are noticed with the next job', async () => {
    const run = await poolOf(first('if (generation > 1) process.exit(7)'))
    run()
    const ended = () => expect(run).toThrow('simd: thread 2 ended early (exit code 7)')
    await vi.waitFor(ended, { timeout: 30_000, interval: 10 })
  })

  it('that do not start are noticed', async () => {
    const run = await poolOf('for (;;) {}', { startMilliseconds: 300 })
    expect(run).toThrow('simd: thread 2 did not finish start')
  })

  it('sleep when nothing is to do, and wake again', async () => {
    const backend = await createSimdBackend({ threads: 4 })
    onTestFinished(() => backend.dispose())
    const network = backend.network(mlp(40, [64, 64], 8), createRandom(2))
    const input = placed(backend, randomMatrix(createRandom(1), 4096, 40))
    const first = network.infer(input).data.slice()
    await wait(100)
    const start = process.cpuUsage()
    await wait(500)
    const { user, system } = process.cpuUsage(start)
    // Three spinning threads would use 1.5 s in 0.5 s.
    expect(user + system).toBeLessThan(250_000)
    expectSameBits(network.infer(input).data, first)
  })

  it('neither keep a process alive nor outlive dispose', () => {
    const script = `
      import { createSimdBackend } from '${new URL('../../dist/src/nn/simd/backend.js', import.meta.url)}'
      const backend = await createSimdBackend({ threads: 3 })
      const [logits, sample] = [backend.matrix(65536, 5), backend.matrix(65536, 5)]
      const draw = () => backend.gumbelSoftmax(logits, { from: 0, to: 5 }, 1, { low: 1, high: 2 }, sample)
      draw()
      if (process.argv[2] === 'dispose') {
        backend.dispose()
        try { draw() } catch (error) { console.log(error.message) }
      }
      console.log('end')`
    for (const [argument, expected] of [
      ['stay', 'end\n'],
      ['dispose', 'simd: this backend was disposed\nend\n'],
    ]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-', argument!], {
        input: script,
        encoding: 'utf8',
        timeout: 120_000,
      })
      expect([status, stdout, stderr]).toEqual([0, expected, ''])
    }
  })
})
