// What a picture shows beside the game itself: layers that can be switched off, who is selected, what it sees, who is controlled by a viewer.
import type { Flash } from '../game/flashes.ts'

export const LAYERS = ['trails', 'velocity', 'contacts', 'utterances', 'goals', 'names', 'sight'] as const
export type PictureLayer = (typeof LAYERS)[number]

/** Everything by the index of an entity. */
export interface Marks {
  readonly hidden: ReadonlySet<PictureLayer>
  readonly selected: number | null
  /** [entities] 1: the selected agent's observation shows something of that entity; null: not known. */
  readonly sees: Uint8Array | null
  /** Distance sensors of the selected agent. */
  readonly rays: readonly Rays[]
  readonly taken: ReadonlySet<number>
  readonly flashes: readonly Flash[]
}

/** Evenly around the agent, counterclockwise from its heading (+x for agents without). */
export interface Rays {
  /** World units from the agent's middle. */
  readonly distances: ArrayLike<number>
  readonly reach: number
}

export const noMarks: Marks = {
  hidden: new Set(),
  selected: null,
  sees: null,
  rays: [],
  taken: new Set(),
  flashes: [],
}
