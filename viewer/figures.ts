// How each thing of a game looks: landmarks, agents, their velocity and what they say.
import type { FrameEntity } from '../src/stream/protocol.ts'
import { arrowHead, circle, diamond, label, line, paint } from './strokes.ts'
import type { Theme } from './theme.ts'

const VELOCITY_SECONDS = 0.15

export interface Point {
  readonly x: number
  readonly y: number
}

/** From world units to pixels; y points up in the world, down on the canvas. */
export interface Camera {
  readonly pixels: number
  readonly scale: number
  x(world: number): number
  y(world: number): number
}

/** A landmark that can be bumped into is a solid ring; one that can be passed is a diamond in a dotted circle of its true size. */
export function drawLandmark(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point | null,
  color: string,
): void {
  if (!where) return
  const x = camera.x(where.x)
  const y = camera.y(where.y)
  const radius = Math.max(5, entity.size * camera.scale)
  context.strokeStyle = context.fillStyle = color
  context.lineWidth = 2
  if (entity.collides) {
    circle(context, x, y, radius - 1)
    paint(context, 0.16)
    context.stroke()
  } else {
    context.setLineDash([2, 3])
    context.lineWidth = 1
    circle(context, x, y, radius)
    context.stroke()
    context.setLineDash([])
    context.lineWidth = 2
    diamond(context, x, y, Math.max(5, radius * 0.72))
    paint(context, 0.16)
    context.stroke()
  }
}

export function drawVelocity(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point | null,
  velocity: Point,
  color: string,
): void {
  const speed = Math.hypot(velocity.x, velocity.y)
  if (!where || speed * VELOCITY_SECONDS * camera.scale < 4) return
  const from = entity.size / speed
  const to = from + VELOCITY_SECONDS
  context.strokeStyle = color
  context.globalAlpha = 0.6
  context.lineWidth = 2
  const [x, y] = [
    (by: number) => camera.x(where.x + by * velocity.x),
    (by: number) => camera.y(where.y + by * velocity.y),
  ]
  line(context, x(from), y(from), x(to), y(to))
  context.globalAlpha = 1
}

export function drawAgent(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point | null,
  color: string,
  theme: Theme,
): void {
  if (!where) return
  const radius = entity.size * camera.scale
  const margin = 12
  const inside = (pixel: number) => Math.min(Math.max(pixel, margin), camera.pixels - margin)
  const [x, y] = [camera.x(where.x), camera.y(where.y)]
  const [shownX, shownY] = [inside(x), inside(y)]
  const away = Math.hypot(x - shownX, y - shownY) > radius + margin
  context.fillStyle = color
  if (away) {
    // Out of the picture: an arrow at the edge says where.
    arrowHead(context, shownX, shownY, Math.atan2(y - shownY, x - shownX))
    const toMiddle = x === shownX ? 14 : 16 * Math.sign(camera.pixels / 2 - shownX)
    label(context, String(entity.agent), shownX + toMiddle, shownY, color, 11)
    return
  }
  circle(context, x, y, Math.max(3, radius))
  // A landmark under an agent shines through.
  paint(context, 0.82)
  context.strokeStyle = theme.ground
  context.lineWidth = 1.5
  context.stroke()
  const roomy = radius >= 7
  label(
    context,
    String(entity.agent),
    roomy ? x : x + radius + 7,
    roomy ? y + 0.5 : y - radius - 3,
    roomy ? (theme.dark ? '#0b0e14' : '#ffffff') : theme.ink,
    roomy ? Math.min(15, Math.max(9, radius * 1.1)) : 10,
  )
}

/** The loudest channel as a letter in a bubble, as the field's pictures have it. */
export function drawUtterance(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point | null,
  letter: string | null,
  theme: Theme,
): void {
  if (!where || letter === null) return
  const x = camera.x(where.x) + entity.size * camera.scale + 12
  const y = camera.y(where.y) - entity.size * camera.scale - 10
  context.fillStyle = theme.ground
  context.strokeStyle = theme.muted
  context.lineWidth = 1
  context.beginPath()
  context.roundRect(x - 9, y - 9, 18, 18, 6)
  context.fill()
  context.stroke()
  label(context, letter, x, y + 0.5, theme.ink, 11)
}

/** The landmark's short name at its corner, unless an agent is there. */
export function drawLandmarkName(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point | null,
  agents: readonly (Point & { readonly radius: number })[],
  theme: Theme,
): void {
  if (!where) return
  const corner = 0.71 * Math.max(5, entity.size * camera.scale) + 8
  const [x, y] = [camera.x(where.x) + corner, camera.y(where.y) - corner]
  const covered = agents.some(
    agent => Math.hypot(camera.x(agent.x) - x, camera.y(agent.y) - y) < agent.radius * camera.scale + 8,
  )
  if (!covered) label(context, shortName(entity.id), x, y, theme.muted, 10)
}

/** L0 for landmark_0, F1 for forest_1. */
function shortName(id: string): string {
  return (id[0] ?? '').toUpperCase() + (/\d+$/.exec(id)?.[0] ?? '')
}
