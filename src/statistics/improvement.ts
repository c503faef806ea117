// Probability of improvement: how likely a run of one method beats a run of another on a task drawn at random.
import { type BootstrapOptions, type Interval, intervals } from './bootstrap.ts'
import { mean, type Scores } from './scores.ts'

/**
 * P(X > Y) + P(X = Y) / 2 over all pairs of runs, averaged over the tasks (Agarwal et al. 2021, section 4.3: the Mann-Whitney
 * statistic, scaled to 0 ... 1).
 * @throws RangeError when the methods differ in their number of tasks: their tasks must be the same, in the same order.
 */
export function probabilityOfImprovement(x: Scores, y: Scores): number {
  if (x.length !== y.length) {
    throw new RangeError(`probability of improvement: expected the same tasks, got ${x.length} and ${y.length}`)
  }
  return mean(x.map((runs, task) => shareOfWins(runs, y[task]!)))
}

/** The same with its interval; the runs of both methods are drawn anew, independently of each other. */
export function improvementInterval(x: Scores, y: Scores, options: BootstrapOptions): Interval {
  return intervals(
    [x, y],
    1,
    ([first, second], row) => {
      row[0] = probabilityOfImprovement(first!, second!)
    },
    options,
  )[0]!
}

function shareOfWins(x: readonly number[], y: readonly number[]): number {
  let wins = 0
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < y.length; j++) wins += x[i]! > y[j]! ? 1 : x[i]! === y[j]! ? 0.5 : 0
  }
  return wins / (x.length * y.length)
}
