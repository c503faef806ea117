// Where agents are to go: a thin ring in the agent's colour around its goal, and a dotted way there.

import { shortWay } from '../../src/picture/blend.ts'
import type { Camera, Point } from '../../src/picture/camera.ts'
import { type Ring, ringRadius, type Wish } from '../../src/picture/layout.ts'
import type { PictureSchema } from '../../src/stream/protocol.ts'
import { circle, label, line } from './strokes.ts'

/** As many agents as are named below a ring: colours alone do not tell those of one team apart. */
const NAMED_MOST = 3
/** Of more agents than this, the ways would hide the picture. */
const WAYS_MOST = 12

export function drawRings(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { entities }: PictureSchema,
  rings: readonly Ring[],
  place: (entity: number) => Point | null,
): void {
  context.lineWidth = 2
  for (const { goal, color, nth, agents } of rings) {
    const where = place(goal)
    if (!where) continue
    const [x, y] = [camera.x(where.x), camera.y(where.y)]
    const radius = ringRadius(entities[goal]!.size, camera, nth)
    context.strokeStyle = color
    context.globalAlpha = 0.85
    circle(context, x, y, radius)
    context.stroke()
    context.globalAlpha = 1
    if (agents.length > NAMED_MOST) continue
    const names = agents.map(agent => entities[agent]!.agent).join(' ')
    // At the outermost ring's lower right, those of one ring after those of the other.
    const outermost = rings.filter(ring => ring.goal === goal).length - 1
    const aside = 0.71 * ringRadius(entities[goal]!.size, camera, outermost)
    label(context, names, x + aside + 5 + 12 * nth, y + aside + 6, color, 10)
  }
}

/** From the agent's edge to the ring; the short way in an arena that wraps. */
export function drawWays(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { entities, arena }: PictureSchema,
  wishes: readonly Wish[],
  place: (entity: number) => Point | null,
): void {
  if (wishes.length > WAYS_MOST) return
  const around = arena?.edge === 'wrap' ? 2 * arena.half : null
  context.lineWidth = 1.5
  context.globalAlpha = 0.5
  context.lineCap = 'round'
  context.setLineDash([0.5, 5])
  for (const { agent, goal, color } of wishes) {
    const from = place(agent)
    const to = place(goal)
    if (!from || !to) continue
    let [x, y] = [to.x - from.x, to.y - from.y]
    if (around !== null) [x, y] = [shortWay(x, around), shortWay(y, around)]
    const length = Math.hypot(x, y) * camera.scale
    const begin = Math.max(3, entities[agent]!.size * camera.scale) + 4
    const end = length - ringRadius(entities[goal]!.size, camera, 0) - 3
    if (end <= begin) continue
    const at = (pixels: number) =>
      [camera.x(from.x + (x * pixels) / length), camera.y(from.y + (y * pixels) / length)] as const
    context.strokeStyle = color
    line(context, ...at(begin), ...at(end))
  }
  context.setLineDash([])
  context.lineCap = 'butt'
  context.globalAlpha = 1
}
