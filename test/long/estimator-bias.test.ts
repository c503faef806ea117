// Bias and variance of the estimators where the gradient is known by enumeration or by quadrature. Seeds are fixed; bounds are
// five standard errors and more.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type EstimatorProblem,
  estimate,
  exactGradient,
  linear,
  problemOf,
  quadratic,
  relativeError,
} from '../../bench/estimator-problem.ts'
import type { EstimatorKind } from '../../src/agents/estimators.ts'
import { createHead } from '../../src/agents/head.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise } from '../../src/random.ts'
import { estimates as count, expectGumbelRao, total } from '../support/gumbel-rao.ts'

describe('the gradient of a choice', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const of = (problem: EstimatorProblem, estimator: EstimatorKind, temperature = 1, estimatorSamples = 10, seed = 1) =>
    estimate(backend, problem, { estimator, temperature, estimatorSamples }, count, seed)
  const errors = (problem: EstimatorProblem, ...settings: [EstimatorKind, number?, number?]) =>
    relativeError(problem, of(problem, ...settings))

  it('is exactly that of enumeration', () => {
    // Two alternatives: p (1 - p) (v1 - v2) and its negative.
    const two = problemOf(
      [0.3, -0.5],
      [2, -1],
      x => x ** 2,
      x => 2 * x,
    )
    const p = 1 / (1 + Math.exp(-0.8))
    const expected = p * (1 - p) * (4 - 1)
    expect(exactGradient(two)[0]).toBeCloseTo(expected, 12)
    expect(exactGradient(two)[1]).toBeCloseTo(-expected, 12)
  })

  it.each([1, 0.5])('by soft samples has no bias towards the relaxed value (temperature %d)', temperature => {
    const f = (x: number) => (x - 0.5) ** 2
    const two = problemOf([0.3, -0.5], [2, -1], f, x => 2 * (x - 0.5))
    const { mean, variance, count: n } = of(two, 'soft', temperature)
    // The first of two numbers of the Gumbel-softmax is sigmoid((difference + L) / temperature), L standard logistic.
    const relaxed = (difference: number) =>
      quadrature(u => {
        const s = 1 / (1 + Math.exp(-(difference + Math.log(u / (1 - u))) / temperature))
        return f(2 * s - (1 - s))
      })
    const expected = (relaxed(0.8 + 1e-3) - relaxed(0.8 - 1e-3)) / 2e-3
    expect(Math.abs(mean[0]! - expected)).toBeLessThan(5 * Math.sqrt(variance[0]! / n))
    // It is another gradient than that of the discrete choice, and the test can tell them apart.
    expect(Math.abs(exactGradient(two)[0]! - expected)).toBeGreaterThan(10 * Math.sqrt(variance[0]! / n))
  })

  it('by straight-through is biased: little where the value is linear and the temperature low, else much', () => {
    const [warm, cold] = [errors(linear, 'straightThrough', 1), errors(linear, 'straightThrough', 0.1)]
    expect(warm.bias).toBeGreaterThan(0.2)
    expect(cold.bias).toBeLessThan(0.1)
    expect(cold.deviation).toBeGreaterThan(4 * warm.deviation)
    for (const kind of ['soft', 'straightThrough', 'gumbelRao', 'gapped'] as const) {
      expect(errors(quadratic, kind).bias).toBeGreaterThan(0.5)
    }
  })

  // Every problem at every temperature: test/long/estimator-variance.test.ts.
  it.each([
    ['linear', linear, 1],
    ['quadratic', quadratic, 0.5],
  ] as const)(
    'by Gumbel-Rao has the mean of straight-through with less variance, the less the more samples (%s)',
    (_, problem, temperature) => expectGumbelRao(backend, problem, temperature),
  )

  it('by the gapped estimator has no chance but that of the one-hot', () => {
    const head = (estimator: EstimatorKind) => createHead(backend, space, { temperature: 1, estimator })
    const space = [{ name: 'move', kind: 'choice', size: 4, soft: true }] as const
    const outputs = backend.matrix(500, 4)
    for (let i = 0; i < outputs.data.length; i++) outputs.data[i] = linear.logits[i % 4]!
    const ones = backend.matrix(500, 4)
    for (let i = 0; i < ones.data.length; i++) ones.data[i] = i % 4
    const gradientsByChoice = (estimator: EstimatorKind) => {
      const tested = head(estimator)
      const actions = Float32Array.from(tested.sample(outputs, createNoise(7).next()).data)
      const gradients = tested.gradient(ones).data
      const seen = [0, 1, 2, 3].map(() => new Set<string>())
      for (let at = 0; at < actions.length; at += 4) {
        seen[actions.subarray(at, at + 4).indexOf(1)]!.add(gradients.subarray(at, at + 4).join())
      }
      return seen.map(({ size }) => size)
    }
    expect(gradientsByChoice('gapped')).toEqual([1, 1, 1, 1])
    expect(Math.min(...gradientsByChoice('straightThrough'))).toBeGreaterThan(10)
    // Where values are linear that is less than half of straight-through's variance.
    expect(total(of(linear, 'gapped'))).toBeLessThan(0.5 * total(of(linear, 'straightThrough')))
  })

  it('by the gapped estimator vanishes as the temperature falls: the gap stays', () => {
    expect(errors(linear, 'gapped', 0.1).bias).toBeGreaterThan(0.9)
  })
})

/** The mean of f over (0, 1) by the midpoint rule. */
function quadrature(f: (u: number) => number): number {
  const points = 200_000
  let sum = 0
  for (let i = 0; i < points; i++) sum += f((i + 0.5) / points)
  return sum / points
}
