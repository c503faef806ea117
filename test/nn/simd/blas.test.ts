// Learning's products by a native library: near the standard numbers, the same bits for any number of threads, and acting as ever.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Backend } from '../../../src/nn/backend.ts'
import { withCurvature } from '../../../src/nn/curvature.ts'
import { mlp, type Network, type NetworkSpec } from '../../../src/nn/network.ts'
import { withSequence } from '../../../src/nn/recurrence.ts'
import { createSimdBackend } from '../../../src/nn/simd/backend.ts'
import { createRandom } from '../../../src/random.ts'
import type { Matrix } from '../../../src/types.ts'
import { describeWithBlas } from '../../support/blas.ts'

const dense: Readonly<Record<string, NetworkSpec>> = {
  'of 64 units': mlp(69, [64, 64], 5),
  'with one output': mlp(18, [64, 64], 1),
  'of odd widths, normalised': mlp(37, [65, 33], 3, 'tanh', { layerNorm: true }),
  'that is wide': mlp(129, [257, 130], 51, 'elu'),
  'of one layer': { inputs: 7, layers: [{ kind: 'dense', size: 9, activation: 'relu' }] },
}
const recurrent: NetworkSpec = {
  inputs: 19,
  layers: [
    { kind: 'dense', size: 33, activation: 'relu' },
    { kind: 'gru', size: 21 },
    { kind: 'layerNorm', size: 21 },
    { kind: 'dense', size: 5, activation: 'identity' },
  ],
}

/** Everything that a backend computes of a network for a batch. */
function learn(backend: Backend, spec: NetworkSpec, rows: number): Record<string, Float32Array> {
  const random = createRandom(rows)
  const filled = (columns: number, of = rows): Matrix => {
    const matrix = backend.matrix(of, columns)
    for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = random.between(-1, 1)
    return matrix
  }
  const network: Network = backend.network(spec, createRandom(3))
  const outputs = spec.layers[spec.layers.length - 1]!.size
  const [input, gradient] = [filled(spec.inputs), filled(outputs)]
  const numbers: Record<string, Float32Array> = {}
  const keep = (name: string, { data }: { data: Float32Array }) => {
    numbers[name] = data.slice()
  }
  let initial: Matrix | null = null
  if (spec === recurrent) {
    const steps = rows % 3 === 0 ? 3 : 1
    initial = filled(21, rows / steps)
    keep('forward', withSequence(network).sequence(input, { state: initial }))
    keep('infer', withSequence(network).infer(input, { state: initial }))
    keep('stateGradient', withSequence(network).stateGradient(gradient))
  } else {
    keep('forward', network.forward(input))
    keep('infer', network.infer(input))
  }
  keep('inputGradient', network.inputGradient(gradient))
  keep('some columns', network.inputGradient(gradient, { from: 2, to: 5 }))
  network.backward(gradient)
  network.backward(gradient)
  keep('gradients', { data: network.gradients })
  const curved = withCurvature(network)
  keep('tangent', curved.tangent(filled(network.parameters.length, 1).data, filled(spec.inputs)))
  curved.layerStatistics(gradient).forEach((each, l) => {
    keep(`statistics ${l} inputs`, each.inputs)
    keep(`statistics ${l} gradients`, each.gradients)
  })
  const state = initial ?? filled(0, rows)
  keep('act', initial === null ? network.act(input) : withSequence(network).act(input, { state }))
  return numbers
}

const hash = (numbers: Record<string, Float32Array>) => {
  const sum = createHash('sha256')
  for (const values of Object.values(numbers)) sum.update(values)
  return sum.digest('hex')
}

describeWithBlas('products by a BLAS', blas => {
  const all = { ...dense, 'that is recurrent': recurrent }
  for (const rows of [1, 7, 1023]) {
    it.each(Object.entries(all))(`of a network %s, ${rows} rows`, async (_, spec) => {
      const standard = await createSimdBackend()
      const expected = learn(standard, spec, rows)
      standard.dispose()
      const hashes: string[] = []
      for (const threads of [1, 2, 3]) {
        const backend = await createSimdBackend({ threads, blas })
        const found = learn(backend, spec, rows)
        hashes.push(hash(found))
        for (const [name, values] of Object.entries(found)) {
          if (name === 'act') expect(values, name).toEqual(expected.act)
          else expectNear(values, expected[name]!, name)
        }
        expect(found.infer, 'infer').toEqual(found.forward)
        backend.dispose()
      }
      expect(new Set(hashes).size).toBe(1)
      // That they differ at all shows who multiplied.
      if (rows > 7) expect(hashes[0]).not.toBe(hash(expected))
    })
  }

  it('have the same bits for any number of threads on other cores of the library too', () => {
    const script = `
      const [{ createSimdBackend, createRandom, mlp }, { loadBlas }] = await Promise.all(process.argv.slice(2).map(url => import(url)))
      const blas = loadBlas()
      const found = {}
      for (const [rows, spec] of [1, 7, 1023].flatMap(rows => [mlp(69, [64, 64], 5), mlp(37, [65, 130], 3)].map(spec => [rows, spec]))) {
        const hashes = []
        for (const threads of [1, 2, 3]) {
          const backend = await createSimdBackend({ blas, threads })
          const network = backend.network(spec, createRandom(1))
          const [random, input, gradient] = [createRandom(2), backend.matrix(rows, spec.inputs), backend.matrix(rows, network.spec.layers[2].size)]
          for (const { data } of [input, gradient]) for (let i = 0; i < data.length; i++) data[i] = random.between(-1, 1)
          const hash = (await import('node:crypto')).createHash('sha256')
          hash.update(network.forward(input).data)
          network.backward(gradient)
          hash.update(network.gradients).update(network.inputGradient(gradient).data)
          hashes.push(hash.digest('hex'))
          backend.dispose()
        }
        found[rows + ' ' + spec.inputs] = new Set(hashes).size
      }
      console.log(JSON.stringify({ core: blas.core, chosenBy: blas.chosenBy, found }))`
    const dist = ['index.js', 'nn/simd/blas/load-blas.js'].map(
      file => new URL(`../../../dist/src/${file}`, import.meta.url).href,
    )
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-', ...dist], {
      input: script,
      encoding: 'utf8',
      env: { ...process.env, OPENBLAS_CORETYPE: 'Haswell' },
    })
    expect(stderr).toBe('')
    const { core, chosenBy, found } = JSON.parse(stdout)
    expect(Object.values(found)).toEqual([1, 1, 1, 1, 1, 1])
    if (blas.name === 'OpenBLAS') expect([core, chosenBy]).toEqual(['Haswell', 'OPENBLAS_CORETYPE=Haswell'])
  })

  it('act alike in batches of any size, where learning need not', async () => {
    const backend = await createSimdBackend({ blas })
    const network = backend.network(mlp(69, [64, 64], 5), createRandom(3))
    const random = createRandom(4)
    const whole = backend.matrix(300, 69)
    for (let i = 0; i < whole.data.length; i++) whole.data[i] = random.between(-1, 1)
    const all = network.act(whole).data.slice()
    for (const row of [0, 150, 299]) {
      const one = { rows: 1, columns: 69, data: whole.data.subarray(69 * row, 69 * (row + 1)) }
      expect(network.act(one).data).toEqual(all.subarray(5 * row, 5 * (row + 1)))
    }
    backend.dispose()
  })
})

function expectNear(values: Float32Array, expected: Float32Array, name: string): void {
  let scale = 1
  for (const x of expected) scale = Math.max(scale, Math.abs(x))
  let worst = 0
  values.forEach((x, i) => {
    worst = Math.max(worst, Math.abs(x - expected[i]!))
  })
  expect(worst, name).toBeLessThan(2e-5 * scale)
}
