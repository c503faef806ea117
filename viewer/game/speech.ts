// What an agent says: a bubble beside it with one bar per channel, the loudest one strong and named by its letter.

import type { Camera } from '../../src/picture/camera.ts'
import type { Theme } from '../../src/picture/colors.ts'
import { barsMost, bubbleAt, bubbleSizes, channelName, type Obstacle } from '../../src/picture/layout.ts'
import { loudest } from '../../src/picture/reading.ts'
import { label } from './strokes.ts'

/** Draws the bubble of the agent at `speaker` and returns it as an obstacle for those that follow. */
export function drawUtterance(
  context: CanvasRenderingContext2D,
  speaker: Obstacle,
  utterance: Float32Array,
  camera: Camera,
  obstacles: readonly Obstacle[],
  color: string,
  theme: Theme,
): Obstacle {
  const { height: high, bar, step, padding, letter } = bubbleSizes
  const { left, top, width } = bubbleAt(speaker, utterance.length, camera, obstacles)
  const middle = { x: left + width / 2, y: top + high / 2, radius: width / 2 }
  const said = loudest(utterance)
  context.fillStyle = theme.ground
  context.strokeStyle = theme.muted
  context.lineWidth = 1
  context.beginPath()
  context.roundRect(left, top, width, high, 7)
  context.globalAlpha = 0.92
  context.fill()
  context.globalAlpha = 0.55
  context.stroke()
  context.globalAlpha = 1
  label(context, channelName(said), left + padding + 4, top + high / 2, theme.ink, 12)
  if (utterance.length > barsMost) return middle
  const most = Math.max(1, utterance[said]!)
  utterance.forEach((number, channel) => {
    const height = Math.max(2, (Math.max(0, number) / most) * (high - 8))
    context.fillStyle = channel === said ? color : theme.muted
    context.globalAlpha = channel === said ? 1 : 0.5
    context.fillRect(left + padding + letter + channel * step, top + high - 4 - height, bar, height)
  })
  context.globalAlpha = 1
  return middle
}
