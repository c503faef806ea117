// The replay of one sub-policy: an index list over the shared store (Lowe et al. 2017, section 4.3).
import { subPolicyColumn } from '../columns.ts'
import { type RowChoice, uniformChoice } from './row-choice.ts'
import type { Transitions } from './transitions.ts'

/** Whether a sub-policy of an agent acted in a row, as the column `subPolicy` of the agent says. */
export function actedIn(transitions: Transitions, agent: number, subPolicy: number): (slot: number) => boolean {
  const place = transitions.layout.extras[agent]!.find(({ name }) => name === subPolicyColumn)
  if (place?.size !== 1) {
    throw new RangeError(
      `replay: expected a column '${subPolicyColumn}' of one number for agent ${agent}, got ${place?.size ?? 'none'}`,
    )
  }
  return slot => transitions.dataOf(slot)[transitions.offsetOf(slot) + place.column] === subPolicy
}

/** Uniform among the rows that belong; among all rows as long as none does. */
export function choiceAmong(transitions: Transitions, belongs: (slot: number) => boolean): RowChoice {
  const all = uniformChoice(transitions)
  const { capacity } = transitions
  const list = createRowList(capacity)

  const add = (slot: number, count: number) => {
    for (let i = 0, at = slot; i < count; i++, at = at + 1 < capacity ? at + 1 : 0) {
      list.drop(at)
      if (belongs(at)) list.push(at)
    }
  }
  /** From the oldest row on: a list is a function of what is stored, so it is not saved. */
  const rebuild = () => {
    list.clear()
    const { size } = transitions
    add(transitions.oldest, size)
  }
  rebuild()
  transitions.onWrite({ wrote: add, restored: rebuild })

  return {
    ...all,
    bytesWhenFull: 4 * capacity,
    choose(random, slots) {
      if (list.length === 0) return all.choose(random, slots)
      for (let i = 0; i < slots.length; i++) slots[i] = list.at(random.integer(list.length))
    },
  }
}

/** Slots first in, first out. */
function createRowList(capacity: number) {
  let ring = new Uint32Array(Math.min(capacity, 1024))
  let first = 0
  let length = 0
  const at = (i: number) => ring[first + i < ring.length ? first + i : first + i - ring.length]!
  return {
    at,
    get length() {
      return length
    },
    clear() {
      first = 0
      length = 0
    },
    push(slot: number) {
      if (length === ring.length) {
        const larger = new Uint32Array(Math.min(capacity, 2 * length))
        for (let i = 0; i < length; i++) larger[i] = at(i)
        ring = larger
        first = 0
      }
      ring[(first + length) % ring.length] = slot
      length++
    },
    /** Takes the slot out if it is the first: only the oldest row of all is ever overwritten. */
    drop(slot: number) {
      if (length === 0 || ring[first] !== slot) return
      first = first + 1 < ring.length ? first + 1 : 0
      length--
    },
  }
}
