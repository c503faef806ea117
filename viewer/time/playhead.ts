// The page's position in time: live, or somewhere in the past, paused or playing.
import type { Stretch } from './frame-memory.ts'

/** World steps per second at speed 1. */
const STEPS_PER_SECOND = 10
/** A speed of null, as fast as possible, in the past: so many steps per second. */
const FASTEST = 64 * STEPS_PER_SECOND

export class Playhead {
  /** In frame numbers, between two of them while the past plays; null: live. */
  position: number | null = null
  playing = false
  speed: number | null = 1
  loop: Stretch | null = null

  get live(): boolean {
    return this.position === null
  }

  /** Stands at a frame of the past. */
  seek(number: number, kept: Stretch): void {
    this.position = Math.min(Math.max(number, kept.from), kept.to)
  }

  goLive(): void {
    this.position = null
    this.playing = false
    this.loop = null
  }

  /** Plays a stretch of the past over and over; null: no longer. */
  setLoop(loop: Stretch | null): void {
    this.loop = loop
    if (loop === null) return
    if (this.position === null || this.position < loop.from || this.position > loop.to) this.position = loop.from
    this.playing = true
  }

  /** Goes on by `ms`; who reaches the newest frame is live again. True when the picture is another. */
  advance(ms: number, kept: Stretch | null): boolean {
    if (this.position === null || kept === null) return false
    const before = this.position
    if (this.playing) {
      this.position += (ms / 1000) * (this.speed === null ? FASTEST : this.speed * STEPS_PER_SECOND)
      if (this.loop !== null && this.position >= this.loop.to) this.position = this.loop.from
      else if (this.position >= kept.to) this.goLive()
    }
    // What has been forgotten by now cannot be shown.
    if (this.position !== null && this.position < kept.from) this.position = kept.from
    return this.position !== before
  }
}
