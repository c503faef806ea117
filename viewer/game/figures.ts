// How each thing of a game looks: landmarks, agents, their velocity and where they look.

import type { Camera, Point } from '../../src/picture/camera.ts'
import type { Theme } from '../../src/picture/colors.ts'
import type { FrameEntity, PictureSchema } from '../../src/stream/protocol.ts'
import type { Flash } from './flashes.ts'
import { drawDisc } from './sprites.ts'
import { arrowHead, circle, diamond, label, labelFont, paint } from './strokes.ts'

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

/** All of one colour in one stroke: a thousand cost little more than one. */
export function drawVelocities(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { entities }: PictureSchema,
  actors: readonly number[],
  place: (entity: number) => Point | null,
  velocityOf: (entity: number) => Point | null,
  colors: readonly string[],
): void {
  context.globalAlpha = 0.6
  context.lineWidth = 2
  for (const color of new Set(actors.map(entity => colors[entity]!))) {
    context.strokeStyle = color
    context.beginPath()
    for (const entity of actors) {
      const velocity = colors[entity] === color ? velocityOf(entity) : null
      const speed = velocity === null ? 0 : Math.hypot(velocity.x, velocity.y)
      if (velocity === null || speed * VELOCITY_SECONDS * camera.scale < 4) continue
      const where = place(entity)!
      const from = entities[entity]!.size / speed
      const to = from + VELOCITY_SECONDS
      context.moveTo(camera.x(where.x + from * velocity.x), camera.y(where.y + from * velocity.y))
      context.lineTo(camera.x(where.x + to * velocity.x), camera.y(where.y + to * velocity.y))
    }
    context.stroke()
  }
  context.globalAlpha = 1
}

/** An agent: a disc with its index. `ringed` discs have a second ring; `named`: also beside a small disc, and at the edge beyond which it is. */
export function drawAgent(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point,
  color: string,
  ringed: boolean,
  named: boolean,
  density: number,
  theme: Theme,
): void {
  const radius = Math.max(3, entity.size * camera.scale)
  const [x, y] = [camera.x(where.x), camera.y(where.y)]
  const name = String(entity.agent)
  if (named && drawAway(context, camera, x, y, radius, name, color)) return
  const roomy = radius >= 7
  if (!roomy && !named) {
    // Of a crowd: cheaper than a sprite, and where the eye sees no difference two crossed bars are cheaper than a circle.
    context.fillStyle = color
    if (radius <= 4) {
      const half = radius * 0.55
      context.fillRect(x - radius, y - half, 2 * radius, 2 * half)
      context.fillRect(x - half, y - radius, 2 * half, 2 * radius)
    } else {
      circle(context, x, y, radius)
      context.fill()
    }
    return
  }
  drawDisc(context, { color, radius, sign: roomy ? name : null, ringed }, x, y, density, theme)
  if (named && !roomy) label(context, name, x + radius + 7, y - radius - 3, theme.ink, 10)
}

/** Out of the picture: an arrow at the edge says where. False when it is within. */
function drawAway(
  context: CanvasRenderingContext2D,
  { width, height }: Camera,
  x: number,
  y: number,
  radius: number,
  name: string,
  color: string,
): boolean {
  const margin = 12
  const shownX = Math.min(Math.max(x, margin), width - margin)
  const shownY = Math.min(Math.max(y, margin), height - margin)
  if (Math.hypot(x - shownX, y - shownY) <= radius + margin) return false
  context.fillStyle = color
  arrowHead(context, shownX, shownY, Math.atan2(y - shownY, x - shownX))
  const toMiddle = x === shownX ? 14 : 16 * Math.sign(width / 2 - shownX)
  label(context, name, shownX + toMiddle, shownY, color, 11)
  return true
}

/** A ring that spreads and fades from where two things began to touch. */
export function drawFlash(context: CanvasRenderingContext2D, camera: Camera, flash: Flash, theme: Theme): void {
  const [x, y] = [camera.x(flash.x), camera.y(flash.y)]
  const left = (1 - flash.age) ** 2
  context.strokeStyle = context.fillStyle = theme.flash
  context.globalAlpha = left
  context.lineWidth = 1 + 2.5 * left
  circle(context, x, y, 4 + 16 * (1 - left))
  context.stroke()
  circle(context, x, y, 4 * left)
  context.fill()
  context.globalAlpha = 1
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

/** What stands on an entity: in the middle of a landmark, at the edge of an agent, which carries its index. */
export function drawLabel(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { kind, size }: FrameEntity,
  where: Point,
  text: string,
  theme: Theme,
): void {
  const radius = Math.max(5, size * camera.scale)
  const [x, y] = [camera.x(where.x), camera.y(where.y)]
  if (kind === 'landmark') {
    label(context, text, x, y, theme.ink, size === 0 ? 12 : Math.min(15, Math.max(10, radius * 0.8)))
    return
  }
  const [left, top] = [x + 0.75 * radius, y + 0.75 * radius]
  context.font = labelFont(10)
  const half = Math.max(8, context.measureText(text).width / 2 + 4)
  context.fillStyle = theme.ground
  context.strokeStyle = theme.ink
  context.lineWidth = 1
  context.beginPath()
  context.roundRect(left - half, top - 8, 2 * half, 16, 8)
  context.fill()
  context.stroke()
  label(context, text, left, top, theme.ink, 10)
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
