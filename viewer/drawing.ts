// The game on a canvas, to scale under a fixed camera, y up: ground, landmarks, fading trails, agents.
import { agentCount } from '../src/stream/frame-codec.ts'
import type { Frame, FrameField, FrameSchema } from '../src/stream/protocol.ts'
import {
  type Camera,
  drawAgent,
  drawLandmark,
  drawLandmarkName,
  drawUtterance,
  drawVelocity,
  type Point,
} from './figures.ts'
import type { Picture } from './motion.ts'
import { line } from './strokes.ts'
import { agentColors, landmarkColor, type Theme } from './theme.ts'

/** Draws one picture, or the empty stage. The canvas is `pixels` wide and high; `density` is device pixels per CSS pixel. */
export function draw(
  context: CanvasRenderingContext2D,
  pixels: number,
  density: number,
  schema: FrameSchema,
  picture: Picture | null,
  theme: Theme,
): void {
  context.setTransform(density, 0, 0, density, 0, 0)
  const camera = aim(pixels / density, schema.extent)
  drawGround(context, camera, schema.extent, theme)
  if (!picture) return
  const colors = agentColors(schema, theme)
  const position = field(schema, 'position')
  const velocity = field(schema, 'velocity')
  const at = (i: number) => place(picture.row, position, i)
  schema.entities.forEach((entity, i) => {
    if (entity.kind === 'landmark') drawLandmark(context, camera, entity, at(i), landmarkColor(entity, theme))
  })
  const agents = schema.entities.flatMap((entity, i) => {
    const where = entity.agent === null ? null : at(i)
    return where ? [{ ...where, radius: entity.size }] : []
  })
  schema.entities.forEach((entity, i) => {
    if (entity.kind === 'landmark') drawLandmarkName(context, camera, entity, at(i), agents, theme)
  })
  schema.entities.forEach((entity, i) => {
    if (entity.agent !== null) drawTrail(context, camera, picture, position, i, colors[entity.agent]!)
  })
  schema.entities.forEach((entity, i) => {
    if (entity.agent === null) return
    const color = colors[entity.agent]!
    const where = at(i)
    const speed = velocity ? place(picture.row, velocity, entity.agent) : null
    if (speed) drawVelocity(context, camera, entity, where, speed, color)
    drawAgent(context, camera, entity, where, color, theme)
    drawUtterance(context, camera, entity, where, said(picture.frame, schema, entity.agent), theme)
  })
}

function aim(pixels: number, extent: number): Camera {
  const scale = pixels / (2 * extent)
  return { pixels, scale, x: world => pixels / 2 + world * scale, y: world => pixels / 2 - world * scale }
}

function drawGround(context: CanvasRenderingContext2D, camera: Camera, extent: number, theme: Theme): void {
  context.fillStyle = theme.ground
  context.fillRect(0, 0, camera.pixels, camera.pixels)
  const spacing = extent > 3 ? 1 : 0.5
  context.lineWidth = 1
  context.strokeStyle = theme.line
  for (let world = -Math.floor(extent / spacing) * spacing; world <= extent; world += spacing) {
    context.globalAlpha = Math.abs(world) < 1e-9 ? 1 : 0.55
    const across = Math.round(camera.x(world)) + 0.5
    const down = Math.round(camera.y(world)) + 0.5
    line(context, across, 0, across, camera.pixels)
    line(context, 0, down, camera.pixels, down)
  }
  context.globalAlpha = 1
}

/** Curves through the places between the frames, so that nothing overlaps and no corner shows. */
function drawTrail(
  context: CanvasRenderingContext2D,
  camera: Camera,
  picture: Picture,
  position: FrameField | undefined,
  entity: number,
  color: string,
): void {
  const points = [...picture.trail.map(frame => frame.row), picture.row]
    .map(row => place(row, position, entity))
    .filter(point => point !== null)
    .map(point => ({ x: camera.x(point.x), y: camera.y(point.y) }))
  context.strokeStyle = color
  for (let i = 1; i < points.length; i++) {
    const age = i / (points.length - 1)
    const corner = points[i]!
    const from = between(points[i - 1]!, corner)
    const to = i === points.length - 1 ? corner : between(corner, points[i + 1]!)
    context.globalAlpha = 0.55 * age ** 1.5
    context.lineWidth = 1 + 3 * age
    context.beginPath()
    context.moveTo(from.x, from.y)
    context.quadraticCurveTo(corner.x, corner.y, to.x, to.y)
    context.stroke()
  }
  context.globalAlpha = 1
}

function between(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}

function said(frame: Frame, schema: FrameSchema, agent: number): string | null {
  const utterance = field(schema, 'utterance')
  if (!utterance) return null
  const channels = utterance.size / agentCount(schema)
  let loudest = -1
  let most = 1e-6
  for (let channel = 0; channel < channels; channel++) {
    const value = frame.row[utterance.offset + agent * channels + channel]!
    if (value > most) [most, loudest] = [value, channel]
  }
  return loudest < 0 ? null : String.fromCharCode(97 + (loudest % 26))
}

function field(schema: FrameSchema, name: FrameField['name']): FrameField | undefined {
  return schema.fields.find(it => it.name === name)
}

/** The i-th pair of a field; null where it is missing or no number. */
function place(row: Float32Array, of: FrameField | undefined, i: number): Point | null {
  if (!of || 2 * i + 1 >= of.size) return null
  const [x, y] = [row[of.offset + 2 * i]!, row[of.offset + 2 * i + 1]!]
  return Number.isFinite(x) && Number.isFinite(y) ? { x, y } : null
}
