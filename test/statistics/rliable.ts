// Scores, and what rliable 1.2.0 (scipy 1.17.1, numpy 2.4.6, arch 7.2.0) makes of them: an implementation by the paper's authors.
import type { Scores } from '../../src/statistics/scores.ts'

/** Normal draws (numpy RandomState 7), rounded to two digits; [tasks][runs]. */
export const a: Scores = [
  [1.11, 0.72, 0.6, 0.78, 0.75],
  [0.46, 0.36, 0.07, 0.41, 0.52],
  [0.61, 0.6, 0.91, 0.55, 0.53],
]
export const b: Scores = [
  [-0.08, 0.61, 0.56, 0.48],
  [0.72, -0.11, 0.35, -0.08],
  [0.55, 1.16, 1.31, 0.34],
]

/** rliable.metrics. */
export const aggregates = {
  a: { median: 0.64, interquartileMean: 0.5933333333333333, mean: 0.5986666666666668, gap: 0.40866666666666673 },
  b: { median: 0.3925, interquartileMean: 0.4816666666666667, mean: 0.4841666666666667, gap: 0.5549999999999999 },
} as const

/** rliable.library.get_interval_estimates with 50,000 samples: [low, high] of each. */
export const aggregateIntervals = {
  a: { median: [0.55, 0.772], interquartileMean: [0.54556, 0.66778], mean: [0.522, 0.68], gap: [0.336, 0.48] },
  b: { median: [0.2, 0.5975], interquartileMean: [0.20667, 0.65667], mean: [0.2875, 0.6775], gap: [0.38665, 0.72833] },
} as const

/** rliable.metrics.probability_of_improvement of a over b; its interval with 10,000 samples. */
export const improvement = { value: 0.6916666666666665, low: 0.48333, high: 0.89167 } as const

/** rliable.library.create_performance_profile with 50,000 samples, at `thresholds`. */
export const profile = {
  thresholds: [0, 0.25, 0.5, 0.75, 1],
  a: {
    value: [1, 0.93333333, 0.73333333, 0.2, 0.06666667],
    low: [1, 0.8, 0.66666667, 0, 0],
    high: [1, 1, 0.86666667, 0.4, 0.2],
  },
  b: {
    value: [0.75, 0.75, 0.5, 0.16666667, 0.16666667],
    low: [0.5, 0.5, 0.25, 0, 0],
    high: [0.91666667, 0.91666667, 0.75, 0.33333333, 0.33333333],
  },
} as const
