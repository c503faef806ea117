// What an agent says: a bubble beside it with one bar per channel, the loudest one strong and named by its letter.
import { loudest } from './reading.ts'
import { label } from './strokes.ts'
import type { Theme } from './theme.ts'

const HEIGHT = 22
const BAR = 3
const STEP = 5
const PADDING = 7
const LETTER = 12
/** Beyond this many channels the letter stands alone. */
const BARS_MOST = 16

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
  pixels: number,
  obstacles: readonly Obstacle[] = [],
): Bubble {
  const bars = channels > BARS_MOST ? 0 : channels * STEP - (STEP - BAR) + PADDING
  const width = PADDING + LETTER + bars
  const aside = radius * 0.75 + 4
  let best: Bubble | null = null
  let least = Number.POSITIVE_INFINITY
  for (const top of [y - aside - HEIGHT, y + aside]) {
    for (const left of [x + aside, x - aside - width]) {
      const outside = left < 2 || top < 2 || left + width > pixels - 2 || top + HEIGHT > pixels - 2
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
  const dy = y - Math.max(top, Math.min(y, top + HEIGHT))
  return dx * dx + dy * dy < radius * radius
}

/** a for channel 0, b for 1; from the 27th on its number. */
export function channelName(channel: number): string {
  return channel < 26 ? String.fromCharCode(97 + channel) : String(channel)
}

/** Draws the bubble of whoever is at `speaker` and returns it as an obstacle for those that follow. */
export function drawUtterance(
  context: CanvasRenderingContext2D,
  speaker: Obstacle,
  utterance: Float32Array,
  pixels: number,
  obstacles: readonly Obstacle[],
  color: string,
  theme: Theme,
): Obstacle {
  const { left, top, width } = bubbleAt(speaker, utterance.length, pixels, obstacles)
  const middle = { x: left + width / 2, y: top + HEIGHT / 2, radius: width / 2 }
  const said = loudest(utterance)
  context.fillStyle = theme.ground
  context.strokeStyle = theme.muted
  context.lineWidth = 1
  context.beginPath()
  context.roundRect(left, top, width, HEIGHT, 7)
  context.globalAlpha = 0.92
  context.fill()
  context.globalAlpha = 0.55
  context.stroke()
  context.globalAlpha = 1
  label(context, channelName(said), left + PADDING + 4, top + HEIGHT / 2, theme.ink, 12)
  if (utterance.length > BARS_MOST) return middle
  const most = Math.max(1, utterance[said]!)
  utterance.forEach((number, channel) => {
    const height = Math.max(2, (Math.max(0, number) / most) * (HEIGHT - 8))
    context.fillStyle = channel === said ? color : theme.muted
    context.globalAlpha = channel === said ? 1 : 0.5
    context.fillRect(left + PADDING + LETTER + channel * STEP, top + HEIGHT - 4 - height, BAR, height)
  })
  context.globalAlpha = 1
  return middle
}
