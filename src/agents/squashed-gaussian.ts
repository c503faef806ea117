// The squashed Gaussian of a box: a normal number per action, led into the bounds by tanh; samples, gradients, log-probability.
// Plain loops: a box is a handful of numbers per row, and no measured hot path runs through here.
import { type NoiseKey, noiseNormal } from '../random.ts'
import type { Matrix } from '../types.ts'

/**
 * Where a box stands: `size` means at the columns output ... of the network's outputs, `size` logarithms of standard deviations
 * right behind them, `size` actions at the columns action ... of an action row.
 */
export interface SquashedPart {
  readonly output: number
  readonly action: number
  readonly size: number
  readonly low: number
  readonly high: number
}

/** Log deviations are clamped to this range (as in Haarnoja et al. 2018); outside of it their gradient is zero. */
export const logDeviationRange = { low: -5, high: 2 } as const

/**
 * actions = low + (high - low) (tanh(u) + 1) / 2, u = mean + exp(logDeviation) n, n standard normal (reparameterised, as in soft
 * actor-critic: Haarnoja et al. 2018). `slopes`, shaped like the outputs, gets d action / d mean and d action / d logDeviation in
 * their columns. n is a function of the key and of the elements e = row * outputs.columns + column of mean and logDeviation alone:
 * n = sqrt(-2 log u1) cos(2 pi u2), u1 and u2 the noise of the two (Box and Muller 1958).
 */
export function sampleSquashed(outputs: Matrix, part: SquashedPart, noise: NoiseKey, actions: Matrix, slopes: Matrix) {
  const { size } = part
  const halfWidth = (part.high - part.low) / 2
  eachNumber(outputs.rows, part, outputs, actions, (_, mean, action) => {
    const deviation = Math.exp(clamped(outputs.data[mean + size]!))
    const spread = deviation * noiseNormal(noise, mean, mean + size)
    const u = outputs.data[mean]! + spread
    const slope = halfWidth * Math.exp(logTanhSlope(u))
    actions.data[action] = squashed(u, part)
    slopes.data[mean] = slope
    slopes.data[mean + size] = isClamped(outputs.data[mean + size]!) ? 0 : slope * spread
  })
}

/** actions = the means, squashed. */
export function greedySquashed(outputs: Matrix, part: SquashedPart, actions: Matrix): void {
  eachNumber(outputs.rows, part, outputs, actions, (_, mean, action) => {
    actions.data[action] = squashed(outputs.data[mean]!, part)
  })
}

/** to = the gradient at the outputs, from the gradient at the actions of the sample that the slopes belong to. */
export function squashedGradient(slopes: Matrix, part: SquashedPart, gradient: Matrix, to: Matrix): void {
  eachNumber(slopes.rows, part, slopes, gradient, (_, mean, action) => {
    to.data[mean] = slopes.data[mean]! * gradient.data[action]!
    to.data[mean + part.size] = slopes.data[mean + part.size]! * gradient.data[action]!
  })
}

/**
 * to[row] += log density of the row's actions, summed over the part's numbers, so that parts side by side add up to the whole:
 * -z^2 / 2 - logDeviation - log(2 pi) / 2 - log(1 - tanh(u)^2) - log((high - low) / 2), z = (u - mean) / deviation and u the action
 * before squashing (change of variables: Haarnoja et al. 2018, appendix C). An action at a bound, where u would be infinite, counts as
 * one 2^-24 of the half width inside of it: |u| stays below 8.7.
 */
export function squashedLogProbability(outputs: Matrix, part: SquashedPart, actions: Matrix, to: Float32Array): void {
  const constant = Math.log(2 * Math.PI) / 2 + Math.log((part.high - part.low) / 2)
  eachNumber(outputs.rows, part, outputs, actions, (row, mean, action) => {
    const u = unsquashed(actions.data[action]!, part)
    const logDeviation = clamped(outputs.data[mean + part.size]!)
    const z = (u - outputs.data[mean]!) * Math.exp(-logDeviation)
    to[row]! -= (z * z) / 2 + logDeviation + constant + logTanhSlope(u)
  })
}

/**
 * to[row, columns of the part] = scale[row] times the gradient of the log-probability at the outputs, the actions held fixed:
 * z / deviation at a mean, z^2 - 1 at a log deviation (0 where it is clamped).
 */
export function squashedLogProbabilityGradient(
  outputs: Matrix,
  part: SquashedPart,
  actions: Matrix,
  scale: ArrayLike<number>,
  to: Matrix,
): void {
  const { size } = part
  eachNumber(outputs.rows, part, outputs, actions, (row, mean, action) => {
    const precision = Math.exp(-clamped(outputs.data[mean + size]!))
    const z = (unsquashed(actions.data[action]!, part) - outputs.data[mean]!) * precision
    to.data[mean] = scale[row]! * z * precision
    to.data[mean + size] = isClamped(outputs.data[mean + size]!) ? 0 : scale[row]! * (z * z - 1)
  })
}

/**
 * to[row] += -log density of the sample that `sampleSquashed` draws with this key, the box taken as -1 ... 1: n^2 / 2 + logDeviation
 * + log(2 pi) / 2 + log(1 - tanh(u)^2), summed over the part's numbers. Its mean is the entropy. From the noise, not from the action,
 * which no longer tells u apart near a bound.
 */
export function squashedSurprisal(outputs: Matrix, part: SquashedPart, noise: NoiseKey, to: Float32Array): void {
  eachNumber(outputs.rows, part, outputs, outputs, (row, mean) => {
    const n = noiseNormal(noise, mean, mean + part.size)
    const logDeviation = clamped(outputs.data[mean + part.size]!)
    const u = outputs.data[mean]! + Math.exp(logDeviation) * n
    to[row]! += (n * n) / 2 + logDeviation + Math.log(2 * Math.PI) / 2 + logTanhSlope(u)
  })
}

/**
 * to[row, columns of the part] = scale[row] times the gradient of the surprisal at the outputs, along the path of the sample (n fixed,
 * u = mean + deviation n): -2 tanh(u) at a mean, 1 - 2 tanh(u) deviation n at a log deviation (0 where it is clamped).
 */
export function squashedSurprisalGradient(
  outputs: Matrix,
  part: SquashedPart,
  noise: NoiseKey,
  scale: ArrayLike<number>,
  to: Matrix,
): void {
  const { size } = part
  eachNumber(outputs.rows, part, outputs, outputs, (row, mean) => {
    const spread = Math.exp(clamped(outputs.data[mean + size]!)) * noiseNormal(noise, mean, mean + size)
    const slope = -2 * Math.tanh(outputs.data[mean]! + spread)
    to.data[mean] = scale[row]! * slope
    to.data[mean + size] = isClamped(outputs.data[mean + size]!) ? 0 : scale[row]! * (1 + slope * spread)
  })
}

/** Visits every number of a part: its row, and the indices of its mean and of its action. */
function eachNumber(
  rows: number,
  { output, action, size }: SquashedPart,
  outputs: Matrix,
  actions: Matrix,
  visit: (row: number, mean: number, action: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < size; i++) visit(row, row * outputs.columns + output + i, row * actions.columns + action + i)
  }
}

function clamped(logDeviation: number): number {
  return Math.min(logDeviationRange.high, Math.max(logDeviationRange.low, logDeviation))
}

function isClamped(logDeviation: number): boolean {
  return logDeviation < logDeviationRange.low || logDeviation > logDeviationRange.high
}

/** Rounding must not carry an action over a bound. */
function squashed(u: number, { low, high }: SquashedPart): number {
  return Math.min(high, Math.max(low, low + ((high - low) * (Math.tanh(u) + 1)) / 2))
}

function unsquashed(action: number, { low, high }: SquashedPart): number {
  const inside = 1 - 2 ** -24
  return Math.atanh(Math.min(inside, Math.max(-inside, (2 * (action - low)) / (high - low) - 1)))
}

/** log(1 - tanh(u)^2), without the cancellation at large |u|. */
export function logTanhSlope(u: number): number {
  const distance = Math.abs(u)
  return 2 * (Math.LN2 - distance - Math.log1p(Math.exp(-2 * distance)))
}
