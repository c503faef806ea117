// The entropy that MASAC pays for and its gradient, against plain double-precision numbers and finite differences.
import { describe, expect, it } from 'vitest'
import { createHead } from '../../src/agents/head.ts'
import { createEntropy } from '../../src/maddpg/entropy.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom, type NoiseKey } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { plainUniform } from '../support/plain-noise.ts'

const choice = { name: 'say', kind: 'choice', size: 3, soft: true } as const
const box = { name: 'move', kind: 'box', size: 2, low: -1, high: 3 } as const
const spaces: readonly { name: string; space: ActionSpace; inputs: number; aim: number }[] = [
  { name: 'a choice', space: [choice], inputs: 3, aim: 0.3 * Math.log(3) },
  { name: 'two choices', space: [choice, { ...choice, size: 4 }], inputs: 7, aim: 0.3 * Math.log(12) },
  { name: 'a box', space: [box], inputs: 4, aim: -2 },
  { name: 'a box beside a choice', space: [box, choice], inputs: 7, aim: 0.3 * Math.log(3) - 2 },
]
const rows = 6
const store = { matrix: (r: number, columns: number) => ({ rows: r, columns, data: new Float32Array(r * columns) }) }
const aims = { choices: 0.3, boxes: -1 }

describe.each(spaces)('the entropy of $name', ({ space, inputs, aim }) => {
  const outputs = randomMatrix(createRandom(1, 'outputs'), rows, inputs)
  const key = createNoise(2).next()

  it('is the sum of its parts', () => {
    expectClose(
      createEntropy(store, space, rows, aims).of(outputs, key),
      plainEntropies(space, outputs.data, key),
      2e-6,
    )
  })

  it('has the gradient that finite differences find along the path of the sample', () => {
    const scale = [1, -2, 0.5, 3, 0, 1]
    const value = (x: Float64Array) => dot(plainEntropies(space, x, key), scale)
    const gradient = createEntropy(store, space, rows, aims).gradient(outputs, key, scale)
    expectClose(gradient.data, centralDifferences(value, outputs.data), 3e-6)
  })

  it('has the aim of its parts', () => {
    expect(createEntropy(store, space, rows, aims).aimOf(new Float32Array(rows).fill(1))).toBeCloseTo(aim, 12)
  })

  it('has the same bits with a mask that allows everything', () => {
    const size = actionSize(space)
    const mask = { rows, columns: size, data: new Float32Array(rows * size).fill(1) }
    const present = new Float32Array(rows).fill(1)
    const entropy = createEntropy(store, space, rows, aims)
    const [values, gradients] = [entropy.of(outputs, key).slice(), entropy.gradient(outputs, key, present).data.slice()]
    expectSameBits(entropy.of(outputs, key, mask), values)
    expectSameBits(entropy.gradient(outputs, key, present, mask).data, gradients)
    expect(entropy.aimOf(present, mask)).toBe(entropy.aimOf(present))
  })
})

describe('the aim under a mask', () => {
  it('is that of the alternatives that are allowed, the mean over the rows where the agent was there', () => {
    const entropy = createEntropy(store, [box, { ...choice, size: 4 }], 3, aims)
    const mask = { rows: 3, columns: 6, data: Float32Array.of(1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1) }
    const aim = entropy.aimOf(Float32Array.of(1, 1, 0), mask)
    expect(aim).toBeCloseTo((0.3 * (Math.log(1) + Math.log(3))) / 2 - 2, 12)
    expect(entropy.aimOf(new Float32Array(3), mask)).toBe(entropy.aimOf(new Float32Array(3)))
  })

  it('and the entropy of a choice is that of the allowed alternatives alone', () => {
    const wide: Matrix = { rows: 2, columns: 4, data: Float32Array.of(1, 9, -1, 2, 5, 0.5, 0.25, 3) }
    const mask = { rows: 2, columns: 4, data: Float32Array.of(1, 0, 1, 1, 0, 1, 1, 1) }
    const narrow: Matrix = { rows: 2, columns: 3, data: Float32Array.of(1, -1, 2, 0.5, 0.25, 3) }
    const key = createNoise(2).next()
    const [four, three] = [4, 3].map(size => createEntropy(store, [{ ...choice, size }], 2, aims))
    expectClose(four!.of(wide, key, mask), three!.of(narrow, key), 1e-6)
    const { data } = four!.gradient(wide, key, [1, -2], mask)
    expect([data[1], data[4]]).toEqual([0, 0])
    expectClose(
      [...data].filter((_, i) => i !== 1 && i !== 4),
      three!.gradient(narrow, key, [1, -2]).data,
      1e-6,
    )
  })
})

describe('the entropy of a box', () => {
  const of = (space: ActionSpace, outputs: Matrix, key: NoiseKey) =>
    Float32Array.from(createEntropy(store, space, outputs.rows, aims).of(outputs, key))

  it('is the same however wide the box', () => {
    const outputs = randomMatrix(createRandom(3), rows, 4, 1)
    const key = createNoise(4).next()
    expect(of([box], outputs, key)).toEqual(of([{ ...box, low: 0, high: 0.01 }], outputs, key))
  })

  it('is -log of the density of the very action that the head draws with this key', async () => {
    const backend = await createSimdBackend()
    const outputs = placed(backend, randomMatrix(createRandom(5), rows, 4, 1))
    const key = createNoise(6).next()
    const actions = createHead(backend, [box], { temperature: 1 }).sample(outputs, key)
    const expected = Array.from({ length: rows }, (_, row) => {
      let sum = 0
      for (let i = 0; i < 2; i++) {
        const y = (actions.data[row * 2 + i]! - 1) / 2
        const deviation = Math.exp(outputs.data[row * 4 + 2 + i]!)
        const z = (Math.atanh(y) - outputs.data[row * 4 + i]!) / deviation
        sum -= Math.log(Math.exp((-z * z) / 2) / (deviation * Math.sqrt(2 * Math.PI) * (1 - y * y)))
      }
      return sum
    })
    expectClose(of([box], outputs, key), expected, 1e-4)
    backend.dispose()
  })

  it('is very low, not high, where a mean is far outside', () => {
    const far: Matrix = { rows: 1, columns: 4, data: Float32Array.of(30, -30, -3, -3) }
    expect(of([box], far, createNoise(7).next())[0]).toBeLessThan(-50)
  })

  it('has no gradient at a log deviation that is clamped', () => {
    const outside: Matrix = { rows: 1, columns: 4, data: Float32Array.of(0.1, 0.2, -9, 5) }
    const { data } = createEntropy(store, [box], 1, aims).gradient(outside, createNoise(8).next(), [1])
    expect([...data.subarray(2)]).toEqual([0, 0])
  })
})

/** By the definitions: -sum p log p of a choice; of a box the density of the sample, changed by the squashing. */
function plainEntropies(space: ActionSpace, data: ArrayLike<number>, key: NoiseKey): number[] {
  const columns = data.length / rows
  return Array.from({ length: rows }, (_, row) => {
    let [sum, from] = [0, row * columns]
    for (const part of space) {
      if (part.kind === 'choice') {
        const weights = Array.from({ length: part.size }, (_, i) => Math.exp(data[from + i]!))
        const total = weights.reduce((a, b) => a + b)
        sum -= weights.reduce((all, w) => all + (w / total) * Math.log(w / total), 0)
        from += part.size
        continue
      }
      for (let i = 0; i < part.size; i++) {
        const [mean, log] = [from + i, from + part.size + i]
        const n = Math.sqrt(-2 * Math.log(plainUniform(key, mean))) * Math.cos(2 * Math.PI * plainUniform(key, log))
        const deviation = Math.exp(Math.min(2, Math.max(-5, data[log]!)))
        const density = Math.exp((-n * n) / 2) / (deviation * Math.sqrt(2 * Math.PI))
        sum -= Math.log(density / (1 - Math.tanh(data[mean]! + deviation * n) ** 2))
      }
      from += 2 * part.size
    }
    return sum
  })
}
