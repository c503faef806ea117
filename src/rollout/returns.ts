// Discounted returns, and baselines that are means of other returns.

import { pow } from '../elementary.ts'
import type { Outcomes, Trajectory } from './trajectory.ts'

/**
 * What a step means that a time limit cut. bootstrap: what follows has its value; terminate: none; drop: nothing is learnt from the step
 * itself, it is worth what it was believed to be (the three conventions of published code).
 */
export type TimeLimit = 'bootstrap' | 'terminate' | 'drop'

/**
 * [rows] G_t = r_t + gamma r_{t+1} + ... to the end of the episode. Where an episode is cut (truncated, or the rollout ends in its midst)
 * gamma V' is added if `nextValues` [rows] are given: the values of the true next observations; without them nothing comes after.
 * 0 where the agent was absent. Sums are in double precision. `limit`: a truncation that counts as a termination, or at which G is V, of
 * `values` [rows].
 * @see {@link nStepReturns} for an example
 */
export function discountedReturns(
  { steps, sequences, rewards, present, terminated, truncated, durations }: Outcomes,
  gamma: number,
  nextValues: ArrayLike<number> | null = null,
  limit: 'terminate' | { readonly values: ArrayLike<number> } | null = null,
): Float64Array {
  const returns = new Float64Array(steps * sequences)
  for (let sequence = 0; sequence < sequences; sequence++) {
    /** G of the step after, null where there is none. */
    let following: number | null = null
    for (let row = (steps - 1) * sequences + sequence; row >= 0; row -= sequences) {
      if (present[row] === 0) {
        following = null
        continue
      }
      const isCut = terminated[row] === 0 && truncated[row] === 1
      if (terminated[row] === 1 || (isCut && limit === 'terminate')) following = rewards[row]!
      else if (isCut && limit !== null && limit !== 'terminate') following = limit.values[row]!
      else {
        const next: number = truncated[row] === 1 || following === null ? (nextValues?.[row] ?? 0) : following
        following = rewards[row]! + (durations === undefined ? gamma : pow(gamma, durations[row]!)) * next
      }
      returns[row] = following
    }
  }
  return returns
}

/**
 * [rows] The sum of the next `count` rewards, then the value of what follows them; earlier where the episode ends or is cut, or the rollout does.
 * 0 where the agent was absent. Else as `discountedReturns`.
 * @example
 * ```ts
 * import { discountedReturns, nStepReturns } from 'marlstrom'
 *
 * // One agent, three steps of one game that goes on: row = step.
 * const outcomes = {
 *   steps: 3,
 *   sequences: 1,
 *   rewards: Float32Array.of(1, 1, 1),
 *   present: Uint8Array.of(1, 1, 1),
 *   terminated: Uint8Array.of(0, 0, 0),
 *   truncated: Uint8Array.of(0, 0, 0),
 * }
 * const nextValues = [8, 8, 8]
 * console.log([...discountedReturns(outcomes, 0.5, nextValues)]) // [ 2.75, 3.5, 5 ]
 * console.log([...nStepReturns(outcomes, 0.5, 1, [8, 8, 8], nextValues)]) // [ 5, 5, 5 ]
 * ```
 */
export function nStepReturns(
  outcomes: Outcomes,
  gamma: number,
  count: number,
  values: ArrayLike<number>, // [rows]
  nextValues: ArrayLike<number>, // [rows]
  timeLimit: TimeLimit = 'bootstrap',
): Float64Array {
  const { steps, sequences, rewards, present, terminated, truncated, durations } = outcomes
  const returns = new Float64Array(steps * sequences)
  for (let first = 0; first < returns.length; first++) {
    let discount = 1
    for (let row = first, left = count; present[first] === 1; row += sequences) {
      const isCut = terminated[row] === 0 && truncated[row] === 1
      if (isCut && timeLimit === 'drop') {
        returns[first]! += discount * values[row]!
        break
      }
      returns[first]! += discount * rewards[row]!
      if (terminated[row] === 1 || (isCut && timeLimit === 'terminate')) break
      discount *= durations === undefined ? gamma : pow(gamma, durations[row]!)
      const goesOn = !isCut && --left > 0 && row + sequences < returns.length && present[row + sequences] === 1
      if (goesOn) continue
      returns[first]! += discount * nextValues[row]!
      break
    }
  }
  return returns
}

/** [rows] The mean of the same agent's returns at the same step, over all lanes in which it was there then: for episodes of one length. */
export function meanAtStep(trajectory: Trajectory, returns: ArrayLike<number>): Float64Array {
  return baseline(trajectory, (sum, count) => sum / count, returns)
}

/**
 * [rows] The same without the row's own return, so that it does not depend on the action that it judges: (sum - G) / (n - 1); 0 where no
 * other lane has that step.
 */
export function meanOfOthersAtStep(trajectory: Trajectory, returns: ArrayLike<number>): Float64Array {
  return baseline(trajectory, (sum, count, own) => (count > 1 ? (sum - own) / (count - 1) : 0), returns)
}

/** The rows that something is learnt from: those that a time limit cut only where it does not drop them. */
export function learntRows({ learnable, terminated, truncated }: Trajectory, timeLimit: TimeLimit): Uint32Array {
  if (timeLimit !== 'drop') return learnable
  return learnable.filter(row => truncated[row] === 0 || terminated[row] === 1)
}

function baseline(
  { rows, lanes, present }: Trajectory,
  of: (sum: number, count: number, own: number) => number,
  returns: ArrayLike<number>,
): Float64Array {
  const baselines = new Float64Array(rows)
  // The lanes of one agent at one step lie side by side.
  for (let first = 0; first < rows; first += lanes) {
    let sum = 0
    let count = 0
    for (let row = first; row < first + lanes; row++) {
      if (present[row] === 0) continue
      sum += returns[row]!
      count++
    }
    for (let row = first; row < first + lanes; row++) {
      if (present[row] === 1) baselines[row] = of(sum, count, returns[row]!)
    }
  }
  return baselines
}
