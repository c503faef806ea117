// What is drawn: some frames of one game.
import type { PictureSchema } from '../envs/frame.ts'

export interface Take {
  readonly schema: PictureSchema
  /** At least one, in order, all of one game; trails begin anew where `restarted` or `placed` is set. */
  readonly frames: readonly TakenFrame[]
  /** A few words: scenario and who plays. */
  readonly title: string
}

export interface TakenFrame {
  readonly step: number
  /** One row by the schema. */
  readonly row: Float32Array
  /** [agents] What each did in the step that led here, in words; null: nothing that has a name. Absent: not known. */
  readonly words?: readonly (string | null)[]
  /** Nothing moved here from the frame before: an episode began, or somebody put an entity elsewhere. */
  readonly anew: boolean
}

/** World steps per second at speed 1, as on the live page. */
export const stepsPerSecond = 10

/** Milliseconds between the pictures of an animation, and how long the last one stands. */
export const pictureMilliseconds = 40
export const holdMilliseconds = 1200

/** The moments of a take that an animation shows, as fractions of frames: `speed` 1 is the pace of the live page. */
export function momentsOf({ frames }: Take, speed: number): number[] {
  const last = frames.length - 1
  const perPicture = (stepsPerSecond * speed * pictureMilliseconds) / 1000
  return Array.from({ length: Math.ceil(last / perPicture) + 1 }, (_, i) => Math.min(last, i * perPicture))
}

/** Frames that trails reach back, as on the live page. */
export const trailFrames = 24
