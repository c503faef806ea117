// What every distribution of an action promises: values against plain formulas, gradients against finite differences, masks, products.
import { describe, expect, it } from 'vitest'
import {
  createDistribution,
  type Distribution,
  type DistributionConfig,
  type Taken,
} from '../../src/agents/distribution.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'
import { plainDistribution } from '../support/plain-distributions.ts'

const move = { name: 'move', kind: 'choice', size: 4, soft: false } as const
const soft = { ...move, name: 'soft', soft: true } as const
const box = { name: 'box', kind: 'box', size: 2, low: -1, high: 3 } as const

interface Kind {
  readonly name: string
  readonly space: ActionSpace
  readonly config?: DistributionConfig
}
const kinds: readonly Kind[] = [
  { name: 'a choice', space: [move] },
  { name: 'a soft choice', space: [soft], config: { temperature: 0.7 } },
  { name: 'a squashed Gaussian', space: [box] },
  { name: 'a clipped Gaussian', space: [box], config: { boxes: 'clippedGaussian' } },
  { name: 'a Beta box', space: [box], config: { boxes: 'beta' } },
  { name: 'move, box and a second choice', space: [move, box, { ...move, name: 'say', size: 3 }] },
  {
    name: 'two boxes around a choice',
    space: [box, move, { ...box, size: 1, low: 0, high: 1 }],
    config: { boxes: 'beta' },
  },
]
const rows = 9

function problemOf({ space, config = {} }: Kind, seed = 1) {
  const distribution = createDistribution(space, config)
  const random = createRandom(seed)
  const outputs = randomMatrix(random, rows, distribution.outputs, 1.5)
  const others = randomMatrix(random, rows, distribution.outputs, 1.5)
  const taken = { actions: matrix(rows, distribution.actions), drawn: matrix(rows, distribution.actions) }
  distribution.sample(outputs, createNoise(seed, 'noise').next(), taken)
  const scale = Float64Array.from({ length: rows }, () => random.between(-2, 2))
  return { distribution, outputs, others, taken, scale, plain: plainDistribution(space, config) }
}

describe.each(kinds)('$name', kind => {
  const { distribution, outputs, others, taken, scale, plain } = problemOf(kind)
  const numbers = () => new Float32Array(rows)
  /** The gradient of f at every row's outputs, times its scale. */
  const gradientOf = (f: (outputs: ArrayLike<number>, row: number) => number, at = outputs) =>
    perRow(at, (x, row) => [...centralDifferences(o => scale[row]! * f(o, row), x)]).flat()

  it('has the log-probability of its formula, and its gradient', () => {
    const [to, gradient] = [numbers(), matrix(rows, distribution.outputs)]
    const logProbability = (x: ArrayLike<number>, row: number) =>
      plain.logProbability(
        x,
        rowOf(taken.actions.data, row, distribution.actions),
        rowOf(taken.drawn.data, row, distribution.actions),
      )
    distribution.logProbability(outputs, taken, to)
    expectClose(to, perRow(outputs, logProbability), 2e-5)
    distribution.logProbabilityGradient(outputs, taken, scale, gradient)
    expectClose(gradient.data, gradientOf(logProbability), 2e-5)
  })

  it('has the entropy of its formula, and its gradient', () => {
    const [to, gradient] = [numbers(), matrix(rows, distribution.outputs)]
    distribution.entropy(outputs, to)
    expectClose(to, perRow(outputs, plain.entropy), 1e-5)
    distribution.entropyGradient(outputs, scale, gradient)
    expectClose(gradient.data, gradientOf(plain.entropy), 1e-5)
  })

  it('has the divergence of its formula, 0 from itself, and its gradient', () => {
    const [to, gradient] = [numbers(), matrix(rows, distribution.outputs)]
    const divergence = (b: ArrayLike<number>, row: number) =>
      plain.divergence(rowOf(outputs.data, row, distribution.outputs), b)
    distribution.divergence(outputs, others, to)
    expectClose(to, perRow(others, divergence), 1e-5)
    distribution.divergence(outputs, outputs, to)
    expectClose(to, new Float32Array(rows), 1e-6)
    distribution.divergenceGradient(outputs, others, scale, gradient)
    expectClose(gradient.data, gradientOf(divergence, others), 1e-5)
  })

  it('has the Fisher matrix that is the second derivative of the divergence', () => {
    const tangent = randomMatrix(createRandom(8), rows, distribution.outputs)
    const to = matrix(rows, distribution.outputs)
    distribution.fisher(outputs, tangent, to)
    const expected = Float64Array.from(outputs.data, (_, i) => {
      const row = Math.floor(i / distribution.outputs)
      const at = rowOf(outputs.data, row, distribution.outputs)
      const along = rowOf(tangent.data, row, distribution.outputs)
      const h = 1e-4
      const moved = (e: number, x: number) =>
        plain.divergence(
          at,
          Float64Array.from(at, (o, j) => o + e * along[j]! + (j === i % distribution.outputs ? x : 0)),
        )
      return (moved(h, h) - moved(h, -h) - moved(-h, h) + moved(-h, -h)) / (4 * h * h)
    })
    expectClose(to.data, expected, 2e-5)
  })

  it('draws the same numbers from the same key, legal ones', () => {
    const again = { actions: matrix(rows, distribution.actions), drawn: matrix(rows, distribution.actions) }
    distribution.sample(outputs, createNoise(1, 'noise').next(), again)
    expectSameBits(again.actions.data, taken.actions.data)
    expectSameBits(again.drawn.data, taken.drawn.data)
    distribution.sample(outputs, createNoise(2, 'noise').next(), again)
    expect(again.actions.data).not.toEqual(taken.actions.data)
    expectLegal(kind.space, again.actions)
    for (const write of [distribution.mode, distribution.mean]) {
      const to = matrix(rows, distribution.actions)
      write(outputs, to)
      expectLegal(write === distribution.mean ? kind.space.map(part => ({ ...part, soft: true })) : kind.space, to)
    }
  })

  it('draws so that the mean of -log p is the entropy, where that is the entropy of what is drawn', () => {
    const { space, config = {} } = kind
    // Of soft choices and squashed boxes the entropy is that of what lies behind the action.
    if (space.some(part => part.kind === 'choice' && part.soft)) return
    const repeats = 4000
    const repeated = matrix(repeats, distribution.outputs)
    for (let r = 0; r < repeats; r++)
      repeated.data.set(outputs.data.subarray(0, distribution.outputs), r * distribution.outputs)
    const drawn: Taken = {
      actions: matrix(repeats, distribution.actions),
      drawn: matrix(repeats, distribution.actions),
    }
    distribution.sample(repeated, createNoise(3).next(), drawn)
    const logs = Array.from({ length: repeats }, (_, r) =>
      plain.logDensityOfDrawn(
        rowOf(repeated.data, r, distribution.outputs),
        rowOf(drawn.actions.data, r, distribution.actions),
        rowOf(drawn.drawn!.data, r, distribution.actions),
      ),
    )
    const mean = logs.reduce((a, b) => a + b, 0) / repeats
    const deviation = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / repeats)
    const entropy = plain.entropy(rowOf(outputs.data, 0, distribution.outputs))
    expect(Math.abs(-mean - entropy), JSON.stringify(config)).toBeLessThan((5 * deviation) / Math.sqrt(repeats) + 1e-3)
  })
})

describe('a mask', () => {
  const space: ActionSpace = [box, move, soft]
  const { distribution, outputs, others, scale } = problemOf({ name: '', space })
  const mask: Matrix = {
    rows,
    columns: distribution.actions,
    data: new Float32Array(rows * distribution.actions).fill(1),
  }
  // A single alternative in row 0; the first two of four everywhere else.
  for (let row = 0; row < rows; row++) {
    for (const first of [2, 6])
      mask.data.set(row === 0 ? [0, 0, 1, 0] : [1, 1, 0, 0], row * distribution.actions + first)
  }
  const taken = { actions: matrix(rows, distribution.actions), drawn: matrix(rows, distribution.actions) }
  distribution.sample(outputs, createNoise(4).next(), taken, mask)
  const masked = (m: Matrix, columns: number, value: number, first: readonly number[]) => {
    for (let row = 0; row < rows; row++) {
      for (const start of first) {
        const gone = row === 0 ? [0, 1, 3] : [2, 3]
        for (const k of gone) expect(m.data[row * columns + start + k]! + 0).toBe(value)
      }
    }
  }

  it('gives what is not allowed probability exactly 0, in samples, modes and means', () => {
    masked(taken.actions, distribution.actions, 0, [2, 6])
    for (const write of [distribution.mode, distribution.mean]) {
      const to = matrix(rows, distribution.actions)
      write(outputs, to, mask)
      masked(to, distribution.actions, 0, [2, 6])
      expect(to.data[2 + 2]).toBe(1)
    }
  })

  it('gives masked logits gradient 0, and all else what the allowed alternatives alone would give', () => {
    const allowed = createDistribution([box, { ...move, size: 2 }, { ...soft, size: 2 }])
    const narrow = (m: Matrix, wide: readonly number[]) => pick(m, wide)
    const outputsOf = [0, 1, 2, 3, 4, 5, 8, 9]
    const actionsOf = [0, 1, 2, 3, 6, 7]
    const [small, smallOthers] = [narrow(outputs, outputsOf), narrow(others, outputsOf)]
    const smallTaken = { actions: narrow(taken.actions, actionsOf), drawn: narrow(taken.drawn, actionsOf) }
    const rest = scale.slice(1)
    const compare = (
      value: (d: Distribution, o: Matrix, b: Matrix, t: Taken, to: Float32Array, m?: Matrix) => void,
      gradient: (d: Distribution, o: Matrix, b: Matrix, t: Taken, s: ArrayLike<number>, to: Matrix, m?: Matrix) => void,
    ) => {
      const [wide, expected] = [new Float32Array(rows), new Float32Array(rows - 1)]
      value(distribution, outputs, others, taken, wide, mask)
      value(allowed, small, smallOthers, smallTaken, expected)
      expectClose(wide.slice(1), expected, 1e-5)
      const [wideGradient, narrowGradient] = [matrix(rows, distribution.outputs), matrix(rows - 1, allowed.outputs)]
      gradient(distribution, outputs, others, taken, scale, wideGradient, mask)
      gradient(allowed, small, smallOthers, smallTaken, rest, narrowGradient)
      masked(wideGradient, distribution.outputs, 0, [4, 8])
      expectClose(narrow(wideGradient, outputsOf).data, narrowGradient.data, 1e-5)
    }
    compare(
      (d, o, _, t, to, m) => d.logProbability(o, t, to, m),
      (d, o, _, t, s, to, m) => d.logProbabilityGradient(o, t, s, to, m),
    )
    compare(
      (d, o, _, __, to, m) => d.entropy(o, to, m),
      (d, o, _, __, s, to, m) => d.entropyGradient(o, s, to, m),
    )
    compare(
      (d, o, b, _, to, m) => d.divergence(o, b, to, m),
      (d, o, b, _, s, to, m) => d.divergenceGradient(o, b, s, to, m),
    )
    const tangent = randomMatrix(createRandom(9), rows, distribution.outputs)
    const [wide, expected] = [matrix(rows, distribution.outputs), matrix(rows - 1, allowed.outputs)]
    distribution.fisher(outputs, tangent, wide, mask)
    allowed.fisher(small, narrow(tangent, outputsOf), expected)
    masked(wide, distribution.outputs, 0, [4, 8])
    expectClose(narrow(wide, outputsOf).data, expected.data, 1e-5)
  })

  it('makes an action impossible that was taken against it, and refuses a row where nothing is allowed', () => {
    const one = createDistribution([move])
    const zeros: Matrix = { rows: 1, columns: 4, data: new Float32Array(4) }
    const to = new Float32Array(1)
    const action = { actions: { ...zeros, data: Float32Array.of(0, 0, 1, 0) } }
    one.logProbability(zeros, action, to, { ...zeros, data: Float32Array.of(1, 1, 0, 1) })
    expect(to[0]).toBe(-Infinity)
    expect(() => one.mode(zeros, { ...zeros }, zeros)).toThrow('choice: no alternative is allowed in row 0')
  })
})

describe('a box without chance', () => {
  it('has a mode, no density and no entropy', () => {
    const point = createDistribution([box], { boxes: 'squashedMean' })
    expect(point.outputs).toBe(2)
    const outputs = randomMatrix(createRandom(1), 1, 2)
    const [mode, sample, to] = [matrix(1, 2), matrix(1, 2), new Float32Array(1)]
    point.mode(outputs, mode)
    point.sample(outputs, createNoise(1).next(), { actions: sample })
    expectSameBits(sample.data, mode.data)
    point.entropy(outputs, to)
    expect(to[0]).toBe(0)
    expect(() => point.logProbability(outputs, { actions: mode }, to)).toThrow('a box without chance has no density')
  })
})

function matrix(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float32Array(rows * columns) }
}

function rowOf(data: ArrayLike<number>, row: number, columns: number): Float64Array {
  return Float64Array.from({ length: columns }, (_, c) => data[row * columns + c]!)
}

function perRow<T>({ rows, columns, data }: Matrix, f: (outputs: Float64Array, row: number) => T): T[] {
  return Array.from({ length: rows }, (_, row) => f(rowOf(data, row, columns), row))
}

/** Some columns of all rows but the first. */
function pick({ rows, columns, data }: Matrix, wanted: readonly number[]): Matrix {
  const kept = Array.from({ length: rows - 1 }, (_, r) => wanted.map(c => data[(r + 1) * columns + c]!)).flat()
  return { rows: rows - 1, columns: wanted.length, data: Float32Array.from(kept) }
}

function expectLegal(space: ActionSpace, { rows, columns, data }: Matrix): void {
  for (let row = 0; row < rows; row++) {
    let at = row * columns
    for (const part of space) {
      const numbers = Array.from(data.subarray(at, at + part.size))
      at += part.size
      if (part.kind === 'box') {
        for (const x of numbers) expect(x >= part.low && x <= part.high).toBe(true)
        continue
      }
      expect(numbers.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
      if (!part.soft) expect(numbers.filter(x => x === 0)).toHaveLength(part.size - 1)
    }
  }
}
