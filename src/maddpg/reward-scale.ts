// Reward normalisation: the running deviation of an agent's own rewards, by which they are divided.

import { square } from '../elementary.ts'
import type { Batch, Saved, Stateful } from '../types.ts'

export interface RewardScale extends Stateful {
  /** Takes in the rewards of a batch; what they are divided by: 1 as long as they have not differed. */
  next(batch: Pick<Batch, 'rewards' | 'present'>): number
}

/** No normalisation. */
export const plainRewards: RewardScale = { next: () => 1, save: () => null, restore() {} }

/**
 * The deviation of the agent's rewards in all batches so far, rows where it was absent left out: a running mean and sum of squares
 * (Welford 1962), a batch at a time (Chan, Golub and LeVeque 1979), in double precision. Rewards are divided, never shifted: a shift
 * would change what an end is worth. Where rewards of several steps are summed, it is the deviation of the sums.
 */
export function createRewardScale(agent: number): RewardScale {
  let count = 0
  let mean = 0
  let squares = 0 // sum of (reward - mean)^2
  return {
    next({ rewards, present }) {
      let rows = 0
      let sum = 0
      for (let at = agent; at < rewards.data.length; at += rewards.columns) {
        rows += present.data[at]!
        sum += present.data[at]! * rewards.data[at]!
      }
      if (rows > 0) {
        const middle = sum / rows
        let spread = 0
        for (let at = agent; at < rewards.data.length; at += rewards.columns) {
          spread += present.data[at]! * square(rewards.data[at]! - middle)
        }
        const all = count + rows
        squares += spread + (square(middle - mean) * count * rows) / all
        mean += ((middle - mean) * rows) / all
        count = all
      }
      const deviation = count > 0 ? Math.sqrt(squares / count) : 0
      // Rewards that are equal but for rounding have no scale of their own.
      return deviation > 1e-6 * Math.max(1, Math.abs(mean)) ? deviation : 1
    },
    save: () => Float64Array.of(count, mean, squares),
    restore(saved: Saved) {
      ;[count, mean, squares] = saved as Float64Array as unknown as [number, number, number]
    },
  }
}
