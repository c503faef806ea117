// What statistics are made from: the scores of one method, task by task, run by run; and their aggregates.

/**
 * Scores of one method, [tasks][runs]: one number per run (seed) of every task. Tasks may differ in their number of runs; each
 * has at least one. Scores of different tasks are on one scale (normalised), or there is one task.
 */
export type Scores = readonly (readonly number[])[]

/** A figure of some scores, or several at once. */
export type Aggregate = (scores: Scores) => number

/** The mean of all tasks' means (Agarwal et al. 2021, section 3). */
export function aggregateMean(scores: Scores): number {
  return mean(scores.map(mean))
}

/** The median of all tasks' means (Agarwal et al. 2021, section 3). */
export function aggregateMedian(scores: Scores): number {
  return quantile(Float64Array.from(scores.map(mean)).sort(), 0.5)
}

/**
 * The mean of the middle half of all runs of all tasks together (Agarwal et al. 2021, section 4.3): as trim_mean of scipy, which
 * drops floor(n / 4) on either side; so the interquartile mean of fewer than four runs is their mean.
 */
export function interquartileMean(scores: Scores): number {
  const sorted = Float64Array.from(scores.flat()).sort()
  const cut = Math.floor(sorted.length / 4)
  return mean(sorted.subarray(cut, sorted.length - cut))
}

/** How far runs fall short of `target` on average; what is above it does not make up for it (Agarwal et al. 2021, section 4.3). */
export function optimalityGap(scores: Scores, target = 1): number {
  return target - mean(scores.flat().map(score => Math.min(score, target)))
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** The value below which a share of sorted values lies, on the line between neighbours (numpy's default, type 7 of Hyndman and Fan 1996). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const part = at - below
  if (part === 0) return sorted[below]!
  // Rounding must not carry it past either neighbour: a higher share never gives a lower quantile.
  const between = sorted[below]! * (1 - part) + sorted[below + 1]! * part
  return Math.min(Math.max(between, sorted[below]!), sorted[below + 1]!)
}
