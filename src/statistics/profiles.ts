// Performance profiles: which share of the runs scores above a threshold, for every threshold.
import { type BootstrapOptions, type Interval, intervals } from './bootstrap.ts'
import type { Scores } from './scores.ts'

/**
 * The share of runs above each of some thresholds with pointwise intervals: the run-score distribution (Agarwal et al. 2021,
 * section 4.2). Each task weighs the same, however many runs it has.
 */
export function performanceProfile(
  scores: Scores,
  thresholds: readonly number[],
  options: BootstrapOptions,
): Interval[] {
  return intervals(
    [scores],
    thresholds.length,
    ([drawn], row) => {
      thresholds.forEach((threshold, i) => {
        row[i] = shareAbove(drawn!, threshold)
      })
    },
    options,
  )
}

/** Mean over the tasks of the share of runs that score above a threshold. */
export function shareAbove(scores: Scores, threshold: number): number {
  let sum = 0
  for (const runs of scores) {
    let above = 0
    for (let run = 0; run < runs.length; run++) if (runs[run]! > threshold) above++
    sum += above / runs.length
  }
  return sum / scores.length
}

/** Evenly spaced thresholds that hold all scores of some methods, and 0 and 1 as well. */
export function thresholdsOf(methods: readonly Scores[], count: number): number[] {
  const all = methods.flatMap(scores => scores.flat())
  const [low, high] = [Math.min(0, ...all), Math.max(1, ...all)]
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1))
}
