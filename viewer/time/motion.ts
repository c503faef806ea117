// The game as it is now: each frame is drawn as soon as it arrives, and until the next one agents go on as their last steps let expect.

import { type Blend, blendOf, circlesOf, shortWay } from '../../src/picture/blend.ts'
import type { Frame, FrameSchema } from '../../src/stream/protocol.ts'

/** What is to be drawn at one moment. */
export interface Picture {
  /** A frame's row, at a frame or between two. */
  readonly row: Float32Array
  /** The frame that was reached last. */
  readonly frame: Frame
  /** Frames of this episode up to now, oldest first. */
  readonly trail: readonly Frame[]
  /** False when the next picture will be the same unless a frame arrives. */
  readonly moving: boolean
}

export const TRAIL = 24
/** What the picture had wrong when a frame arrives fades by this time constant: after three pictures a tenth of it is left. */
const FADE_MS = 22
/** After so many time constants nothing of it is seen. */
const FADED = 6
const LONGEST_GAP_MS = 1200

/**
 * Nothing waits for the frame after: a picture between two frames that both are known would show the game a step late. Instead
 * each entity goes on along its last way by the part of it that it kept in the step before, which is 1 on a straight way and 0
 * when it turns back; so what is wrong, and fades, is small.
 */
export class Motion {
  private circles = new Float64Array(0)
  private blend: Blend = from => from
  private positions = { offset: 0, size: 0 }
  private frames: Frame[] = []
  /** Per number of a row: from the newest frame to what was shown when it came; and where the next frame is expected. */
  private wrong = new Float64Array(0)
  private ahead = new Float64Array(0)
  private arrived = 0
  private gap = 100 // ms between frames
  private paced = false

  /** Begins anew, with frames of this schema. */
  begin(schema: FrameSchema): void {
    this.circles = circlesOf(schema)
    this.blend = blendOf(schema)
    const { offset, size } = schema.fields.find(({ name }) => name === 'position') ?? { offset: 0, size: 0 }
    this.positions = { offset, size }
    this.frames = []
    this.wrong = new Float64Array(schema.size)
    this.ahead = new Float64Array(schema.size)
    this.paced = false
  }

  /** Takes a frame that arrived at `now` (ms). Frames of a paused game come when somebody asks: they tell nothing about the pace. */
  push(frame: Frame, now: number, paused: boolean): void {
    const before = this.frames.at(-1)
    const shown = before && this.row(now)
    const waited = now - this.arrived
    if (this.paced && !paused && waited < LONGEST_GAP_MS) this.gap += 0.15 * (Math.max(waited, 4) - this.gap)
    this.paced = !paused
    this.arrived = now
    if (before === undefined || beginsEpisode(frame, before) || frame.placed) {
      // A cut: nothing moves from the old episode to the new, nor from where a recording was left to where it is gone on with.
      if (before !== undefined && (beginsEpisode(frame, before) || isFar(frame, before))) this.frames = []
      this.wrong.fill(0)
      this.ahead.fill(0)
    } else {
      this.correct(shown!, frame.row)
      if (paused) this.ahead.fill(0)
      else this.expect(this.frames.at(-2)?.row, before.row, frame.row)
    }
    this.frames.push(frame)
    if (this.frames.length > TRAIL + 1) this.frames.shift()
  }

  /** The game has stopped: what was expected does not come. */
  settle(now: number): void {
    const newest = this.frames.at(-1)
    if (newest === undefined || this.ahead.every(way => way === 0)) return
    this.correct(this.row(now), newest.row)
    this.ahead.fill(0)
    this.arrived = now
    this.paced = false
  }

  /** The picture at `now` (ms), or null before the first frame. */
  sample(now: number): Picture | null {
    const frame = this.frames.at(-1)
    if (frame === undefined) return null
    const moving = now - this.arrived < Math.max(this.gap, FADED * FADE_MS)
    return { row: this.row(now), frame, trail: this.frames, moving }
  }

  /** The row between two frames that both are known. A new episode is a cut. */
  between(from: Frame, to: Frame, part: number): Float32Array {
    return part === 0 || beginsEpisode(to, from) || to.placed ? from.row : this.blend(from.row, to.row, part)
  }

  private row(now: number): Float32Array {
    const passed = Math.max(0, now - this.arrived)
    const fade = passed > FADED * FADE_MS ? 0 : Math.exp(-passed / FADE_MS)
    const part = Math.min(1, passed / this.gap)
    const { row } = this.frames.at(-1)!
    const { circles, wrong, ahead } = this
    const shown = new Float32Array(row)
    for (let i = 0; i < shown.length; i++) {
      if (wrong[i] === 0 && ahead[i] === 0) continue
      shown[i] = onCircle(row[i]! + part * ahead[i]! + fade * wrong[i]!, circles[i]!)
    }
    return shown
  }

  private correct(shown: Float32Array, row: Float32Array): void {
    for (let i = 0; i < row.length; i++) {
      const wrong = onCircle(shown[i]! - row[i]!, this.circles[i]!)
      // NaN where nothing is between two values, and where one of them says nothing.
      this.wrong[i] = Number.isNaN(wrong) ? 0 : wrong
    }
  }

  private expect(first: Float32Array | undefined, second: Float32Array, third: Float32Array): void {
    this.ahead.fill(0)
    if (first === undefined) return
    const { offset, size } = this.positions
    for (let i = offset; i < offset + size; i += 2) {
      const way = (from: Float32Array, to: Float32Array, at: number) => onCircle(to[at]! - from[at]!, this.circles[at]!)
      const [x0, y0] = [way(first, second, i), way(first, second, i + 1)]
      const [x1, y1] = [way(second, third, i), way(second, third, i + 1)]
      const kept = Math.min(1, (x0 * x1 + y0 * y1) / (x0 * x0 + y0 * y0))
      if (!(kept > 0)) continue
      this.ahead[i] = kept * x1
      this.ahead[i + 1] = kept * y1
    }
  }
}

/** True when `frame` begins another episode than `before` belongs to, also when the first frame itself was skipped. */
export function beginsEpisode(frame: Frame, before: Frame): boolean {
  return frame.restarted || frame.episode !== before.episode || frame.step < before.step
}

/** More steps lie between than a busy page leaves out. */
function isFar(frame: Frame, before: Frame): boolean {
  return frame.number < before.number || frame.number > before.number + TRAIL
}

function onCircle(value: number, circle: number): number {
  return circle === Number.POSITIVE_INFINITY ? value : shortWay(value, circle)
}
