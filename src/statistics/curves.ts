// Sample-efficiency curves: the interquartile mean at every step of training, with its interval.
import { type BootstrapOptions, type Interval, intervals } from './bootstrap.ts'
import { interquartileMean, type Scores } from './scores.ts'

/** One run's way: values at rising steps. */
export interface Curve {
  readonly steps: readonly number[]
  readonly values: readonly number[]
}

/** A method's way: per step, the interquartile mean over all runs of all tasks. */
export interface EfficiencyCurve {
  readonly steps: readonly number[]
  readonly points: readonly Interval[]
}

/**
 * The interquartile mean of some runs at every step (Agarwal et al. 2021, section 4.3), [tasks][runs]. A run is drawn as a whole: its
 * value at one step comes with its values at all others. Runs that were logged at other steps are read on the line between their
 * points; the curve goes from where the last of them begins to where the first of them ends.
 * @throws RangeError when a run has no points, or the runs have no step in common.
 */
export function sampleEfficiency(
  tasks: readonly (readonly Curve[])[],
  count: number,
  options: BootstrapOptions,
): EfficiencyCurve {
  const steps = commonSteps(tasks.flat(), count)
  const values = tasks.map(runs => runs.map(curve => valuesAt(curve, steps)))
  // What is drawn is the number of a run; its values follow.
  const numbers: Scores = values.map(runs => runs.map((_, run) => run))
  const points = intervals(
    [numbers],
    steps.length,
    ([drawn], row) => {
      for (let i = 0; i < steps.length; i++) {
        row[i] = interquartileMean(drawn!.map((runs, task) => Array.from(runs, run => values[task]![run]![i]!)))
      }
    },
    options,
  )
  return { steps, points }
}

/** The values of a run at some steps, on the line between its points; beyond its ends, the nearest one's. */
export function valuesAt({ steps, values }: Curve, wanted: readonly number[]): Float64Array {
  let at = 0
  return Float64Array.from(wanted, step => {
    while (at < steps.length - 2 && steps[at + 1]! < step) at++
    const [from, to] = [steps[at]!, steps[at + 1] ?? steps[at]!]
    if (step <= from || to === from) return values[at]!
    if (step >= to) return values[at + 1]!
    const part = (step - from) / (to - from)
    return values[at]! * (1 - part) + values[at + 1]! * part
  })
}

/** The runs' own steps where all have the same and they are few enough, else `count` even ones. */
function commonSteps(curves: readonly Curve[], count: number): readonly number[] {
  if (curves.length === 0 || curves.some(({ steps }) => steps.length === 0)) {
    throw new RangeError('sample efficiency: expected at least one point in every run, got a run without any')
  }
  const [first, ...others] = curves as [Curve, ...Curve[]]
  const same = others.every(
    ({ steps }) => steps.length === first.steps.length && steps.every((step, i) => step === first.steps[i]),
  )
  if (same && first.steps.length <= count) return first.steps
  const from = Math.max(...curves.map(({ steps }) => steps[0]!))
  const to = Math.min(...curves.map(({ steps }) => steps.at(-1)!))
  if (from > to)
    throw new RangeError(
      `sample efficiency: expected runs with steps in common, got one that ends at ${to} and one that begins at ${from}`,
    )
  if (from === to) return [from]
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1))
}
