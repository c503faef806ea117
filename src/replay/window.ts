// The way to a transition: the last steps of its episode, for actors that remember.
import type { Transitions } from './transitions.ts'

/**
 * For each row the `steps` transitions of its game up to it, within its episode: `into` is [steps * rows], row step * rows + row, oldest
 * first. Where the episode has fewer, the oldest one stands in again; `restarted` is 1 there and where the episode begins. A way that
 * is cut because older rows were overwritten begins where they are missed, unless the oldest step itself is there: what was carried is
 * stored with it.
 */
export function findWindows(
  transitions: Transitions,
  steps: number,
  slots: Uint32Array, // [rows]
  into: Uint32Array, // [steps * rows] or longer, written
  restarted: Uint8Array, // the same
): void {
  const rows = slots.length
  for (let row = 0; row < rows; row++) {
    let slot = slots[row]!
    let begun = false
    for (let step = steps - 1; step >= 0; step--) {
      const at = step * rows + row
      into[at] = slot
      if (begun) {
        restarted[at] = 1
        continue
      }
      begun = transitions.begins(slot) ?? step > 0
      restarted[at] = begun ? 1 : 0
      if (!begun && step > 0) slot = transitions.preceding(slot)
    }
  }
}
