// How each thing of a game looks: landmarks, agents, their velocity and where they look.

import type { Camera, Point } from '../src/picture/camera.ts'
import type { Theme } from '../src/picture/colors.ts'
import type { FrameEntity } from '../src/stream/protocol.ts'
import { arrowHead, circle, diamond, label, line, paint } from './strokes.ts'

const VELOCITY_SECONDS = 0.15

/** A landmark that can be bumped into is a solid ring; one that can be passed is a diamond in a dotted circle of its true size. */
export function drawLandmark(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point,
  color: string,
): void {
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
  where: Point,
  velocity: Point,
  color: string,
): void {
  const speed = Math.hypot(velocity.x, velocity.y)
  if (speed * VELOCITY_SECONDS * camera.scale < 4) return
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
  where: Point,
  color: string,
  theme: Theme,
): void {
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

/** A small nose where an agent looks; the disc is drawn over its root. */
export function drawHeading(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point,
  heading: number,
  color: string,
): void {
  const radius = Math.max(3, entity.size * camera.scale)
  const [x, y] = [camera.x(where.x), camera.y(where.y)]
  const corner = (turn: number, length: number) =>
    context.lineTo(x + length * Math.cos(heading + turn), y - length * Math.sin(heading + turn))
  context.fillStyle = color
  context.beginPath()
  corner(0, radius * 1.2 + 7)
  corner(0.62, radius)
  corner(-0.62, radius)
  context.fill()
}

/** An agent that the scenario moves: a hollow disc with a square in it, in the colour of its side. */
export function drawScripted(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point,
  color: string,
  theme: Theme,
): void {
  const radius = Math.max(4, entity.size * camera.scale)
  const [x, y] = [camera.x(where.x), camera.y(where.y)]
  circle(context, x, y, radius)
  context.fillStyle = theme.ground
  paint(context, 0.7)
  context.strokeStyle = context.fillStyle = color
  context.lineWidth = 2.5
  circle(context, x, y, radius - 1)
  context.stroke()
  const half = Math.max(1.5, radius * 0.3)
  context.fillRect(x - half, y - half, 2 * half, 2 * half)
}

/** The landmark's short name at its corner, `outside` pixels from the middle, unless an agent is there. */
export function drawLandmarkName(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point,
  outside: number,
  agents: readonly (Point & { readonly radius: number })[],
  theme: Theme,
): void {
  const corner = 0.71 * outside + 8
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
