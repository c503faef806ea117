// V-trace: values and advantages of a policy from what earlier policies did (Espeholt et al. 2018, section 4.1), with terminations and truncations apart.

import { exp, pow } from '../elementary.ts'
import type { AdvantageConfig, Advantages } from './gae.ts'
import type { Outcomes } from './trajectory.ts'

export interface TraceConfig extends AdvantageConfig {
  /** rho-bar, the largest ratio in targets: their fixed point is the value of a policy between mu and pi, of pi itself where it is null. */
  readonly valueRatioClip: number | null
  /** c-bar, the largest ratio in traces: how far what comes later reaches back. Null: none. */
  readonly traceRatioClip: number | null
  /** The largest ratio in `weights`. Null: none. */
  readonly policyRatioClip: number | null
}

export interface Traces extends Advantages {
  /** [rows] rho, as it is; 0 where the agent was absent. */
  readonly ratios: Float64Array
  /** [rows] What an advantage counts in the gradient of the policy, min(policyRatioClip, rho); 0 where the agent was absent. */
  readonly weights: Float64Array
}

/** Logarithms beyond this count as this: their exponentials stay finite. */
const largest = 20

/**
 * Of rows with the ratios rho = pi / mu of what was done, mu the policy that played, d terminated, u truncated:
 *
 *     delta_t  = r_t + gamma (1 - d_t) V'_t - V_t
 *     vs_t     = V_t + min(rhoBar, rho_t) delta_t + gamma lambda (1 - max(d_t, u_t)) min(cBar, rho_t) (vs_{t+1} - V_{t+1})
 *     A_t      = delta_t + gamma lambda (1 - max(d_t, u_t)) (vs_{t+1} - V_{t+1})
 *
 * vs are the targets. The policy climbs min(policyRatioClip, rho) A log pi. What gae.ts says of V', of time limits and of sequences that end
 * holds here: the discount of the next value and the continuation of the trace are two things. With lambda 1 this is the paper's; a smaller
 * one mixes vs_{t+1} and V_{t+1} in A too (as rlax does), so that with ratios of 1 both are those of gae.ts, to the bit. Sums are in double
 * precision.
 */
export function vTrace(
  { steps, sequences, rewards, present, terminated, truncated, durations }: Outcomes,
  values: ArrayLike<number>, // [rows]
  nextValues: ArrayLike<number>, // [rows]
  logRatios: ArrayLike<number>, // [rows]
  { gamma, lambda, timeLimit = 'bootstrap', valueRatioClip, traceRatioClip, policyRatioClip }: TraceConfig,
): Traces {
  const ofRows = () => new Float64Array(steps * sequences)
  const [advantages, targets, ratios, weights] = [ofRows(), ofRows(), ofRows(), ofRows()]
  for (let sequence = 0; sequence < sequences; sequence++) {
    /** vs - V of the step after. */
    let following = 0
    for (let row = (steps - 1) * sequences + sequence; row >= 0; row -= sequences) {
      if (present[row] === 0) {
        following = 0
        continue
      }
      const ratio = exp(Math.min(largest, logRatios[row]!))
      ratios[row] = ratio
      weights[row] = clipped(ratio, policyRatioClip)
      const isCut = terminated[row] === 0 && truncated[row] === 1
      if (isCut && timeLimit === 'drop') {
        following = 0
        targets[row] = values[row]!
        continue
      }
      const goesOn = terminated[row] === 0 && !(isCut && timeLimit === 'terminate')
      const discount = durations === undefined ? gamma : pow(gamma, durations[row]!)
      const next = goesOn ? discount * nextValues[row]! : 0
      const delta = rewards[row]! + next - values[row]!
      const later = goesOn && truncated[row] === 0 ? discount * lambda * following : 0
      advantages[row] = delta + later
      following = clipped(ratio, valueRatioClip) * delta + clipped(ratio, traceRatioClip) * later
      targets[row] = following + values[row]!
    }
  }
  return { advantages, targets, ratios, weights }
}

function clipped(ratio: number, most: number | null): number {
  return most === null ? ratio : Math.min(most, ratio)
}
