// Which rows a draw takes: the contract, and the uniform choice of the reference.
import type { Random } from '../random.ts'
import type { Stateful } from '../types.ts'
import type { Transitions } from './transitions.ts'

export interface RowChoice extends Stateful {
  /** Bytes that it keeps beside the transitions when they are full. */
  readonly bytesWhenFull: number
  /** Fills `slots` with rows, with replacement; there is at least one row. */
  choose(random: Random, slots: Uint32Array): void
  /** The weights in the loss of rows just chosen, at most 1. */
  weigh(slots: Uint32Array, weights: Float32Array): void
  /** Takes in how surprising rows were. */
  learnt(slots: Uint32Array, tdErrors: Float32Array): void
}

/** Every row equally often. */
export function uniformChoice(transitions: Pick<Transitions, 'size'>): RowChoice {
  return {
    bytesWhenFull: 0,
    choose(random, slots) {
      const { size } = transitions
      for (let i = 0; i < slots.length; i++) slots[i] = random.integer(size)
    },
    weigh: (_, weights) => void weights.fill(1),
    learnt() {},
    save: () => null,
    restore() {},
  }
}
