// The part of time that the timeline shows: a window that moves along with the game, or stays where the viewer looks.
import type { Stretch } from './frame-memory.ts'

/** In frame numbers. */
export const WINDOW = { least: 20, first: 600 } as const

/**
 * The window of `width` for a page at `position`: it ends at the newest frame while they are within it, and otherwise moves
 * no farther than it must from where it was.
 */
export function windowAt(width: number, all: Stretch, position: number, before: Stretch | null): Stretch {
  const span = Math.max(WINDOW.least, Math.min(width, all.to - all.from))
  if (position >= all.to - span * 0.98 || before === null) return { from: all.to - span, to: all.to }
  let from = before.to - span
  if (position < from) from = position - span / 4
  if (position > from + span) from = position - (3 * span) / 4
  from = Math.max(all.from, Math.min(from, all.to - span))
  return { from, to: from + span }
}

/** Marks no closer than `apart` (in frames): which of these begin a mark. */
export function thin(numbers: readonly number[], apart: number): number[] {
  let last = -Infinity
  return numbers.filter(number => {
    if (number - last < apart) return false
    last = number
    return true
  })
}
