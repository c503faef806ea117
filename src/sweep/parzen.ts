// Parzen estimators on one dimension: a density from observed places, to be drawn from and to be asked.

import { cos, exp, log, square } from '../elementary.ts'
import type { Random } from '../random.ts'
import type { Dimension } from './dimension.ts'

export interface Density {
  draw(random: Random): number
  /** The logarithm of the density at a place; of a choice, of its probability. */
  logAt(place: number): number
}

/** The estimator that fits a dimension. */
export function parzenOf({ kind, size }: Pick<Dimension, 'kind' | 'size'>, places: readonly number[]): Density {
  return kind === 'choice' ? weighedChoice(size, places) : mixtureOfNormals(places)
}

/** Counts, and one more of each value: what was never seen stays possible (Bergstra et al. 2011, section 4.1). */
function weighedChoice(size: number, places: readonly number[]): Density {
  const counts = new Array<number>(size).fill(1)
  const valueAt = (place: number) => Math.min(size - 1, Math.floor(place * size))
  for (const place of places) counts[valueAt(place)]!++
  const total = places.length + size
  return {
    draw(random) {
      let left = random.uniform() * total
      const value = counts.findIndex(count => (left -= count) < 0)
      return ((value < 0 ? size - 1 : value) + 0.5) / size
    },
    logAt: place => log(counts[valueAt(place)]! / total),
  }
}

/**
 * The adaptive Parzen estimator (Bergstra et al. 2011, section 4.2): an equal mixture of a wide normal over the whole range and of one
 * normal per observation, as wide as the larger gap to its neighbours; all cut off at 0 and 1.
 */
function mixtureOfNormals(places: readonly number[]): Density {
  const sorted = [0.5, ...places].sort((a, b) => a - b)
  const prior = sorted.indexOf(0.5)
  // The more observations, the narrower they may be.
  const narrowest = 1 / Math.min(100, sorted.length + 1)
  const normals = sorted.map((mean, i) => {
    const gap = Math.max(mean - (sorted[i - 1] ?? 0), (sorted[i + 1] ?? 1) - mean)
    const deviation = i === prior ? 1 : Math.min(1, Math.max(narrowest, gap))
    return { mean, deviation, inside: normalBelow((1 - mean) / deviation) - normalBelow(-mean / deviation) }
  })
  return {
    draw(random) {
      const { mean, deviation } = normals[random.integer(normals.length)]!
      for (;;) {
        const place = mean + deviation * normalFrom(random)
        if (place >= 0 && place < 1) return place
      }
    },
    logAt(place) {
      let density = 0
      for (const { mean, deviation, inside } of normals) {
        density += exp(-0.5 * square((place - mean) / deviation)) / (deviation * inside)
      }
      return log(density / (normals.length * Math.sqrt(2 * Math.PI)))
    },
  }
}

/** A standard normal number (Box and Muller 1958). */
function normalFrom(random: Random): number {
  return Math.sqrt(-2 * log(1 - random.uniform())) * cos(2 * Math.PI * random.uniform())
}

/** The standard normal distribution function to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26). */
export function normalBelow(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * z)
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const upper = 0.5 * series * exp(-z * z)
  return x < 0 ? upper : 1 - upper
}
