// The surrogate's slope at the ratio, case by case, and its gradient at the outputs of a policy against finite differences.
import { describe, expect, it } from 'vitest'
import { createDistribution } from '../../src/agents/distribution.ts'
import { surrogateOf } from '../../src/policy-gradient/surrogate.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { Rows } from '../../src/rollout/rows.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { expectClose, randomMatrix } from '../support/matrices.ts'

/** Rows by themselves, in which the agent was there or not. */
const rowsWith = (present: readonly number[]): Pick<Rows, 'trajectory' | 'indices' | 'count'> => ({
  trajectory: { present: Uint8Array.from(present) } as unknown as Rows['trajectory'],
  indices: Uint32Array.from(present.keys()),
  count: present.reduce((a, b) => a + b, 0),
})

describe('the slope at the ratio', () => {
  it.each([
    [1, 1.3, 0],
    [1, 1.1, 1],
    [1, 0.5, 1],
    [-1, 0.79, 0],
    [-1, 0.81, -1],
    [-1, 1.3, -1],
    [2, 1, 2],
  ])('of advantage %d at ratio %d is %d', (advantage, ratio, slope) => {
    const { weights } = surrogateOf([Math.log(ratio)], [0], [advantage], rowsWith([1]), 0.2)
    // The weight of log pi is the ratio times the slope.
    expectClose([weights[0]! / ratio], [slope], 1e-12)
    const unclipped = surrogateOf([Math.log(ratio)], [0], [advantage], rowsWith([1]), null)
    expectClose([unclipped.weights[0]! / ratio], [advantage], 1e-12)
  })
})

it('says the means over those who were there', () => {
  const log = [0, Math.log(1.5), Math.log(0.5), 40]
  const { figures, weights } = surrogateOf(log, [0, 0, 0, 0], [1, 1, -1, 7], rowsWith([1, 1, 1, 0]), 0.2)
  expectClose([figures.policyLoss!], [-(1 + 1.2 - 0.8) / 3], 1e-12)
  expectClose([figures.clipFraction!], [2 / 3], 1e-12)
  expectClose([figures.approximateKl!], [(0.5 - Math.log(1.5) + (-0.5 - Math.log(0.5))) / 3], 1e-12)
  expect([...weights]).toEqual([1, 0, 0, 0])
  // However far the policies are apart, everything is finite.
  const far = surrogateOf([-1e4, 1e4], [0, 0], [1, -1], rowsWith([1, 1]), 0.2)
  expect([...far.weights, ...Object.values(far.figures)].every(Number.isFinite)).toBe(true)
})

const choice: ActionSpace = [{ name: 'move', kind: 'choice', size: 4, soft: false }]
const box: ActionSpace = [{ name: 'push', kind: 'box', size: 2, low: -1, high: 3 }]

describe.each([
  ['a choice', choice, false],
  ['a choice under a mask', choice, true],
  ['a choice and a box under a mask', [...choice, ...box], true],
] as const)('the gradient at the outputs: %s', (_, space, isMasked) => {
  const distribution = createDistribution([...space])
  const rows = 12
  const random = createRandom(6)
  const now = randomMatrix(random, rows, distribution.outputs)
  const before = randomMatrix(random, rows, distribution.outputs)
  const empty = (): Matrix => ({
    rows,
    columns: distribution.actions,
    data: new Float32Array(rows * distribution.actions),
  })
  const mask = empty()
  mask.data.fill(1)
  if (isMasked) for (let row = 0; row < rows; row++) mask.data[row * distribution.actions + (row % 4)] = 0
  const taken = { actions: empty(), drawn: empty() }
  distribution.sample(before, createNoise(3).next(), taken, mask)
  const advantages = Array.from({ length: rows }, (_, i) => [1.3, -0.7, 0.4, -2][i % 4]!)
  const present = Array.from({ length: rows }, (_, i) => Number(i !== 5))
  const logsOf = (outputs: Matrix) => {
    const to = new Float32Array(rows)
    distribution.logProbability(outputs, taken, to, mask)
    return to
  }
  const old = logsOf(before)

  it('is that of -mean min(r A, clip(r) A)', () => {
    const of = (outputs: Matrix) => surrogateOf(logsOf(outputs), old, advantages, rowsWith(present), 0.2)
    const { weights } = of(now)
    const gradient = { ...now, data: new Float32Array(now.data.length) }
    const scale = Array.from(weights, w => -w / 11)
    distribution.logProbabilityGradient(now, taken, scale, gradient, mask)
    // Single precision: steps of 1e-2 and the middle of what they say.
    const slopes = centralDifferences(
      x => of({ ...now, data: Float32Array.from(x) }).figures.policyLoss!,
      now.data,
      3e-3,
    )
    expectClose(gradient.data, slopes, 3e-3)
    expect(weights.some(w => w === 0) && weights.some(w => w !== 0)).toBe(true)
  })

  it.each(['first', 'second'] as const)('is that of the divergence, of the %s', which => {
    const divergences = (a: Matrix, b: Matrix) => {
      const to = new Float32Array(rows)
      distribution.divergence(a, b, to, mask)
      return to.reduce((x, y) => x + y)
    }
    const moved = which === 'first' ? now : before
    const gradient = { ...moved, data: new Float32Array(moved.data.length) }
    const ones = new Float32Array(rows).fill(1)
    if (which === 'first') distribution.divergenceGradientOfFirst(now, before, ones, gradient, mask)
    else distribution.divergenceGradient(now, before, ones, gradient, mask)
    const slopes = centralDifferences(
      x => {
        const other = { ...moved, data: Float32Array.from(x) }
        return which === 'first' ? divergences(other, before) : divergences(now, other)
      },
      moved.data,
      3e-3,
    )
    expectClose(gradient.data, slopes, 2e-2)
  })
})
