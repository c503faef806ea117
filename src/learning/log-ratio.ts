// The logarithm of pi / pi_old, the ratio of the probabilities of what was done, within bounds.

/** Logarithms beyond this count as this: their exponentials stay finite. */
const largest = 20

/** Of two log-probabilities. */
export function logRatio(now: number, old: number): number {
  return Math.max(-largest, Math.min(largest, now - old))
}
