// The values that a distributional critic can tell apart, and how they are fitted to the rewards of a game.
import type { Atoms } from '../nn/atoms.ts'
import type { Stateful } from '../types.ts'

export type Support = Atoms

export interface FittedSupport extends Support, Stateful {
  /** Fits what is not given to the first batch with a reward in it; later ones change nothing. */
  fit(rewards: ArrayLike<number>, discounts: ArrayLike<number>, present: ArrayLike<number>): void
}

/**
 * Where `low` or `high` is null it is taken from the first batch in which the agent has a reward. If one transition came for ever, its
 * reward r and discount d (gamma^n over n steps, 0 at an end) would make the return r / (1 - d): the support reaches from the worst
 * of these, or 0, to the best, or 0, and a tenth of its width beyond both. So returns leave it only where rewards come that are larger
 * than any of that batch. Until then it is -1 ... 1.
 */
export function createSupport(given: {
  readonly atoms: number
  readonly low: number | null
  readonly high: number | null
}): FittedSupport {
  const { atoms } = given
  let low = given.low ?? Math.min(-1, (given.high ?? 1) - 2)
  let high = given.high ?? Math.max(1, (given.low ?? -1) + 2)
  let isFitted = given.low !== null && given.high !== null
  return {
    atoms,
    get low() {
      return low
    },
    get high() {
      return high
    },
    fit(rewards, discounts, present) {
      if (isFitted) return
      let [worst, best] = [0, 0]
      for (let row = 0; row < present.length; row++) {
        // A discount of 1 would have no bound.
        const forEver = (present[row]! * rewards[row]!) / (1 - Math.min(0.999, discounts[row]!))
        worst = Math.min(worst, forEver)
        best = Math.max(best, forEver)
      }
      if (worst === best) return
      isFitted = true
      low = given.low ?? Math.min(worst, given.high ?? 0)
      high = given.high ?? Math.max(best, given.low ?? 0)
      const room = Math.max((high - low) / 10, 1e-3 * Math.max(1, Math.abs(low), Math.abs(high)))
      if (given.low === null) low -= room
      if (given.high === null) high += room
    },
    save: () => Float64Array.of(low, high, isFitted ? 1 : 0),
    restore(saved) {
      const [savedLow, savedHigh, fitted] = saved as unknown as [number, number, number]
      ;[low, high, isFitted] = [savedLow, savedHigh, fitted === 1]
    },
  }
}
