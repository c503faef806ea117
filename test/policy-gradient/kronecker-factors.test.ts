// K-FAC: the eigenbasis formula against the plain inverse, and the exact natural gradient where Kronecker factors are exact.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFisher } from '../../src/agents/fisher.ts'
import { fingerprint } from '../../src/fingerprint.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { type CurvatureNetwork, withCurvature } from '../../src/nn/curvature.ts'
import { mlp, type NetworkSpec } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createKroneckerFactors } from '../../src/policy-gradient/kronecker-factors.ts'
import { createRandom } from '../../src/random.ts'
import { copySaved } from '../../src/saved.ts'
import type { Matrix } from '../../src/types.ts'
import { expectClose, randomMatrix } from '../support/matrices.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const networkOf = (spec: NetworkSpec): CurvatureNetwork => withCurvature(backend.network(spec, createRandom(3)))

/** Factors after one minibatch of these rows, decomposed. */
function factorsAt(network: CurvatureNetwork, input: Matrix, scores: Matrix) {
  const factors = createKroneckerFactors(backend, network, 0.99)
  network.forward(input)
  factors.take(scores, input.rows)
  factors.settle()
  factors.renew()
  while (factors.decompose());
  return factors
}

/** Gauss's elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!])
  const size = rows.length
  for (let c = 0; c < size; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row, i) => (Math.abs(row[c]!) > Math.abs(rows[best]![c]!) ? c + i : best), c)
    ;[rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!]
    for (let r = 0; r < size; r++) {
      if (r === c) continue
      const factor = rows[r]![c]! / rows[c]![c]!
      for (let k = c; k <= size; k++) rows[r]![k]! -= factor * rows[c]![k]!
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!)
}

const plainRow = (data: readonly (readonly number[])[]): Matrix => ({
  rows: data.length,
  columns: data[0]!.length,
  data: Float32Array.from(data.flat()),
})

describe('a gradient divided by Kronecker factors', () => {
  it('is what solving (A (x) G + damping I) x = g gives, for factors of any rank', () => {
    const sizes = fc.record({
      inputs: fc.integer({ min: 1, max: 4 }),
      n: fc.integer({ min: 1, max: 5 }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(sizes, ({ inputs, n, seed }) => {
        const random = createRandom(seed)
        const rows = 1 + random.integer(8)
        const network = networkOf(mlp(inputs, [], n))
        const [input, scores] = [randomMatrix(random, rows, inputs, 2), randomMatrix(random, rows, n, 2)]
        const factors = factorsAt(network, input, scores)
        const moments = (size: number, x: (row: number, i: number) => number) =>
          Array.from({ length: size }, (_, i) =>
            Array.from({ length: size }, (_, j) => {
              let sum = 0
              for (let r = 0; r < rows; r++) sum += x(r, i) * x(r, j)
              return sum / rows
            }),
          )
        const a = moments(inputs + 1, (r, i) => (i === inputs ? 1 : input.data[r * inputs + i]!))
        const g = moments(n, (r, i) => scores.data[r * n + i]!)
        const damping = 0.02
        const size = (inputs + 1) * n
        const kronecker = Array.from({ length: size }, (_, p) =>
          Array.from({ length: size }, (_, q) => {
            const [i, k, j, l] = [Math.floor(p / n), p % n, Math.floor(q / n), q % n]
            return a[i]![j]! * g[k]![l]! + (p === q ? damping : 0)
          }),
        )
        const gradient = Array.from({ length: size }, () => random.between(-1, 1))
        const found = new Float64Array(size)
        factors.precondition(gradient, damping, found)
        const wanted = solve(kronecker, gradient)
        expectClose([...found], wanted, 1e-5 * Math.max(...wanted.map(Math.abs)))
      }),
      { numRuns: 40 },
    )
  })

  it('is the exact natural gradient of one linear layer whose outputs are Gaussian, for any inputs', () => {
    const network = networkOf(mlp(3, [], 2))
    const inputs = randomMatrix(createRandom(5), 6, 3)
    // Every input twice, with scores whose second moments are exactly those of the distribution, 1 and 0.
    const twice = { ...inputs, rows: 12, data: Float32Array.of(...inputs.data, ...inputs.data) }
    const signs = plainRow([...Array(6).fill([1, 1]), ...Array(6).fill([1, -1])])
    const factors = factorsAt(network, twice, signs)
    const gradient = randomMatrix(createRandom(6), 1, network.parameters.length).data
    const damping = 0.05
    const found = new Float64Array(gradient.length)
    factors.precondition(gradient, damping, found)

    const outputs = network.forward(inputs)
    const fisher = createFisher(network, { outputs: 2, fisher: (_, tangent, to) => to.data.set(tangent.data) })
    const columns = Array.from(gradient, (_, i) => {
      const unit = new Float32Array(gradient.length)
      unit[i] = 1
      return fisher.times(outputs, unit, damping)
    })
    const wanted = solve(
      columns.map((_, row) => columns.map(column => column[row]!)),
      [...gradient],
    )
    expectClose([...found], wanted, 2e-4)
  })

  it('moves the logits of a choice by its rewards less their mean: scores in the shares of the alternatives', () => {
    // One input: A (x) G is the exact Fisher matrix.
    const network = networkOf(mlp(1, [], 3))
    network.parameters.set([0, 0, 0, Math.log(0.5), Math.log(0.25), Math.log(0.25)])
    const p = [0.5, 0.25, 0.25]
    const input = plainRow([[1], [1], [1], [1]])
    const scores = plainRow([0, 0, 1, 2].map(taken => p.map((q, a) => (a === taken ? 1 : 0) - q)))
    const factors = factorsAt(network, input, scores)
    const rewards = [1, 0, 2]
    const mean = rewards.reduce((sum, reward, a) => sum + p[a]! * reward, 0)
    const ofLogits = p.map((q, a) => q * (rewards[a]! - mean))
    const found = new Float64Array(6)
    factors.precondition([...ofLogits, ...ofLogits], 1e-9, found)
    // The input is 1: a logit moves by its weight and its bias.
    expectClose([0, 1, 2].map(a => found[a]! + found[3 + a]!), [0, -1, 1], 1e-5) // biome-ignore format: one line
  })

  it('leaves alone what has no factors: gains and shifts, and outputs without weights', () => {
    const network = networkOf(mlp(3, [4], 3, 'tanh', { layerNorm: true, constant: 1 }))
    const scores = randomMatrix(createRandom(2), 8, 3)
    const factors = factorsAt(network, randomMatrix(createRandom(1), 8, 3), scores)
    network.gradients.fill(0)
    network.backward(scores)
    const found = new Float64Array(network.parameters.length)
    factors.precondition(network.gradients, 0.01, found)
    const part = (name: string) => {
      const { offset, shape } = network.tensors.find(tensor => tensor.name === name)!
      const end = offset + shape.reduce((a, b) => a * b, 1)
      return { found: [...found.subarray(offset, end)], given: [...network.gradients.subarray(offset, end)] }
    }
    for (const name of ['layer0.gain', 'layer0.shift']) expect(part(name).found).toEqual(part(name).given)
    const [weight, bias] = [part('layer1.weight'), part('layer1.bias')]
    expect(weight.found.filter((_, i) => i % 3 === 2)).toEqual([0, 0, 0, 0])
    expect(bias.found[2]).toBe(bias.given[2])
    expect(bias.found[0]).not.toBe(bias.given[0])
    expect(part('layer0.weight').found).not.toEqual(part('layer0.weight').given)
  })
})

describe('running factors', () => {
  const spec = mlp(2, [], 1)
  /** G of one output after minibatches with scores of these sizes. */
  const afterScores = (decay: number, sizes: readonly number[], counts: readonly number[] = []) => {
    const network = networkOf(spec)
    const factors = createKroneckerFactors(backend, network, decay)
    sizes.forEach((size, i) => {
      network.forward(randomMatrix(createRandom(i), 4, 2))
      factors.take(plainRow(Array(4).fill([size])), counts[i] ?? 4)
      factors.settle()
    })
    return (factors.save() as unknown as { means: Float64Array[] }).means[1]![0]!
  }

  it('are the mean of the first minibatches, then forget at their decay', () => {
    expect(afterScores(0.75, [1, 2, 3])).toBeCloseTo((1 + 4 + 9) / 3, 12)
    expect(afterScores(0.5, [1, 2, 3])).toBeCloseTo(((1 + 4) / 2 + 9) / 2, 12)
  })

  it('are means over the rows that there are', () => {
    expect(afterScores(0.9, [1], [2])).toBeCloseTo(2, 12)
  })

  it('add up over the slices of a minibatch', () => {
    const network = networkOf(mlp(2, [3], 1, 'tanh'))
    const [input, scores] = [randomMatrix(createRandom(1), 6, 2), randomMatrix(createRandom(2), 6, 1)]
    const whole = createKroneckerFactors(backend, network, 0.9)
    network.forward(input)
    whole.take(scores, 6)
    const sliced = createKroneckerFactors(backend, network, 0.9)
    for (const [from, to] of [
      [0, 2],
      [2, 6],
    ] as const) {
      network.forward({ rows: to - from, columns: 2, data: input.data.slice(2 * from, 2 * to) })
      sliced.take({ rows: to - from, columns: 1, data: scores.data.slice(from, to) }, to - from)
    }
    for (const factors of [whole, sliced]) factors.settle()
    const meansOf = (factors: typeof whole) => (factors.save() as unknown as { means: Float64Array[] }).means
    meansOf(whole).forEach((mean, f) => {
      expectClose([...meansOf(sliced)[f]!], [...mean], 1e-6)
    })
  })

  it('are saved and restored anywhere within the work on their eigenbases', () => {
    const network = networkOf(mlp(90, [80], 2, 'tanh'))
    const [input, scores] = [randomMatrix(createRandom(1), 100, 90), randomMatrix(createRandom(2), 100, 2)]
    const factors = createKroneckerFactors(backend, network, 0.9)
    network.forward(input)
    factors.take(scores, 100)
    const other = createKroneckerFactors(backend, network, 0.9)
    other.restore(copySaved(factors.save()))
    for (const each of [factors, other]) {
      each.settle()
      each.renew()
    }
    let [ticks, last] = [1, other]
    while (factors.decompose()) {
      expect(last.decompose()).toBe(true)
      const saved = copySaved(last.save())
      last = createKroneckerFactors(backend, network, 0.9)
      last.restore(saved)
      ticks++
    }
    expect(last.decompose()).toBe(false)
    expect(ticks).toBeGreaterThanOrEqual(2)
    expect(fingerprint(last.save())).toBe(fingerprint(factors.save()))
  })
})
