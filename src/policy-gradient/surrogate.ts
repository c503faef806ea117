// The surrogate of PPO: what a policy would gain on what an earlier one did, as long as it stays near it (Schulman et al. 2017).
import { exp } from '../elementary.ts'
import { logRatio } from '../learning/log-ratio.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import type { Rows } from '../rollout/rows.ts'

export interface Surrogate {
  /** [rows] The gradient of the surrogate is that of the sum of these times log pi. */
  readonly weights: Float64Array
  /** Means over the rows in which the agent was there: `policyLoss`, minus the surrogate; `approximateKl`, of (r - 1) - log r; `clipFraction`, of rows with a ratio beyond the clip. */
  readonly figures: UpdateFigures
}

/**
 * Of rows [rows], r = pi / pi_old: min(r A, clip(r, 1 - e, 1 + e) A), or r A where nothing is clipped (`clip` null). The first has the slope A
 * at r but where A > 0 and r > 1 + e, or A < 0 and r < 1 - e: there it is 0.
 */
export function surrogateOf(
  logProbability: ArrayLike<number>,
  old: ArrayLike<number>,
  advantages: ArrayLike<number>,
  { trajectory, indices, count }: Pick<Rows, 'trajectory' | 'indices' | 'count'>,
  clip: number | null,
): Surrogate {
  const weights = new Float64Array(indices.length)
  const e = clip ?? Number.POSITIVE_INFINITY
  let [gain, divergence, clipped] = [0, 0, 0]
  for (let i = 0; i < indices.length; i++) {
    if (trajectory.present[indices[i]!] === 0) continue
    const a = advantages[i]!
    const log = logRatio(logProbability[i]!, old[i]!)
    const r = exp(log)
    const isFlat = a > 0 ? r > 1 + e : r < 1 - e
    weights[i] = isFlat ? 0 : r * a
    gain += isFlat ? (a > 0 ? 1 + e : 1 - e) * a : r * a
    divergence += r - 1 - log
    if (Math.abs(r - 1) > e) clipped++
  }
  const figures = { policyLoss: -gain / count, approximateKl: divergence / count }
  return { weights, figures: clip === null ? figures : { ...figures, clipFraction: clipped / count } }
}
