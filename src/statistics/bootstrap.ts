// Stratified bootstrap: how a figure would vary, had every task been run with other seeds.
import type { Random } from '../random.ts'
import { quantile, type Scores } from './scores.ts'

/** A figure and the interval that covers it. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  readonly random: Random
  /** How often runs are drawn anew. */
  readonly samples?: number
  /** The share that an interval covers. */
  readonly confidence?: number
}

/** Enough for two digits of a 95 percent interval: the paper draws 50,000 times for its figures, 2,000 by default for quick looks. */
export const defaultSamples = 2000
export const defaultConfidence = 0.95

/**
 * Several figures of some methods' scores with percentile intervals (Agarwal et al. 2021, section 4.1): in every sample the runs of
 * each task are drawn anew, with replacement, task by task and method by method. `figures` writes its numbers into `row` and is
 * called once for the scores as they are, then once per sample. Where no task has two runs there is nothing to draw: low and high
 * are NaN.
 */
export function intervals(
  methods: readonly Scores[],
  count: number,
  figures: (methods: readonly Scores[], row: Float64Array) => void,
  { random, samples = defaultSamples, confidence = defaultConfidence }: BootstrapOptions,
): Interval[] {
  const values = new Float64Array(count)
  figures(methods, values)
  if (methods.every(scores => scores.every(runs => runs.length < 2))) {
    return Array.from(values, value => ({ value, low: Number.NaN, high: Number.NaN }))
  }
  const drawn = methods.map(scores => scores.map(runs => runs.map(() => 0)))
  const table = Array.from({ length: count }, () => new Float64Array(samples))
  const row = new Float64Array(count)
  for (let sample = 0; sample < samples; sample++) {
    methods.forEach((scores, m) => {
      scores.forEach((runs, task) => {
        const target = drawn[m]![task]!
        for (let run = 0; run < runs.length; run++) target[run] = runs[random.integer(runs.length)]!
      })
    })
    figures(drawn, row)
    for (let i = 0; i < count; i++) table[i]![sample] = row[i]!
  }
  const tail = (1 - confidence) / 2
  return table.map((column, i) => {
    column.sort()
    return { value: values[i]!, low: quantile(column, tail), high: quantile(column, 1 - tail) }
  })
}

/** One figure of one method with its interval. */
export function interval(scores: Scores, figure: (scores: Scores) => number, options: BootstrapOptions): Interval {
  return intervals(
    [scores],
    1,
    ([drawn], row) => {
      row[0] = figure(drawn!)
    },
    options,
  )[0]!
}

/** Whether an interval says anything: that of a single run does not. */
export function isKnown({ low, high }: Interval): boolean {
  return Number.isFinite(low) && Number.isFinite(high)
}
