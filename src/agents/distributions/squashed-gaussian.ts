// The squashed Gaussian of a box: a normal number per action, led into the bounds by tanh (Haarnoja et al. 2018).
// Plain loops: a box is a handful of numbers per row, and no measured hot path runs through here.

import { atanh, exp, log, log1p, tanh } from '../../elementary.ts'
import { noiseNormal } from '../../random.ts'
import { clamped, eachNumber, halfLogTwoPi, isClamped, normalBox, spreadAt } from './normal.ts'
import type { PartDistribution, Place } from './part.ts'

/** A box's bounds. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

/**
 * action = low + (high - low) (tanh(u) + 1) / 2, u = mean + exp(logDeviation) n, n standard normal. Its entropy is that of u, before
 * squashing. The density of an action counts u as drawn where that is given; else u is taken back from the action, and one at a bound,
 * where u would be infinite, counts as one 2^-24 of the half width inside of it: |u| stays below 8.7.
 */
export function squashedGaussian(place: Place, bounds: Bounds): PartDistribution {
  const { size } = place
  const halfWidth = (bounds.high - bounds.low) / 2
  return {
    // d action / du = half width (1 - tanh(u)^2): Haarnoja et al. 2018, appendix C.
    ...normalBox(place, {
      action: u => squashed(u, bounds),
      undo: action => unsquashed(action, bounds),
      logSlope: logTanhSlope,
      constant: log(halfWidth),
    }),
    path: {
      sample(outputs, noise, actions, slopes) {
        eachNumber(place, outputs, actions, (_, mean, action) => {
          const spread = spreadAt(outputs, mean, size, noise)
          const u = outputs.data[mean]! + spread
          const slope = halfWidth * exp(logTanhSlope(u))
          actions.data[action] = squashed(u, bounds)
          slopes.data[mean] = slope
          slopes.data[mean + size] = isClamped(outputs.data[mean + size]!) ? 0 : slope * spread
        })
      },
      gradient(slopes, gradient, to) {
        eachNumber(place, slopes, gradient, (_, mean, action) => {
          to.data[mean] = slopes.data[mean]! * gradient.data[action]!
          to.data[mean + size] = slopes.data[mean + size]! * gradient.data[action]!
        })
      },
      // n^2 / 2 + logDeviation + log(2 pi) / 2 + log(1 - tanh(u)^2): from the noise, not from the action, which no longer tells u apart
      // near a bound.
      surprisal(outputs, noise, to) {
        eachNumber(place, outputs, outputs, (row, mean) => {
          const logDeviation = clamped(outputs.data[mean + size]!)
          const n = noiseNormal(noise, mean, mean + size)
          const u = outputs.data[mean]! + exp(logDeviation) * n
          to[row]! += (n * n) / 2 + logDeviation + halfLogTwoPi + logTanhSlope(u)
        })
      },
      // With n fixed and u = mean + deviation n: -2 tanh(u) at a mean, 1 - 2 tanh(u) deviation n at a log deviation.
      surprisalGradient(outputs, noise, scale, to) {
        eachNumber(place, outputs, to, (row, mean) => {
          const spread = spreadAt(outputs, mean, size, noise)
          const slope = -2 * tanh(outputs.data[mean]! + spread)
          to.data[mean] = scale[row]! * slope
          to.data[mean + size] = isClamped(outputs.data[mean + size]!) ? 0 : scale[row]! * (1 + slope * spread)
        })
      },
    },
  }
}

/** A number led into the bounds; rounding must not carry it over one of them. */
export function squashed(u: number, { low, high }: Bounds): number {
  return Math.min(high, Math.max(low, low + ((high - low) * (tanh(u) + 1)) / 2))
}

/** log(1 - tanh(u)^2), without the cancellation at large |u|. */
export function logTanhSlope(u: number): number {
  const distance = Math.abs(u)
  return 2 * (Math.LN2 - distance - log1p(exp(-2 * distance)))
}

function unsquashed(action: number, { low, high }: Bounds): number {
  const inside = 1 - 2 ** -24
  return atanh(Math.min(inside, Math.max(-inside, (2 * (action - low)) / (high - low) - 1)))
}
