// The way of an agent to a step in games whose agents may be absent: the last of its own steps, within its life.
import { isPresent } from './own-steps.ts'
import type { Transitions } from './transitions.ts'

/** Where rows before are gone or belong to another life. */
const none = -1
const unknown = -2

/**
 * For each row that is given the `steps` own steps of an agent up to it: `into` is [steps * rows], row step * rows + row, oldest first.
 * Where its life has fewer, the oldest one stands in again, and `restarted` is 1 there and where the life begins; as in `findWindows` a way
 * that is cut because rows were overwritten begins where they are missed. A row in which the agent was absent stands in for all of its
 * way, and `restarted` is 1 throughout.
 */
export function findOwnWindows(
  transitions: Transitions,
  agent: number,
  steps: number,
  slots: ArrayLike<number>, // [rows]
  into: Uint32Array, // [steps * rows] or longer, written
  restarted: Uint8Array, // the same
): void {
  const rows = slots.length
  for (let row = 0; row < rows; row++) {
    let slot = slots[row]!
    let begun = !isPresent(transitions, slot, agent)
    for (let step = steps - 1; step >= 0; step--) {
      const at = step * rows + row
      into[at] = slot
      restarted[at] = 1
      if (begun) continue
      const before = ownStepBefore(transitions, slot, agent)
      begun = before === none || (before === unknown && step > 0)
      restarted[at] = begun ? 1 : 0
      if (!begun && step > 0) slot = before
    }
  }
}

/** The last own step of an agent in the life that goes on after a row, at or before it; -1: that life has none, or it is gone. */
export function lastOwnStep(transitions: Transitions, slot: number, agent: number): number {
  if (hasEnded(transitions, slot, agent)) return none
  return isPresent(transitions, slot, agent) ? slot : Math.max(none, ownStepBefore(transitions, slot, agent))
}

/** The own step before a row, of the same life; -1: the life begins after it, -2: it is gone. */
function ownStepBefore(transitions: Transitions, from: number, agent: number): number {
  for (let slot = from; ; ) {
    const begins = transitions.begins(slot)
    if (begins !== false) return begins === true ? none : unknown
    slot = transitions.preceding(slot)
    if (hasEnded(transitions, slot, agent)) return none
    if (isPresent(transitions, slot, agent)) return slot
  }
}

function hasEnded({ dataOf, offsetOf, layout }: Transitions, slot: number, agent: number): boolean {
  return dataOf(slot)[offsetOf(slot) + layout.terminated + agent] === 1
}
