// Retrace(lambda): returns of what a policy would get, from what another one did, with ratios that are cut at 1 (Munos et al. 2016).

import { pow } from '../elementary.ts'
import type { TimeLimit } from './returns.ts'
import type { Outcomes } from './trajectory.ts'

export interface RetraceConfig {
  /** Discount of the next value. */
  readonly gamma: number
  /** What longer returns count: 0, one reward and the next value. */
  readonly lambda: number
  /** What a truncation means. Default: bootstrap. */
  readonly timeLimit?: TimeLimit
}

/** What is known of each row, [rows] each. */
export interface RetraceValues {
  /** Q of what was done. */
  readonly q: ArrayLike<number>
  /** V of what is next: the mean of Q under the policy, of the true next observation. */
  readonly nextValues: ArrayLike<number>
  /** c without lambda: min(1, pi / mu) of what was done; ones give the uncorrected Q(lambda) of Harutyunyan et al. 2016. */
  readonly traces: ArrayLike<number>
}

/**
 * [rows] What Q of what was done is fitted to, 0 where the agent was absent:
 *
 *     Qret_t = r_t + gamma (1 - d_t) (V'_t + (1 - u_t) lambda c_{t+1} (Qret_{t+1} - Q_{t+1}))
 *
 * (Wang et al. 2017, equation 5, with lambda = 1). Truncations (u) and terminations (d) are told apart as in gae.ts, and what is beyond a
 * cut, or absent, has its last V'. `timeLimit` terminate: a truncation is taken for a termination. drop: a truncated step has the target Q.
 * Sums are in double precision.
 */
export function retrace(
  { steps, sequences, rewards, present, terminated, truncated, durations }: Outcomes,
  { q, nextValues, traces }: RetraceValues,
  { gamma, lambda, timeLimit = 'bootstrap' }: RetraceConfig,
): Float64Array {
  const targets = new Float64Array(steps * sequences)
  for (let sequence = 0; sequence < sequences; sequence++) {
    /** lambda c (Qret - Q) of the row that follows. */
    let correction = 0
    for (let row = (steps - 1) * sequences + sequence; row >= 0; row -= sequences) {
      if (present[row] === 0) {
        correction = 0
        continue
      }
      const isCut = terminated[row] === 0 && truncated[row] === 1
      if (isCut && timeLimit === 'drop') {
        correction = 0
        targets[row] = q[row]!
        continue
      }
      const goesOn = terminated[row] === 0 && !(isCut && timeLimit === 'terminate')
      const discount = durations === undefined ? gamma : pow(gamma, durations[row]!)
      const next = nextValues[row]! + (truncated[row] === 1 ? 0 : correction)
      const target = rewards[row]! + (goesOn ? discount * next : 0)
      targets[row] = target
      correction = lambda * traces[row]! * (target - q[row]!)
    }
  }
  return targets
}
