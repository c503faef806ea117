// What the selected agent sees: a line to each thing that its observation shows, its distance sensors, and a ring around itself.
import { shortWay } from '../../src/picture/blend.ts'
import type { Camera, Point } from '../../src/picture/camera.ts'
import type { Theme } from '../../src/picture/colors.ts'
import type { PictureSchema } from '../../src/stream/protocol.ts'
import type { Marks, Rays } from '../view/marks.ts'
import { circle, line } from './strokes.ts'

/** Under the agents: lines from the selected agent's edge to the edges of what it sees. */
export function drawSight(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { entities, arena }: PictureSchema,
  { selected, sees, rays }: Marks,
  place: (entity: number) => Point | null,
  heading: number,
  color: string,
): void {
  const from = selected === null ? null : place(selected)
  if (selected === null || from === null) return
  for (const sensor of rays) drawRays(context, camera, from, heading, sensor, color)
  const around = arena?.edge === 'wrap' ? 2 * arena.half : null
  context.strokeStyle = color
  context.lineWidth = 1.25
  context.globalAlpha = 0.55
  sees?.forEach((seen, entity) => {
    const to = seen === 0 || entity === selected ? null : place(entity)
    if (to === null) return
    let [dx, dy] = [to.x - from.x, to.y - from.y]
    if (around !== null) [dx, dy] = [shortWay(dx, around), shortWay(dy, around)]
    const away = Math.hypot(dx, dy)
    const [begin, end] = [entities[selected]!.size, away - entities[entity]!.size]
    if (end <= begin) return
    const at = (distance: number) =>
      [camera.x(from.x + (dx * distance) / away), camera.y(from.y + (dy * distance) / away)] as const
    line(context, ...at(begin), ...at(end))
    circle(context, ...at(end), 2.5)
    context.fillStyle = color
    context.fill()
  })
  context.globalAlpha = 1
}

/** A fan as far as the sensors reach, and a dot where each of them ends at something. */
function drawRays(
  context: CanvasRenderingContext2D,
  camera: Camera,
  from: Point,
  heading: number,
  { distances, reach }: Rays,
  color: string,
): void {
  const [x, y] = [camera.x(from.x), camera.y(from.y)]
  const ends = Array.from(distances, (distance, i) => {
    const angle = heading + (2 * Math.PI * i) / distances.length
    const pixels = distance * camera.scale
    return { x: x + pixels * Math.cos(angle), y: y - pixels * Math.sin(angle), hits: distance < reach }
  })
  context.fillStyle = context.strokeStyle = color
  context.beginPath()
  for (const end of ends) context.lineTo(end.x, end.y)
  context.closePath()
  context.globalAlpha = 0.08
  context.fill()
  context.globalAlpha = 0.3
  context.lineWidth = 1
  context.beginPath()
  for (const end of ends) {
    context.moveTo(x, y)
    context.lineTo(end.x, end.y)
  }
  context.stroke()
  context.globalAlpha = 0.9
  for (const end of ends) {
    if (!end.hits) continue
    circle(context, end.x, end.y, 2)
    context.fill()
  }
  context.globalAlpha = 1
}

/** Around the discs: a ring for who is selected, a broken one for who is controlled by a viewer. */
export function drawChosen(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { entities }: PictureSchema,
  { selected, taken }: Marks,
  place: (entity: number) => Point | null,
  theme: Theme,
): void {
  context.strokeStyle = theme.ink
  context.lineWidth = 2
  const ring = (entity: number, away: number) => {
    const where = place(entity)
    if (!where) return
    const radius = Math.max(3, entities[entity]!.size * camera.scale)
    circle(context, camera.x(where.x), camera.y(where.y), radius + away)
    context.stroke()
  }
  if (selected !== null) ring(selected, 4)
  context.setLineDash([5, 4])
  for (const entity of taken) ring(entity, 8)
  context.setLineDash([])
}
