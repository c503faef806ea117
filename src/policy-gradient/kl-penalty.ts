// The penalty that keeps a policy near the one before: its weight stays, or adapts to what the divergence came to (Schulman et al. 2017).
import type { DivergencePenalty } from '../learning/stochastic-policy.ts'
import type { Matrix, Stateful } from '../types.ts'

export interface KlPenalty extends Stateful {
  /** By the old outputs of some rows [rows, outputs]. */
  at(old: Matrix): DivergencePenalty
  /** What the mean divergence of a minibatch was, before its step. */
  note(divergence: number, epoch: number): void
  /** A round is over. */
  adapt(): void
}

/** What the divergence of `adaptiveKl` should be where nobody says. */
const usualTarget = 0.01

/**
 * reverseKl: klWeight KL(new || old) (Hsu et al. 2020). adaptiveKl: beta KL(old || new), with beta halved after a round in whose last epoch the
 * divergence was below two thirds of its target, and doubled where it was above 1.5 times that (Schulman et al. 2017, section 4).
 */
export function createKlPenalty(
  objective: 'adaptiveKl' | 'reverseKl',
  { klWeight, targetKl }: { readonly klWeight: number; readonly targetKl: number | null },
): KlPenalty {
  const target = targetKl ?? usualTarget
  let weight = klWeight
  /** Of the epoch noted last. */
  let [epoch, sum, count] = [0, 0, 0]
  return {
    at: old => ({ old, weight, of: objective === 'adaptiveKl' ? 'old' : 'now' }),
    note(divergence, ofEpoch) {
      // Before the first step it says nothing.
      if (divergence === 0) return
      if (ofEpoch !== epoch) [epoch, sum, count] = [ofEpoch, 0, 0]
      sum += divergence
      count++
    },
    adapt() {
      if (count > 0 && objective === 'adaptiveKl') {
        if (sum / count < target / 1.5) weight /= 2
        else if (sum / count > 1.5 * target) weight *= 2
      }
      ;[epoch, sum, count] = [0, 0, 0]
    },
    save: () => Float64Array.of(weight, epoch, sum, count),
    restore(saved) {
      ;[weight, epoch, sum, count] = saved as Float64Array as unknown as [number, number, number, number]
    },
  }
}
