// The latest transitions, of which what was done next is known: learning on-policy from the store that all teams share.
import type { Batch } from '../types.ts'
import type { RowChoice } from './row-choice.ts'
import type { Transitions } from './transitions.ts'

/**
 * The newest rows but those of the last step of each game, newest last; of some that `belong` the newest of those. Where there are fewer than asked for, they
 * come again from the first one on; where there are none, the newest row of all, of which nothing may be known.
 */
export function latestChoice(transitions: Transitions, belongs: (slot: number) => boolean = () => true): RowChoice {
  return {
    bytesWhenFull: 0,
    choose(_, slots) {
      const { size, capacity, inserted } = transitions
      const found: number[] = []
      for (let n = inserted - 1; n >= inserted - size && found.length < slots.length; n--) {
        const slot = n % capacity
        if (isFollowed(transitions, slot) && belongs(slot)) found.push(slot)
      }
      found.reverse()
      if (found.length === 0) found.push((inserted - 1) % capacity)
      for (let i = 0; i < slots.length; i++) slots[i] = found[i % found.length]!
    },
    weigh: (_, weights) => void weights.fill(1),
    learnt() {},
    save: () => null,
    restore() {},
  }
}

/** Whether a step of its game came after it; where games take turns, also whether its episode was over, so that none of it is left. */
function isFollowed(transitions: Transitions, slot: number): boolean {
  const { layout, dataOf, offsetOf } = transitions
  if (transitions.following(slot) >= 0) return true
  return layout.game !== null && dataOf(slot)[offsetOf(slot) + layout.over] !== 0
}

/**
 * Writes what everybody did after transitions that end in these rows, and where that is known: in the next row of the same episode, if it is
 * there. Elsewhere it is zeros.
 */
export function fetchNextActions(transitions: Transitions, last: Uint32Array, { nextActions, nextActed }: Batch): void {
  if (nextActions === undefined || nextActed === undefined) return
  const { layout, dataOf, offsetOf } = transitions
  const after = last.map((slot, row) => {
    const isOver = dataOf(slot)[offsetOf(slot) + layout.over] !== 0
    const following = isOver ? -1 : transitions.following(slot)
    nextActed.data[row] = following < 0 ? 0 : 1
    return following < 0 ? slot : following
  })
  transitions.gather(
    after,
    nextActions.map((to, agent) => ({ column: layout.actions[agent]!, to })),
  )
  for (const { columns, data } of nextActions) {
    for (let row = 0; row < last.length; row++) {
      if (nextActed.data[row] === 0) data.fill(0, row * columns, (row + 1) * columns)
    }
  }
}
