// Whole runs on TensorFlow.js: the same numbers as the default backend, the same bits after a restart, and no tensor left behind.
import { describe, expect, it } from 'vitest'
import { train } from '../../src/experiment/trainer.ts'
import { mlp } from '../../src/nn/network.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { createRandom } from '../../src/random.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { createRun, type Run } from '../../src/run/run.ts'
import type { JointStep } from '../../src/types.ts'
import { expectClose, randomMatrix } from '../support/matrices.ts'
import { reasonAgainstNative } from '../support/native-tensorflow.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRun } from '../support/tiny-config.ts'

const on = (tfjs: string, more: Overrides = {}): Overrides => layer({ run: { backend: 'tfjs', tfjs } }, more)
const carriers = ['wasm', 'cpu', ...(reasonAgainstNative === null ? ['tensorflow'] : [])]

describe.each(carriers)('a run on tfjs with %s', carrier => {
  it('makes the same update round as simd from equal weights and data, to 1e-5', async () => {
    const more: Overrides = { learner: { batch: 256 }, network: { hidden: [64, 64] } }
    const [simd, tfjs] = [await tinyRun(more), await tinyRun(on(carrier, more))]
    observed(train(simd, { clock$: ticks(90) }))
    expect(simd.rounds.finished).toBeGreaterThan(0)
    // A checkpoint of one backend is one of the other.
    tfjs.restore(structuredClone(simd.save()))
    for (const run of [simd, tfjs]) {
      run.rounds.takeFigures()
      learn(run, 1)
    }
    const [figures, expected] = [tfjs.rounds.takeFigures(), simd.rounds.takeFigures()]
    expect(Object.keys(figures)).toEqual(Object.keys(expected))
    expectClose(Object.values(figures), Object.values(expected), 1e-5)
    const [learners, others] = [tfjs, simd].map(run => numbersOf(run.roster.map(learner => learner.save())))
    expect(others!.length).toBeGreaterThan(50_000)
    expectClose(learners!, others!, 1e-5)
  })

  it('trains through the front door, and goes on from a save with the same bits', async () => {
    const [straight, before, after] = [
      await tinyRun(on(carrier)),
      await tinyRun(on(carrier)),
      await tinyRun(on(carrier)),
    ]
    expect(observed(train(straight, { clock$: ticks(160) })).errors).toEqual([])
    expect(straight.rounds.finished).toBeGreaterThan(2)
    observed(train(before, { clock$: ticks(100) }))
    after.restore(structuredClone(before.save()))
    observed(train(after, { clock$: ticks(60) }))
    expect(after.save()).toEqual(straight.save())
  })
})

it('a tfjs run cannot be used after it was disposed', async () => {
  const run = await createRun(layer(tinyConfig, on('wasm')))
  run.dispose()
  expect(observed(train(run, { clock$: ticks(3) })).errors).toHaveLength(1)
})

describe('tensors', () => {
  it('are as many after 1,000 updates of MADDPG as before, and none is left when the run is disposed', async () => {
    const backend = await createTfjsBackend({ carrier: 'wasm' })
    const { tf } = backend
    const atFirst = tf.memory().numTensors
    const run = await createRun(layer(tinyConfig, on('wasm')))
    observed(train(run, { clock$: ticks(70) }))
    learn(run, 1)
    const before = tf.memory().numTensors
    learn(run, 334)
    expect(tf.memory().numTensors).toBe(before)
    run.dispose()
    expect(tf.memory().numTensors).toBe(atFirst)
    backend.dispose()
  })

  it('are as many after errors and odd batch sizes, for custom networks too', async () => {
    const backend = await createTfjsBackend({ carrier: 'wasm' })
    const { tf } = backend
    const atFirst = tf.memory().numTensors
    const variable = tf.tidy(() => tf.variable(tf.ones([4, 2])))
    let broken = false
    const custom = backend.custom({
      inputs: 4,
      outputs: 2,
      variables: { variable },
      apply(x) {
        const y = tf.tanh(tf.matMul(x, variable as never)) as typeof x
        if (broken) throw new Error('broken')
        return y
      },
    })
    const networks = [custom, backend.network(mlp(4, [5], 2), createRandom(1))]
    const use = (rows: number) => {
      for (const network of networks) {
        const [input, gradient] = [randomMatrix(createRandom(rows), rows, 4), randomMatrix(createRandom(rows), rows, 2)]
        network.infer(input)
        network.forward(input)
        network.backward(gradient)
        network.inputGradient(gradient, { from: 1, to: 3 })
        expect(() => network.backward(input)).toThrow(TypeError)
      }
    }
    use(3)
    const before = tf.memory().numTensors
    for (const rows of [1, 9, 2, 64]) use(rows)
    broken = true
    expect(() => custom.forward(randomMatrix(createRandom(1), 3, 4))).toThrow('broken')
    expect(tf.memory().numTensors).toBe(before)
    backend.dispose()
    variable.dispose()
    expect(tf.memory().numTensors).toBe(atFirst)
  })
})

/** So many update rounds, which become due as if the games had gone on for so long. */
function learn(run: Run, rounds: number): void {
  const { updateEvery } = run.teamSettings.get('agent') as { updateEvery: number }
  run.rounds.take({ truncated: new Uint8Array(rounds * updateEvery) } as unknown as JointStep)
  while (run.rounds.due) run.rounds.advance()
}

/** Every float of a saved tree, in its order. */
function numbersOf(saved: unknown): number[] {
  if (typeof saved === 'number') return [saved]
  if (saved instanceof Float32Array) return [...saved]
  if (typeof saved !== 'object' || saved === null) return []
  return Object.values(saved).flatMap(numbersOf)
}
