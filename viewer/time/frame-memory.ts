// The frames of the past that the page keeps, by their number: bounded, the oldest go first.
import type { Frame } from '../../src/stream/protocol.ts'
import { beginsEpisode, TRAIL } from './motion.ts'

/** What a frame costs beside its numbers: the object, and the headers of its arrays. */
const OVERHEAD_BYTES = 500
const PATIENT_BYTES = 96 * 1024 * 1024

/** A stretch of frame numbers, both ends included. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

export class FrameMemory {
  /** Rising in `number`; those before `start` are gone. */
  private frames: Frame[] = []
  private start = 0
  private bytes = 0
  /** Changes whenever something but a new last frame came or went. */
  version = 0

  constructor(private readonly most = PATIENT_BYTES) {}

  /** Number of frames. */
  get length(): number {
    return this.frames.length - this.start
  }

  get first(): Frame | undefined {
    return this.frames[this.start]
  }

  get last(): Frame | undefined {
    return this.length > 0 ? this.frames.at(-1) : undefined
  }

  /** Takes a frame at its place, whether it comes now or from the server's memory; one that is there already is left. */
  add(frame: Frame): void {
    const last = this.last
    if (last === undefined || frame.number > last.number) this.frames.push(frame)
    else {
      const at = this.indexAt(frame.number)
      if (at >= this.start && this.frames[at]!.number === frame.number) return
      // Older than everything while there is no room: it would be the first to go.
      if (at < this.start && this.bytes + bytesOf(frame) > this.most) return
      this.frames.splice(at + 1, 0, frame)
      this.version++
    }
    this.bytes += bytesOf(frame)
    while (this.bytes > this.most && this.length > 1) {
      this.bytes -= bytesOf(this.frames[this.start]!)
      this.start++
    }
    if (this.start > 1024 && this.start > this.frames.length / 2) {
      this.frames = this.frames.slice(this.start)
      this.start = 0
    }
  }

  clear(): void {
    this.frames = []
    this.start = 0
    this.bytes = 0
    this.version++
  }

  /** The frame with this number, else the one before it, else the first. */
  at(number: number): Frame | undefined {
    return this.frames[Math.max(this.indexAt(number), this.start)]
  }

  /** The frame after the one that is shown at `number`. */
  after(number: number): Frame | undefined {
    return this.frames[Math.max(this.indexAt(number), this.start) + 1]
  }

  /** Frames of the same episode up to `number`, oldest first, as many as a trail shows. */
  trail(number: number): Frame[] {
    const end = Math.max(this.indexAt(number), this.start)
    let from = end
    while (from > this.start && end - from < TRAIL && !beginsEpisode(this.frames[from]!, this.frames[from - 1]!)) from--
    return this.frames.slice(from, end + 1)
  }

  /** The kept frames of the episode that is shown at `number`. */
  episode(number: number): Stretch | null {
    if (this.length === 0) return null
    const at = Math.max(this.indexAt(number), this.start)
    let [from, to] = [at, at]
    while (from > this.start && !beginsEpisode(this.frames[from]!, this.frames[from - 1]!)) from--
    while (to + 1 < this.frames.length && !beginsEpisode(this.frames[to + 1]!, this.frames[to]!)) to++
    return { from: this.frames[from]!.number, to: this.frames[to]!.number }
  }

  /** The kept frames from `from` to `to`, every one of them. */
  *between({ from, to }: Stretch): Generator<Frame> {
    for (let i = Math.max(this.indexAt(from), this.start); i < this.frames.length; i++) {
      const frame = this.frames[i]!
      if (frame.number > to) return
      if (frame.number >= from) yield frame
    }
  }

  /** Index of the last frame whose number is not above; before `start` when there is none. */
  private indexAt(number: number): number {
    let [low, high] = [this.start - 1, this.frames.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.frames[middle]!.number <= number) low = middle
      else high = middle - 1
    }
    return low
  }
}

function bytesOf({ row, rewards, returns, actions }: Frame): number {
  return OVERHEAD_BYTES + 4 * (row.length + rewards.length + returns.length + actions.length)
}
