// Independent normal numbers: what the boxes share whose outputs are means, then logarithms of standard deviations.

import { exp, log, square } from '../../elementary.ts'
import { type NoiseKey, noiseNormal } from '../../random.ts'
import type { Matrix } from '../../types.ts'
import type { PartDistribution, Place, Taken } from './part.ts'

/** Log deviations are clamped to this range (as in Haarnoja et al. 2018); outside of it their gradient is zero. */
export const logDeviationRange = { low: -5, high: 2 } as const

/** log(2 pi) / 2 */
export const halfLogTwoPi = log(2 * Math.PI) / 2

/** Of the numbers before they become actions; squashing two alike does not change how far they are from each other. */
export function normal(
  place: Place,
): Pick<
  PartDistribution,
  'entropy' | 'entropyGradient' | 'divergence' | 'divergenceGradient' | 'divergenceGradientOfFirst' | 'fisher'
> {
  const { size } = place
  const constant = log(2 * Math.PI * Math.E) / 2
  return {
    // The differential entropy, sum of logDeviation + log(2 pi e) / 2.
    entropy(outputs, to) {
      eachNumber(place, outputs, outputs, (row, mean) => {
        to[row]! += clamped(outputs.data[mean + size]!) + constant
      })
    },
    // 0 at means, 1 at log deviations.
    entropyGradient(outputs, scale, to) {
      eachNumber(place, outputs, to, (row, mean) => {
        to.data[mean] = 0
        to.data[mean + size] = isClamped(outputs.data[mean + size]!) ? 0 : scale[row]!
      })
    },
    // log(sigma_b / sigma_a) + (sigma_a^2 + (mu_a - mu_b)^2) / (2 sigma_b^2) - 1/2
    divergence(a, b, to) {
      eachNumber(place, a, a, (row, mean) => {
        const other = mean + row * (b.columns - a.columns)
        const logA = clamped(a.data[mean + size]!)
        const logB = clamped(b.data[other + size]!)
        const squares = exp(2 * logA) + square(a.data[mean]! - b.data[other]!)
        to[row]! += logB - logA + squares / (2 * exp(2 * logB)) - 0.5
      })
    },
    // (mu_b - mu_a) / sigma_b^2 at means, 1 - (sigma_a^2 + (mu_a - mu_b)^2) / sigma_b^2 at log deviations.
    divergenceGradient(a, b, scale, to) {
      eachNumber(place, a, a, (row, mean) => {
        const other = mean + row * (b.columns - a.columns)
        const precision = exp(-2 * clamped(b.data[other + size]!))
        const distance = b.data[other]! - a.data[mean]!
        const squares = exp(2 * clamped(a.data[mean + size]!)) + square(distance)
        to.data[other] = scale[row]! * distance * precision
        to.data[other + size] = isClamped(b.data[other + size]!) ? 0 : scale[row]! * (1 - squares * precision)
      })
    },
    // (mu_a - mu_b) / sigma_b^2 at means, sigma_a^2 / sigma_b^2 - 1 at log deviations.
    divergenceGradientOfFirst(a, b, scale, to) {
      eachNumber(place, a, a, (row, mean) => {
        const other = mean + row * (b.columns - a.columns)
        const logA = a.data[mean + size]!
        const precision = exp(-2 * clamped(b.data[other + size]!))
        to.data[mean] = scale[row]! * (a.data[mean]! - b.data[other]!) * precision
        to.data[mean + size] = isClamped(logA) ? 0 : scale[row]! * (exp(2 * clamped(logA)) * precision - 1)
      })
    },
    // 1 / sigma^2 at means, 2 at log deviations.
    fisher(outputs, tangent, to) {
      eachNumber(place, outputs, to, (_, mean) => {
        const logDeviation = outputs.data[mean + size]!
        to.data[mean] = tangent.data[mean]! * exp(-2 * clamped(logDeviation))
        to.data[mean + size] = isClamped(logDeviation) ? 0 : 2 * tangent.data[mean + size]!
      })
    },
  }
}

/** A number before it became an action: as it was drawn where that is given, else taken back from the action by `undo`. */
export function drawnIn(
  { actions, drawn }: Taken,
  action: number,
  row: number,
  undo: (action: number) => number,
): number {
  if (drawn === undefined) return undo(actions.data[action]!)
  return drawn.data[action + row * (drawn.columns - actions.columns)]!
}

/** Keeps what was drawn of the number at an index of the actions, where somebody wants it. */
export function keepDrawn({ actions, drawn }: Taken, action: number, row: number, value: number): void {
  if (drawn !== undefined) drawn.data[action + row * (drawn.columns - actions.columns)] = value
}

/** The gradient of the log-probability: z / deviation at a mean, z^2 - 1 at a log deviation, z = (what was drawn - mean) / deviation. */
export function scoreOfNormal(
  place: Place,
  undo: (action: number) => number,
): PartDistribution['logProbabilityGradient'] {
  const { size } = place
  return (outputs, taken, scale, to) =>
    eachNumber(place, outputs, taken.actions, (row, mean, action) => {
      const precision = exp(-clamped(outputs.data[mean + size]!))
      const z = (drawnIn(taken, action, row, undo) - outputs.data[mean]!) * precision
      to.data[mean] = scale[row]! * z * precision
      to.data[mean + size] = isClamped(outputs.data[mean + size]!) ? 0 : scale[row]! * (z * z - 1)
    })
}

/** Visits every number of a box: its row, and the indices of its mean and in an action row. */
export function eachNumber(
  { output, action, size }: Place,
  outputs: Matrix,
  actions: Pick<Matrix, 'columns'>,
  visit: (row: number, mean: number, action: number) => void,
): void {
  for (let row = 0; row < outputs.rows; row++) {
    for (let i = 0; i < size; i++) visit(row, row * outputs.columns + output + i, row * actions.columns + action + i)
  }
}

/** deviation n of the number whose mean stands at an index, n standard normal: a function of the key and of the two elements alone. */
export function spreadAt(outputs: Matrix, mean: number, size: number, noise: NoiseKey): number {
  return exp(clamped(outputs.data[mean + size]!)) * noiseNormal(noise, mean, mean + size)
}

export function clamped(logDeviation: number): number {
  return Math.min(logDeviationRange.high, Math.max(logDeviationRange.low, logDeviation))
}

export function isClamped(logDeviation: number): boolean {
  return logDeviation < logDeviationRange.low || logDeviation > logDeviationRange.high
}

/** How a normal number u becomes an action. */
export interface Lead {
  /** The action of u. */
  action(u: number): number
  /** u, taken back from an action. */
  undo(action: number): number
  /** log |d action / du|, less `constant`: what the density of an action is divided by. */
  logSlope(u: number): number
  readonly constant: number
}

/** A box whose actions are led from normal numbers: all but the gradients along a sample's path. */
export function normalBox(place: Place, { action: lead, undo, logSlope, constant }: Lead): PartDistribution {
  const { size } = place
  const mode = (outputs: Matrix, to: Matrix) =>
    eachNumber(place, outputs, to, (_, mean, action) => {
      to.data[action] = lead(outputs.data[mean]!)
    })
  return {
    kind: 'box',
    place,
    outputs: 2 * size,
    needsDrawn: true,
    ...normal(place),
    mode,
    mean: mode,
    sample(outputs, noise, to) {
      eachNumber(place, outputs, to.actions, (row, mean, action) => {
        const u = outputs.data[mean]! + spreadAt(outputs, mean, size, noise)
        to.actions.data[action] = lead(u)
        keepDrawn(to, action, row, u)
      })
    },
    // -z^2 / 2 - logDeviation - log(2 pi) / 2 - log |d action / du|, z = (u - mean) / deviation (change of variables).
    logProbability(outputs, taken, to) {
      eachNumber(place, outputs, taken.actions, (row, mean, action) => {
        const u = drawnIn(taken, action, row, undo)
        const logDeviation = clamped(outputs.data[mean + size]!)
        const z = (u - outputs.data[mean]!) * exp(-logDeviation)
        to[row]! -= (z * z) / 2 + logDeviation + (halfLogTwoPi + constant) + logSlope(u)
      })
    },
    logProbabilityGradient: scoreOfNormal(place, undo),
  }
}
