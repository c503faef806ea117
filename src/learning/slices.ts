// A minibatch in slices: gradients and figures are added up over several updates, each about a tick's work, and saved between them.
import type { Network } from '../nn/network.ts'
import type { Saved, Stateful } from '../types.ts'
import type { UpdateFigures } from './team-learner.ts'

export interface Slices extends Stateful {
  /** Whether some slices of a minibatch were handed out, and its sums were not taken. */
  readonly areUnderWay: boolean
  /** Whether all of them were. */
  readonly areComplete: boolean
  /** Puts back gradients that were restored: networks that are restored themselves forget theirs. */
  putBack(): void
  /** The next of the places of a minibatch, each of which has so many rows. */
  next(places: Uint32Array, rowsEach: number): Uint32Array
  add(figures: UpdateFigures): void
  /** The sums over the slices of the minibatch, which is over. */
  takeSums(): UpdateFigures
}

/** Rows in a slice; of sequences at least one. The bits of what is learnt depend on it: it is no setting. */
const sliceRows = 1024

/** `networks`: those whose gradients are added up. */
export function createSlices(networks: () => readonly Network[]): Slices {
  /** Places handed out; 0: none are under way. */
  let taken = 0
  let isComplete = false
  let sums: Record<string, number> = {}
  /** What was restored, until it is put back. */
  let restored: readonly Float32Array[] | null = null

  return {
    get areUnderWay() {
      return taken > 0
    },
    get areComplete() {
      return isComplete
    },
    putBack() {
      restored?.forEach((gradients, i) => void networks()[i]!.gradients.set(gradients))
      restored = null
    },
    next(places, rowsEach) {
      const from = taken
      const to = from + Math.max(1, Math.floor(sliceRows / rowsEach))
      taken = to
      isComplete = to >= places.length
      return places.subarray(from, to)
    },
    add(figures) {
      for (const name in figures) sums[name] = (sums[name] ?? 0) + figures[name]!
    },
    takeSums() {
      const all = sums
      sums = {}
      taken = 0
      isComplete = false
      return all
    },
    save: (): Saved => ({
      taken,
      ...(isComplete ? { isComplete } : {}),
      sums: { ...sums },
      gradients: restored ?? networks().map(({ gradients }) => gradients),
    }),
    restore(saved) {
      const state = saved as SavedSlices | null
      taken = state?.taken ?? 0
      isComplete = state?.isComplete ?? false
      sums = { ...state?.sums }
      restored = state?.gradients.map(gradients => gradients.slice()) ?? null
    },
  }
}

interface SavedSlices {
  readonly taken: number
  readonly isComplete?: boolean
  readonly sums: Record<string, number>
  readonly gradients: readonly Float32Array[]
}
