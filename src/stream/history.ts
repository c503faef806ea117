// The newest frames of a session as bytes, as many as fit: for viewers that connect late, reconnect, or look into the past.
import type { Frame, FrameSchema } from '../envs/frame.ts'
import { numberOf } from './binary.ts'
import { frameBytes, writeFrame } from './frame-codec.ts'
import type { FrameRange } from './protocol.ts'

/** What the frames of one session may take. */
export const HISTORY_BYTES = 16 * 1024 * 1024
const FIRST_FRAMES = 64

/** A ring of frames of one schema. Its memory grows as it fills, up to `mostBytes` (but at least one frame). */
export class History {
  private readonly size: number
  private readonly most: number
  private ring: Uint8Array
  private slots: number
  /** Frames kept, the slot of the oldest, and the number of the newest. */
  private kept = 0
  private oldest = 0
  private last = 0

  constructor(
    private readonly schema: FrameSchema,
    mostBytes = HISTORY_BYTES,
  ) {
    this.size = frameBytes(schema)
    this.most = Math.max(1, Math.floor(mostBytes / this.size))
    this.slots = Math.min(this.most, FIRST_FRAMES)
    this.ring = new Uint8Array(this.slots * this.size)
  }

  /** Keeps a frame. Where the numbers go back (a recording is played from an earlier place) those before it are forgotten. */
  push(frame: Frame): void {
    if (this.kept > 0 && frame.number <= this.last) {
      this.kept = 0
      this.oldest = 0
    }
    if (this.kept === this.slots && this.slots < this.most) this.grow()
    const full = this.kept === this.slots
    writeFrame(frame, this.schema, this.at(this.kept - (full ? this.slots : 0)))
    if (full) this.oldest = (this.oldest + 1) % this.slots
    else this.kept++
    this.last = frame.number
  }

  get range(): FrameRange | null {
    if (this.kept === 0) return null
    return { first: numberOf(this.at(0)), last: this.last }
  }

  /** The newest frame; its bytes are written over later. */
  get newest(): Uint8Array | null {
    return this.kept === 0 ? null : this.at(this.kept - 1)
  }

  /** Number of the first of the newest frames that take at most so many bytes together. */
  recent(bytes: number): number {
    const frames = Math.min(this.kept, Math.floor(bytes / this.size))
    return frames === 0 ? this.last : numberOf(this.at(this.kept - frames))
  }

  /** The first frame whose number is `number` or more; its bytes are written over later. */
  from(number: number): Uint8Array | null {
    let low = 0
    let high = this.kept
    while (low < high) {
      const middle = (low + high) >> 1
      if (numberOf(this.at(middle)) < number) low = middle + 1
      else high = middle
    }
    return low < this.kept ? this.at(low) : null
  }

  /** The bytes of a frame by its age: 0 is the oldest. */
  private at(age: number): Uint8Array {
    const slot = (this.oldest + age) % this.slots
    return this.ring.subarray(slot * this.size, (slot + 1) * this.size)
  }

  /** Only a ring that was never full grows: its oldest frame is in slot 0. */
  private grow(): void {
    this.slots = Math.min(this.most, 2 * this.slots)
    const larger = new Uint8Array(this.slots * this.size)
    larger.set(this.ring)
    this.ring = larger
  }
}
