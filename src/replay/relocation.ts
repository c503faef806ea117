// Rows that are missing where a replay buffer is restored: the others move together, and each is found again by its slot before.
import type { SavedRows } from '../types.ts'

/** How the rows that are left moved together: they lie in slots 0 ... size - 1 afterwards. */
export interface Relocation {
  /** Rows that are left. */
  readonly size: number
  /** Slots, rising, before which rows are missing; `size` where the newest are. */
  readonly gaps: readonly number[]
  /** The slot in which a row lay before. */
  before(slot: number): number
  /** Where the row of a slot before lies now; of one that is missing, where the next one that is left lies. */
  now(slot: number): number
}

/** null: no row is missing, so that each lies where it lay. */
export function relocationOf({ first, end, capacity, missing = [] }: SavedRows): Relocation | null {
  if (missing.length === 0) return null
  const kept: { readonly first: number; readonly end: number; readonly slot: number }[] = []
  let size = 0
  let from = first
  const keep = (to: number) => {
    if (to <= from) return
    kept.push({ first: from, end: to, slot: size })
    size += to - from
  }
  const gaps = new Set<number>()
  for (const range of missing) {
    keep(range.first)
    gaps.add(size)
    from = range.end
  }
  keep(end)
  return {
    size,
    gaps: [...gaps],
    before(slot) {
      const range = kept.findLast(range => range.slot <= slot)!
      return (range.first + slot - range.slot) % capacity
    },
    now(slot) {
      const row = first + ((slot - (first % capacity) + capacity) % capacity)
      const range = kept.find(range => range.end > row)
      if (range === undefined) return Math.max(0, size - 1)
      return range.slot + Math.max(0, row - range.first)
    },
  }
}
