// Smooth motion between frames: the page shows the game a little late, so that it always knows where the agents go next.

import { type Blend, straight } from '../src/picture/blend.ts'
import type { Frame } from '../src/stream/protocol.ts'

/** What is to be drawn at one moment. */
export interface Picture {
  /** A frame's row, between two frames. */
  readonly row: Float32Array
  /** The frame that was reached last. */
  readonly frame: Frame
  /** Frames of this episode up to now, oldest first. */
  readonly trail: readonly Frame[]
  /** False when the next picture will be the same unless a frame arrives. */
  readonly moving: boolean
}

const KEPT = 64
const TRAIL = 24
/** How far to stay behind the newest frame, in frames; enough for the network's unsteadiness. */
const LEAD = 0.8
const LEAD_MOST = 4
const CORRECTION = 0.4
const LONGEST_GAP_MS = 1200

export class Motion {
  private blend: Blend = straight
  private frames: Frame[] = []
  /** Where we are among the frames; 3.5 is halfway from the fourth to the fifth. */
  private shown = 0
  private gap = 100 // ms between frames
  private arrived: number | null = null
  private sampled: number | null = null

  /** Takes a frame that arrived at `now` (ms). Frames of a paused game come when somebody asks: they tell nothing about the pace. */
  push(frame: Frame, now: number, paused: boolean): void {
    const waited = this.arrived === null ? LONGEST_GAP_MS : now - this.arrived
    if (!paused && waited < LONGEST_GAP_MS) this.gap += 0.15 * (Math.max(waited, 4) - this.gap)
    this.arrived = paused ? null : now
    this.frames.push(frame)
    if (this.frames.length > KEPT) {
      this.frames.shift()
      this.shown = Math.max(0, this.shown - 1)
    }
  }

  /** Begins anew, with frames that are blended in this way. */
  begin(blend: Blend): void {
    this.blend = blend
    this.frames = []
    this.shown = 0
    this.arrived = null
  }

  /** The picture at `now` (ms), or null before the first frame. */
  sample(now: number): Picture | null {
    const newest = this.frames.length - 1
    if (newest < 0) return null
    this.advance(newest, now)
    const reached = Math.min(Math.floor(this.shown), newest)
    const frame = this.frames[reached]!
    const next = this.frames[Math.min(reached + 1, newest)]!
    return {
      row: this.between(frame, next, this.shown - reached),
      frame,
      trail: this.trail(reached),
      moving: this.shown < newest,
    }
  }

  private advance(newest: number, now: number): void {
    const passed = this.sampled === null ? 0 : Math.min(Math.max(0, now - this.sampled), LONGEST_GAP_MS)
    this.sampled = now
    const lead = newest - this.shown
    if (lead > LEAD_MOST)
      this.shown = newest - 1 // the page was hidden: do not replay what was missed
    else this.shown = Math.min(newest, this.shown + (passed / this.gap) * (1 + CORRECTION * (lead - LEAD)))
  }

  /** A new episode is a cut: nothing moves from the old one to the new. */
  private between(from: Frame, to: Frame, part: number): Float32Array {
    if (part === 0 || from === to || beginsEpisode(to, from)) return from.row
    return this.blend(from.row, to.row, part)
  }

  private trail(reached: number): Frame[] {
    let first = reached
    while (first > 0 && reached - first < TRAIL && !beginsEpisode(this.frames[first]!, this.frames[first - 1]!)) first--
    return this.frames.slice(first, reached + 1)
  }
}

/** True when `frame` begins another episode than `before` belongs to, also when the first frame itself was skipped. */
export function beginsEpisode(frame: Frame, before: Frame): boolean {
  return frame.restarted || frame.episode !== before.episode || frame.step < before.step
}
