// Stein's directions: particles that climb together and keep apart, so that they come to be samples of a posterior (Liu and Wang 2016).
import { exp, log } from '../elementary.ts'

export interface SteinConfig {
  /** alpha, what being unlike others is worth, in the units of what is climbed; above 0. */
  readonly temperature: number
  /** Deviation of a Gaussian prior around 0; null: a flat one. */
  readonly priorDeviation: number | null
}

export interface SteinDirections {
  /** Per particle, where it goes. */
  readonly directions: readonly Float64Array[]
  /** The mean kernel between different particles: 1, they are equal; 0, far apart. */
  readonly similarity: number
}

/**
 * phi_i = 1/n sum_j [k(j, i) (g_j + alpha grad log prior(theta_j)) + alpha grad_j k(j, i)], alpha times that of Liu et al. 2017, equation 8:
 * samples of the density prior(theta) exp(J(theta) / alpha). k = exp(-|theta_j - theta_i|^2 / h), h = median of all |theta_j - theta_i|^2 /
 * log(n + 1), as in the code of Liu and Wang 2016.
 */
export function steinDirections(
  particles: readonly Float64Array[],
  gradients: readonly Float64Array[],
  { temperature, priorDeviation }: SteinConfig,
): SteinDirections {
  const count = particles.length
  const distances = particles.map(a => particles.map(b => squaredDistance(a, b)))
  const median = medianOf(distances.flat())
  // Of particles that are all equal, and of one alone, the kernel is 1 whatever its width.
  const width = median > 0 ? median / log(count + 1) : 1
  const precision = priorDeviation === null ? 0 : 1 / (priorDeviation * priorDeviation)
  let similar = 0
  const directions = particles.map((own, i) => {
    const direction = new Float64Array(own.length)
    particles.forEach((other, j) => {
      const kernel = exp(-distances[i]![j]! / width)
      if (i !== j) similar += kernel
      const gradient = gradients[j]!
      const away = (2 * temperature) / width
      for (let p = 0; p < own.length; p++) {
        const driven = gradient[p]! - temperature * precision * other[p]!
        direction[p]! += (kernel / count) * (driven + away * (own[p]! - other[p]!))
      }
    })
    return direction
  })
  return { directions, similarity: count > 1 ? similar / (count * (count - 1)) : 1 }
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let p = 0; p < a.length; p++) sum += (a[p]! - b[p]!) * (a[p]! - b[p]!)
  return sum
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!
}
