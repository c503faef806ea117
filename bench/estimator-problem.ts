// A choice whose best gradient is known, and what each estimator makes of it: how far off on average, how far scattered.
import { createHead, type HeadConfig } from '../src/agents/head.ts'
import type { Backend } from '../src/nn/backend.ts'
import { createNoise } from '../src/random.ts'

/** A value of a choice D among n alternatives, with its gradient anywhere on the simplex. */
export interface EstimatorProblem {
  readonly logits: readonly number[]
  value(action: ArrayLike<number>): number
  /** Writes d value / d action. */
  gradient(action: ArrayLike<number>, to: Float32Array): void
}

const logits = [0.4, -0.3, 0.2, -0.8]

/** value = a . D: the relaxed value at a mean is the mean value. */
export const linear: EstimatorProblem = problemOf(
  logits,
  [1, -0.5, 0.3, 2],
  x => x,
  () => 1,
)

/** value = (b . D - 0.5)^2: equal to a linear value at every one-hot, but with other gradients there. */
export const quadratic: EstimatorProblem = problemOf(
  logits,
  [1, -0.5, 0.3, 2],
  x => (x - 0.5) ** 2,
  x => 2 * (x - 0.5),
)

/** value = f(weights . D). */
export function problemOf(
  logits: readonly number[],
  weights: readonly number[],
  f: (x: number) => number,
  slope: (x: number) => number,
): EstimatorProblem {
  const dot = (action: ArrayLike<number>) => weights.reduce((sum, weight, j) => sum + weight * action[j]!, 0)
  return {
    logits,
    value: action => f(dot(action)),
    gradient(action, to) {
      const s = slope(dot(action))
      weights.forEach((weight, j) => {
        to[j] = s * weight
      })
    },
  }
}

/** d E[value(D)] / d logits, D drawn from softmax(logits), by enumeration: p_j (value_j - mean). */
export function exactGradient({ logits, value }: EstimatorProblem): number[] {
  const exps = logits.map(Math.exp)
  const total = exps.reduce((a, b) => a + b)
  const values = logits.map((_, chosen) => value(logits.map((_, j) => (j === chosen ? 1 : 0))))
  const mean = values.reduce((sum, v, j) => sum + (v * exps[j]!) / total, 0)
  return values.map((v, j) => (exps[j]! / total) * (v - mean))
}

export interface Estimates {
  /** Mean of the estimated gradients, per logit. */
  readonly mean: readonly number[]
  /** Their variance, per logit. */
  readonly variance: readonly number[]
  readonly count: number
}

/** Mean and variance of an estimator's gradient over so many samples. */
export function estimate(
  backend: Backend,
  { logits, gradient }: EstimatorProblem,
  config: HeadConfig,
  count: number,
  seed = 1,
): Estimates {
  const rows = 2048
  const size = logits.length
  const head = createHead(backend, [{ name: 'choice', kind: 'choice', size, soft: true }], config)
  const outputs = backend.matrix(rows, size)
  for (let i = 0; i < outputs.data.length; i++) outputs.data[i] = logits[i % size]!
  const actionGradient = backend.matrix(rows, size)
  const noise = createNoise(seed, 'estimates')
  const batches = Math.ceil(count / rows)
  const sums = new Float64Array(size)
  const squares = new Float64Array(size)
  for (let batch = 0; batch < batches; batch++) {
    const { data: actions } = head.sample(outputs, noise.next())
    for (let at = 0; at < actions.length; at += size) {
      gradient(actions.subarray(at, at + size), actionGradient.data.subarray(at, at + size))
    }
    const { data } = head.gradient(actionGradient)
    for (let i = 0; i < data.length; i++) {
      sums[i % size]! += data[i]!
      squares[i % size]! += data[i]! ** 2
    }
  }
  const all = batches * rows
  const mean = Array.from(sums, sum => sum / all)
  return { mean, variance: mean.map((m, j) => squares[j]! / all - m ** 2), count: all }
}

/** Bias and standard deviation of an estimator as parts of the exact gradient's length. */
export function relativeError(problem: EstimatorProblem, { mean, variance }: Estimates) {
  const exact = exactGradient(problem)
  const length = Math.hypot(...exact)
  return {
    bias: Math.hypot(...exact.map((g, j) => mean[j]! - g)) / length,
    deviation: Math.sqrt(variance.reduce((a, b) => a + b)) / length,
  }
}
