// Units of V against a slow reference: debiased running moments of whatever targets came, and PopArt, which keeps what a network says.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createValueNorm, withPopArt } from '../../src/learning/value-norm.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { copySaved } from '../../src/saved.ts'
import { expectClose } from '../support/matrices.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const numbers = fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 1, maxLength: 6 })
const rounds = fc.array(numbers, { minLength: 1, maxLength: 12 })
const decays = fc.constantFrom(0, 0.5, 0.99, 0.99999)
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** Weighted means over all rounds: round k of n counts decay^(n - k) times. */
function slowMoments(all: readonly (readonly number[])[], decay: number): { mean: number; deviation: number } {
  const weights = all.map((_, k) => decay ** (all.length - 1 - k))
  const sum = mean(weights) * weights.length
  const weighted = (of: (values: readonly number[]) => number) =>
    all.reduce((total, values, k) => total + weights[k]! * of(values), 0) / sum
  const middle = weighted(mean)
  const variance = weighted(values => mean(values.map(x => x * x))) - middle * middle
  return { mean: middle, deviation: Math.sqrt(Math.max(0.01, variance)) }
}

describe('running units', () => {
  it('are the weighted moments of all targets, in rounds that count less and less', () => {
    fc.assert(
      fc.property(rounds, decays, (all, decay) => {
        const norm = createValueNorm(decay)
        for (const targets of all) norm.take(targets)
        const expected = slowMoments(all, decay)
        // Squares of 300 less their mean: eleven digits are left of the variance.
        expectClose([norm.mean, norm.deviation], [expected.mean, expected.deviation], 1e-4)
      }),
    )
  })

  it('are those of rewards before the first targets, and go on where they were saved', () => {
    const norm = createValueNorm(0.9)
    expect([norm.mean, norm.deviation]).toEqual([0, 1])
    norm.take([])
    expect([norm.mean, norm.deviation]).toEqual([0, 1])
    norm.take([3, 5])
    const other = createValueNorm(0.9)
    other.restore(copySaved(norm.save()))
    for (const one of [norm, other]) one.take([7, -2])
    expect([other.mean, other.deviation]).toEqual([norm.mean, norm.deviation])
  })
})

describe('PopArt', () => {
  it('keeps what a network says in units of rewards, however targets move', () => {
    const network = backend.network(mlp(3, [5], 1, 'tanh'), createRandom(1))
    const input = { rows: 4, columns: 3, data: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)) }
    const drawn = Float32Array.from(network.parameters)
    fc.assert(
      fc.property(rounds, decays, (all, decay) => {
        network.parameters.set(drawn)
        const running = createValueNorm(decay)
        const norm = withPopArt(running, network)
        const said = () => Array.from(network.infer(input).data, x => norm.mean + norm.deviation * x)
        const before = said()
        for (const targets of all) norm.take(targets)
        expect(norm.mean).toBe(running.mean)
        expectClose(said(), before, 1e-3)
      }),
      { numRuns: 60 },
    )
  })
})
