// What something costs beside what would be done anyway, from paired measurements, and whether that is within a limit.
import { estimate } from '../src/statistics/estimate.ts'
import type { Figure } from './figure.ts'

/** `shares`: of every pair, 0.01 for one percent; decided where the 95 percent t interval of their mean lies on one side of `limit`. */
export function excessFigure(name: string, shares: readonly number[], of: string, limit: number): Figure {
  const { mean, low, high } = estimate(shares)
  const percent = (share: number) => (100 * share).toFixed(2)
  const decision = high < limit ? 'within' : low > limit ? 'over' : 'undecided about'
  const interval = `95 %: ${percent(low)} to ${percent(high)}, ${shares.length} pairs`
  return { name, value: 100 * mean, unit: `% of ${of} (${interval}): ${decision} the limit of ${100 * limit} %` }
}
