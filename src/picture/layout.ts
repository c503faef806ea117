// The arithmetic of the picture: which rings, where bubbles stand, how trails are cut, how wide the grid is.
import type { Camera, Point } from './camera.ts'

const FIRST_RING = 6
const RING_GAP = 4

/** Of a bubble, in pixels: one bar per channel, the letter before them. */
export const bubbleSizes = { height: 22, bar: 3, step: 5, padding: 7, letter: 12 } as const
/** Beyond this many channels the letter stands alone. */
export const barsMost = 16

/** An agent that is there, and its goal: both by their index among the entities. */
export interface Wish {
  readonly agent: number
  readonly goal: number
  readonly color: string
}

/** One ring around a goal for each colour that wants to be there; `nth` counts from the inside. */
export interface Ring {
  readonly goal: number
  readonly color: string
  readonly nth: number
  /** Whose goal it is, by index among the entities. */
  readonly agents: readonly number[]
}

export function ringsOf(wishes: readonly Wish[]): Ring[] {
  const rings: (Ring & { agents: number[] })[] = []
  for (const { agent, goal, color } of wishes) {
    const around = rings.filter(ring => ring.goal === goal)
    const mine = around.find(ring => ring.color === color)
    if (mine) mine.agents.push(agent)
    else rings.push({ goal, color, nth: around.length, agents: [agent] })
  }
  return rings
}

/** Pixels from a goal's middle to its n-th ring; a landmark without rings has none at -1. */
export function ringRadius(size: number, camera: Camera, nth: number): number {
  const radius = Math.max(5, size * camera.scale)
  return nth < 0 ? radius : radius + FIRST_RING + RING_GAP * nth
}

export interface Bubble {
  readonly left: number
  readonly top: number
  readonly width: number
}

/** What a bubble should not cover: a disc, or another bubble's middle. Pixels. */
export interface Obstacle {
  readonly x: number
  readonly y: number
  readonly radius: number
}

/**
 * At the corner of a disc where it stays on the canvas and covers least; of equal ones at the first, up and to the right.
 * Pixels.
 */
export function bubbleAt(
  { x, y, radius }: Obstacle,
  channels: number,
  canvas: Pick<Camera, 'width' | 'height'>,
  obstacles: readonly Obstacle[] = [],
): Bubble {
  const { height, bar, step, padding, letter } = bubbleSizes
  const width = padding + letter + (channels > barsMost ? 0 : channels * step - (step - bar) + padding)
  const aside = radius * 0.75 + 4
  let best: Bubble | null = null
  let least = Number.POSITIVE_INFINITY
  for (const top of [y - aside - height, y + aside]) {
    for (const left of [x + aside, x - aside - width]) {
      const outside = left < 2 || top < 2 || left + width > canvas.width - 2 || top + height > canvas.height - 2
      const covered = obstacles.filter(it => reaches(it, left, top, width)).length
      const cost = covered + (outside ? 100 : 0)
      if (cost >= least) continue
      least = cost
      best = { left, top, width }
    }
  }
  return best!
}

/** Whether a disc and a bubble overlap. */
function reaches({ x, y, radius }: Obstacle, left: number, top: number, width: number): boolean {
  const dx = x - Math.max(left, Math.min(x, left + width))
  const dy = y - Math.max(top, Math.min(y, top + bubbleSizes.height))
  return dx * dx + dy * dy < radius * radius
}

/** a for channel 0, b for 1; from the 27th on its number. */
export function channelName(channel: number): string {
  return channel < 26 ? String.fromCharCode(97 + channel) : String(channel)
}

/** What belongs together: a trail is cut where its agent was not there, and where it went over an edge that wraps. */
export function runsOf(points: readonly (Point | null)[], longest: number): Point[][] {
  const runs: Point[][] = [[]]
  let last: Point | null = null
  for (const point of points) {
    const jumps = last !== null && point !== null && Math.hypot(point.x - last.x, point.y - last.y) > longest
    if (point === null || jumps) runs.push([])
    if (point !== null) runs.at(-1)!.push(point)
    last = point
  }
  return runs.filter(run => run.length > 1)
}

/** 0.5 world units in the published worlds; in others so that there are four to ten lines on each side. */
export function gridSpacing(extent: number): number {
  if (extent >= 1 && extent <= 3) return 0.5
  const power = 10 ** Math.floor(Math.log10(extent / 4))
  return power * (extent / power < 10 ? 1 : extent / power < 20 ? 2 : 5)
}
