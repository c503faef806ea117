// Whether an evaluation of a run was good enough to end its training early, and how long that training was to be.
import type { Saved, Stateful } from '../types.ts'
import type { Length } from './done.ts'

/** Holds for trainings that were to be no longer: whoever asks for more goes on. */
export interface GoodEnough extends Stateful {
  /** null: no evaluation was good enough. */
  readonly length: Length | null
  /** One was, in a training that was to be so long. */
  reach(length: Length): void
}

/** No evaluation was good enough yet. */
export function createGoodEnough(): GoodEnough {
  let reached: Length | null = null
  return {
    get length() {
      return reached
    },
    reach({ episodes, steps = null }) {
      reached = { episodes, steps }
    },
    save: (): Saved => (reached === null ? null : { episodes: reached.episodes, steps: reached.steps ?? null }),
    restore(saved) {
      reached = saved as Length | null
    },
  }
}
