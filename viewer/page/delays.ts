// Measures the delay of frames from the simulation to the canvas.
import type { Frame } from '../../src/stream/protocol.ts'

export interface Delays {
  came(frame: Frame): void
  /** The canvas shows this frame. */
  drawn(frame: Frame): void
  /** Milliseconds from a frame's simulation until it was drawn, of the newest frames that were. */
  readonly drawnAfter: readonly number[]
  /** Milliseconds between pictures. */
  readonly between: readonly number[]
}

const KEPT = 1000

export function createDelays(): Delays {
  const drawnAfter: number[] = []
  const between: number[] = []
  let waiting: Frame | null = null
  let last = 0
  return {
    drawnAfter,
    between,
    came(frame) {
      waiting = frame
    },
    drawn(frame) {
      const now = performance.now()
      keep(between, now - last)
      last = now
      if (frame !== waiting) return
      waiting = null
      keep(drawnAfter, performance.timeOrigin + now - frame.at)
    },
  }
}

function keep(list: number[], value: number): void {
  list.push(value)
  if (list.length > KEPT) list.shift()
}
