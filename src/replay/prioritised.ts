// Rows in proportion to how surprising they were: prioritised experience replay (Schaul et al. 2016), proportional.

import { pow } from '../elementary.ts'
import type { RowChoice } from './row-choice.ts'
import { createSumTree } from './sum-tree.ts'
import type { Transitions } from './transitions.ts'

export interface Priorities {
  /** p = (|TD error| + 1e-6)^exponent. */
  readonly exponent: number
  /** Exponent of the importance weights now. */
  readonly importance: () => number
}

/** Which rows are drawn at all; default: all are. */
export interface RowRules {
  readonly belongs?: ((slot: number) => boolean) | undefined
  /** Whether nothing could be learnt from a row yet: its priority stays as it is. */
  readonly isUnsettled?: ((slot: number) => boolean) | undefined
}

/** Beside the error, so that no row is out of reach. */
const least = 1e-6

/**
 * Row i with probability p_i / sum p, one from each of equal parts of the sum (section 3.3); weights (N P(i))^-importance over the
 * largest of the batch (section 3.4). A new row has the largest priority so far. Rows that do not belong have none; as long as no
 * row belongs, `otherwise` chooses.
 */
export function prioritisedChoice(
  transitions: Transitions,
  { exponent, importance }: Priorities,
  otherwise: RowChoice,
  { belongs = () => true, isUnsettled = () => false }: RowRules = {},
): RowChoice {
  const { capacity } = transitions
  const tree = createSumTree(capacity)
  const { leaves } = tree
  let heights = new Float64Array(0)
  let largest = 1

  const wrote = (slot: number, count: number) => {
    const end = slot + count
    for (let at = slot; at < Math.min(end, capacity); at++) leaves[at] = belongs(at) ? largest : 0
    tree.refresh(slot, Math.min(end, capacity))
    if (end > capacity) wrote(0, end - capacity)
  }
  /** What was restored is new until its priorities are. */
  const restored = () => {
    leaves.fill(0)
    wrote(0, transitions.size)
    tree.refresh(0, capacity)
  }
  restored()
  transitions.onWrite({ wrote, restored })

  return {
    bytesWhenFull: tree.bytes,
    choose(random, slots) {
      if (tree.total === 0) return otherwise.choose(random, slots)
      const part = tree.total / slots.length
      if (heights.length !== slots.length) heights = new Float64Array(slots.length)
      for (let i = 0; i < slots.length; i++) heights[i] = (i + random.uniform()) * part
      tree.findEach(heights, slots)
    },
    weigh(slots, weights) {
      let smallest = Infinity
      for (let i = 0; i < slots.length; i++) smallest = Math.min(smallest, leaves[slots[i]!]!)
      if (smallest === 0) return otherwise.weigh(slots, weights)
      // Over the largest, N and the sum cancel out.
      const beta = importance()
      for (let i = 0; i < slots.length; i++) weights[i] = pow(smallest / leaves[slots[i]!]!, beta)
    },
    learnt(slots, tdErrors) {
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i]!
        if (!belongs(slot) || isUnsettled(slot)) continue
        leaves[slot] = pow(tdErrors[i]! + least, exponent)
        largest = Math.max(largest, leaves[slot]!)
      }
      tree.refreshEach(slots)
    },
    save: () => ({ largest, leaves: leaves.subarray(0, transitions.size) }),
    restore(saved) {
      const state = saved as { largest: number; leaves: Float64Array }
      largest = state.largest
      const { relocation, size } = transitions
      if (relocation === null) leaves.set(state.leaves)
      else for (let slot = 0; slot < size; slot++) leaves[slot] = state.leaves[relocation.before(slot)]!
      tree.refresh(0, capacity)
    },
  }
}
