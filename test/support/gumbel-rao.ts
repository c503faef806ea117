// What Gumbel-Rao promises beside straight-through: the same mean, and less variance the more samples.
import { expect } from 'vitest'
import { type Estimates, type EstimatorProblem, estimate } from '../../bench/estimator-problem.ts'
import type { EstimatorKind } from '../../src/agents/estimators.ts'
import type { Backend } from '../../src/nn/backend.ts'

/** Gradients that means and variances are taken from. */
export const estimates = 40_000

export function expectGumbelRao(backend: Backend, problem: EstimatorProblem, temperature: number): void {
  const of = (estimator: EstimatorKind, estimatorSamples: number, seed: number) =>
    estimate(backend, problem, { estimator, temperature, estimatorSamples }, estimates, seed)
  const straight = of('straightThrough', 10, 1)
  const [one, ten, forty] = [1, 10, 40].map(samples => of('gumbelRao', samples, 2))
  for (const rao of [one!, ten!, forty!]) expectSameMean(rao, straight)
  // One sample is straight-through itself, drawn in two steps.
  expect(total(one!) / total(straight)).toBeGreaterThan(0.95)
  expect(total(one!) / total(straight)).toBeLessThan(1.05)
  expect(total(ten!)).toBeLessThan(0.9 * total(straight))
  expect(total(forty!)).toBeLessThan(total(ten!))
}

/** Variance of all numbers of a gradient together. */
export function total({ variance }: Estimates): number {
  return variance.reduce((a, b) => a + b)
}

function expectSameMean(a: Estimates, b: Estimates): void {
  a.mean.forEach((mean, j) => {
    const standardError = Math.sqrt(a.variance[j]! / a.count + b.variance[j]! / b.count)
    expect(Math.abs(mean - b.mean[j]!)).toBeLessThan(5 * standardError)
  })
}
