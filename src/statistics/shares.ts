// Shares of successes among two samples: whether one lies below the other, and how far they are apart.
import { square } from '../elementary.ts'

/** So many successes among so many. */
export interface Successes {
  readonly successes: number
  readonly of: number
}

/**
 * The p value of Fisher's exact test (1934), one-sided: the chance that the first sample has as few successes as it has or fewer, given
 * how many both have together, where both have one and the same share.
 */
export function chanceOfSoFew(first: Successes, second: Successes): number {
  const all = first.successes + second.successes
  const least = Math.max(0, all - second.of)
  const most = Math.min(first.of, all)
  // Hypergeometric weights of least ... most, each from the one before; the first is 1.
  let [weight, sum, total] = [1, 0, 0]
  for (let x = least; x <= most; x++) {
    total += weight
    if (x <= first.successes) sum += weight
    weight *= ((first.of - x) * (all - x)) / ((x + 1) * (second.of - all + x + 1))
    if (weight < tooLarge) continue
    weight /= tooLarge
    sum /= tooLarge
    total /= tooLarge
  }
  return sum / total
}

const tooLarge = 1e200

/** The first share less the second, and its 95 percent interval by Newcombe's hybrid score (1998, method 10). */
export function differenceOfShares(
  first: Successes,
  second: Successes,
): { readonly difference: number; readonly low: number; readonly high: number } {
  const [p, q] = [first.successes / first.of, second.successes / second.of]
  const [ofFirst, ofSecond] = [wilson(first), wilson(second)]
  const difference = p - q
  return {
    difference,
    low: difference - Math.sqrt(square(p - ofFirst.low) + square(ofSecond.high - q)),
    high: difference + Math.sqrt(square(ofFirst.high - p) + square(q - ofSecond.low)),
  }
}

/** The 95 percent score interval of a share (Wilson 1927). */
function wilson({ successes, of }: Successes): { low: number; high: number } {
  const zz = square(1.959963984540054)
  const middle = successes + zz / 2
  const half = Math.sqrt(zz * ((successes * (of - successes)) / of + zz / 4))
  return { low: (middle - half) / (of + zz), high: (middle + half) / (of + zz) }
}
