// Generalised advantage estimation (Schulman et al. 2016), with terminations and truncations apart.

import { pow } from '../elementary.ts'
import type { TimeLimit } from './returns.ts'
import type { Outcomes } from './trajectory.ts'

/** The constants of generalised advantage estimation, and what the end of a time limit means. */
export interface AdvantageConfig {
  /** Discount of the next value. */
  readonly gamma: number
  /** 0: one step and the next value; 1: all rewards to the end of the rollout. */
  readonly lambda: number
  /** What a truncation means. Default: bootstrap. */
  readonly timeLimit?: TimeLimit
}

/** How much better than expected each action was, and what values are fitted to. */
export interface Advantages {
  /** [rows] A; 0 where the agent was absent. */
  readonly advantages: Float64Array
  /** [rows] A + V: what values are fitted to. */
  readonly targets: Float64Array
}

/**
 * delta_t = r_t + gamma (1 - d_t) V'_t - V_t
 *     A_t     = delta_t + gamma lambda (1 - max(d_t, u_t)) A_{t+1}
 *
 * V'_t is the value of the true next observation, before a reset: a truncated step (u) bootstraps from it and a terminated one (d) does
 * not, while neither hands back what belongs to the next episode. A sequence that the rollout cuts, or whose agent is absent one step
 * later, bootstraps from its last V' likewise. Sums are in double precision.
 *
 * `timeLimit` terminate: a truncation is taken for a termination. drop: nothing is learnt from a truncated step, A = 0 and the target is V.
 * @example
 * ```ts
 * import { gae } from 'marlstrom'
 *
 * // One agent, two steps of one game, which ends by the rules with the second.
 * const outcomes = {
 *   steps: 2,
 *   sequences: 1,
 *   rewards: Float32Array.of(1, 2),
 *   present: Uint8Array.of(1, 1),
 *   terminated: Uint8Array.of(0, 1),
 *   truncated: Uint8Array.of(0, 0),
 * }
 * const { advantages } = gae(outcomes, [0, 0], [0, 5], { gamma: 0.5, lambda: 1 })
 * console.log([...advantages]) // [ 2, 2 ]
 * ```
 */
export function gae(
  { steps, sequences, rewards, present, terminated, truncated, durations }: Outcomes,
  values: ArrayLike<number>, // [rows]
  nextValues: ArrayLike<number>, // [rows]
  { gamma, lambda, timeLimit = 'bootstrap' }: AdvantageConfig,
): Advantages {
  const advantages = new Float64Array(steps * sequences)
  const targets = new Float64Array(steps * sequences)
  for (let sequence = 0; sequence < sequences; sequence++) {
    let following = 0
    for (let row = (steps - 1) * sequences + sequence; row >= 0; row -= sequences) {
      if (present[row] === 0) {
        following = 0
        continue
      }
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
      following = goesOn && truncated[row] === 0 ? delta + discount * lambda * following : delta
      advantages[row] = following
      targets[row] = following + values[row]!
    }
  }
  return { advantages, targets }
}
