// Distributions under random masks: each is the distribution of the smaller space, in which what is forbidden does not exist.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDistribution, type Distribution, type Taken } from '../../src/agents/distribution.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { expectClose, expectSameBits, randomMatrix } from '../support/matrices.ts'
import { plainDistribution } from '../support/plain-distributions.ts'
import { randomMask } from '../support/plain-masks.ts'

const part = fc.oneof(
  fc.record({
    name: fc.constant('say'),
    kind: fc.constant('choice' as const),
    size: fc.integer({ min: 1, max: 6 }),
    soft: fc.boolean(),
  }),
  fc.record({
    name: fc.constant('push'),
    kind: fc.constant('box' as const),
    size: fc.integer({ min: 1, max: 2 }),
    low: fc.constant(-1),
    high: fc.constant(3),
  }),
)
const spaces: fc.Arbitrary<ActionSpace> = fc.array(part, { minLength: 1, maxLength: 4 })
const config = { temperature: 0.7 }

/** One row under a mask, and the same in the space without what is forbidden: its distribution, and the columns that it keeps. */
function problemOf(space: ActionSpace, seed: number) {
  const random = createRandom(seed)
  const wide = createDistribution(space, config)
  const mask = randomMask(random, 1, space)
  const outputs: number[] = []
  const actions: number[] = []
  let [output, action] = [0, 0]
  const narrowSpace = space.map(part => {
    const indices = Array.from({ length: part.size }, (_, c) => c)
    if (part.kind === 'box') {
      outputs.push(...Array.from({ length: 2 * part.size }, (_, c) => output + c))
      actions.push(...indices.map(c => action + c))
      output += 2 * part.size
      action += part.size
      return part
    }
    const kept = indices.filter(c => mask.data[action + c] === 1)
    outputs.push(...kept.map(c => output + c))
    actions.push(...kept.map(c => action + c))
    output += part.size
    action += part.size
    return { ...part, size: kept.length }
  })
  const a = randomMatrix(random, 1, wide.outputs, 2)
  const b = randomMatrix(random, 1, wide.outputs, 2)
  const taken = { actions: empty(wide.actions), drawn: empty(wide.actions) }
  wide.sample(a, createNoise(seed).next(), taken, mask)
  const narrow = createDistribution(narrowSpace, config)
  return { wide, narrow, narrowSpace, mask, outputs, actions, a, b, taken }
}

describe('an evaluation', () => {
  it('has the bits of the methods one by one, also where an agent was absent', () => {
    fc.assert(
      fc.property(spaces, fc.nat(), fc.boolean(), fc.boolean(), (space, seed, isMasked, hasEntropy) => {
        const random = createRandom(seed)
        const distribution = createDistribution(space, config)
        const rows = 5
        const mask = isMasked ? randomMask(random, rows, space) : undefined
        const outputs = randomMatrix(random, rows, distribution.outputs, 2)
        const matrix = (columns: number) => ({ rows, columns, data: new Float32Array(rows * columns) })
        const taken = { actions: matrix(distribution.actions), drawn: matrix(distribution.actions) }
        distribution.sample(outputs, createNoise(seed).next(), taken, mask)
        if (space.every(({ kind }) => kind === 'choice')) taken.actions.data.fill(0, 0, distribution.actions)
        const got = { logProbability: new Float32Array(rows).fill(7), entropy: new Float32Array(rows).fill(7) }
        const gradient = distribution.evaluate(outputs, taken, got, mask)
        const [logProbability, entropy] = [new Float32Array(rows), new Float32Array(rows)]
        distribution.logProbability(outputs, taken, logProbability, mask)
        distribution.entropy(outputs, entropy, mask)
        expectSameBits(got.logProbability, logProbability)
        expectSameBits(got.entropy, entropy)
        const scale = Float64Array.from({ length: rows }, () => random.between(-2, 2))
        const entropyScale = hasEntropy ? scale.map(() => random.between(-2, 2)) : null
        const [all, first, second] = [1, 2, 3].map(() => matrix(distribution.outputs)) as [Matrix, Matrix, Matrix]
        gradient(scale, entropyScale, all)
        distribution.logProbabilityGradient(outputs, taken, scale, first, mask)
        if (entropyScale !== null) {
          distribution.entropyGradient(outputs, entropyScale, second, mask)
          first.data.forEach((x, i) => {
            first.data[i] = x + second.data[i]!
          })
        }
        expect(all.data.every((x, i) => x === first.data[i])).toBe(true)
      }),
    )
  })
})

describe('a mask of any space', () => {
  const check = (
    value: (d: Distribution, a: Matrix, b: Matrix, taken: Taken, to: Float32Array, mask?: Matrix) => void,
    gradient: (d: Distribution, a: Matrix, b: Matrix, taken: Taken, to: Matrix, mask?: Matrix) => void,
    plain: (p: ReturnType<typeof plainDistribution>, x: ArrayLike<number>, row: Rows) => number,
    at: 'a' | 'b' = 'a',
  ) =>
    fc.assert(
      fc.property(spaces, fc.nat(), (space, seed) => {
        const { wide, narrow, narrowSpace, mask, outputs, actions, a, b, taken } = problemOf(space, seed)
        const [smallA, smallB] = [pick(a, outputs), pick(b, outputs)]
        const smallTaken = { actions: pick(taken.actions, actions), drawn: pick(taken.drawn, actions) }
        const [got, expected] = [new Float32Array(1), new Float32Array(1)]
        value(wide, a, b, taken, got, mask)
        value(narrow, smallA, smallB, smallTaken, expected)
        expectClose(got, expected, 1e-5)
        const [wideGradient, narrowGradient] = [empty(wide.outputs), empty(narrow.outputs)]
        gradient(wide, a, b, taken, wideGradient, mask)
        gradient(narrow, smallA, smallB, smallTaken, narrowGradient)
        expectClose(pick(wideGradient, outputs).data, narrowGradient.data, 1e-5)
        wideGradient.data.forEach((g, i) => void (outputs.includes(i) || expect(g + 0).toBe(0)))
        const reference = plainDistribution(narrowSpace, config)
        const rows = { a: smallA.data, b: smallB.data, actions: smallTaken.actions.data, drawn: smallTaken.drawn.data }
        const differences = centralDifferences(x => plain(reference, x, rows), rows[at])
        // A soft sample near the boundary of the simplex, where float32 holds few of its digits, is no judge.
        if (rows.actions.every(x => x === 1 || Math.abs(x) > 1e-3)) {
          expectClose(narrowGradient.data, differences, 2e-3)
        }
      }),
      { numRuns: 150 },
    )

  it('has the log-probability of the smaller space, and its gradient', () => {
    check(
      (d, a, _, taken, to, mask) => d.logProbability(a, taken, to, mask),
      (d, a, _, taken, to, mask) => d.logProbabilityGradient(a, taken, [1], to, mask),
      (p, x, { actions, drawn }) => p.logProbability(x, actions, drawn),
    )
  })

  it('has the entropy of the smaller space, and its gradient', () => {
    check(
      (d, a, _, __, to, mask) => d.entropy(a, to, mask),
      (d, a, _, __, to, mask) => d.entropyGradient(a, [1], to, mask),
      (p, x) => p.entropy(x),
    )
  })

  it('has the divergence of the smaller space, and its gradient', () => {
    check(
      (d, a, b, _, to, mask) => d.divergence(a, b, to, mask),
      (d, a, b, _, to, mask) => d.divergenceGradient(a, b, [1], to, mask),
      (p, x, { a }) => p.divergence(a, x),
      'b',
    )
  })

  it('draws nothing that is forbidden, and gives it probability exactly 0', () => {
    fc.assert(
      fc.property(spaces, fc.nat(), (space, seed) => {
        const { wide, mask, actions, a, taken } = problemOf(space, seed)
        const [mode, mean] = [empty(wide.actions), empty(wide.actions)]
        wide.mode(a, mode, mask)
        wide.mean(a, mean, mask)
        for (const { data } of [taken.actions, mode, mean]) {
          data.forEach((x, i) => void (actions.includes(i) || expect(x).toBe(0)))
        }
        expect(mask.data).toHaveLength(wide.actions)
      }),
    )
  })

  it('gives the same bits as none where it allows everything', () => {
    fc.assert(
      fc.property(spaces, fc.nat(), (space, seed) => {
        const { wide, a, b } = problemOf(space, seed)
        const all = { rows: 1, columns: wide.actions, data: new Float32Array(wide.actions).fill(1) }
        const everything = (mask?: Matrix) => {
          const taken = { actions: empty(wide.actions), drawn: empty(wide.actions) }
          wide.sample(a, createNoise(seed).next(), taken, mask)
          const numbers = new Float32Array(3)
          wide.logProbability(a, taken, numbers.subarray(0, 1), mask)
          wide.entropy(a, numbers.subarray(1, 2), mask)
          wide.divergence(a, b, numbers.subarray(2, 3), mask)
          const gradients = Array.from({ length: 4 }, () => empty(wide.outputs))
          wide.logProbabilityGradient(a, taken, [2], gradients[0]!, mask)
          wide.entropyGradient(a, [2], gradients[1]!, mask)
          wide.divergenceGradient(a, b, [2], gradients[2]!, mask)
          wide.fisher(a, b, gradients[3]!, mask)
          return [taken.actions.data, taken.drawn.data, numbers, ...gradients.map(({ data }) => data)]
        }
        const without = everything()
        everything(all).forEach((data, i) => void expectSameBits(data, without[i]!))
      }),
    )
  })
})

interface Rows {
  readonly a: ArrayLike<number>
  readonly b: ArrayLike<number>
  readonly actions: ArrayLike<number>
  readonly drawn: ArrayLike<number>
}

function empty(columns: number): Matrix {
  return { rows: 1, columns, data: new Float32Array(columns) }
}

function pick({ data }: Matrix, columns: readonly number[]): Matrix {
  return { rows: 1, columns: columns.length, data: Float32Array.from(columns, c => data[c]!) }
}
