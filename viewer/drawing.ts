// The game on a canvas, to scale under a fixed camera: agents as numbered discs with fading trails, landmarks as rings and diamonds.
import { agentCount } from '../src/stream/frame-codec.ts'
import type { Frame, FrameEntity, FrameField, FrameSchema } from '../src/stream/protocol.ts'
import type { Picture } from './motion.ts'
import { agentColors, landmarkColor, type Theme } from './theme.ts'

const VELOCITY_SECONDS = 0.3
const FONT = 'ui-sans-serif, system-ui, sans-serif'

/** From world units to pixels; y points up in the world, down on the canvas. */
interface Camera {
  readonly pixels: number
  readonly scale: number
  x(world: number): number
  y(world: number): number
}

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
    if (entity.kind === 'landmark') drawLandmark(context, camera, entity, at(i), landmarkColor(entity, theme), theme)
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

/** A landmark that can be bumped into is a solid ring; one that can be passed is a diamond in a dotted circle of its true size. */
function drawLandmark(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point | null,
  color: string,
  theme: Theme,
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
  label(context, `L${number(entity.id)}`, x + radius + 3, y - radius + 1, theme.muted, 10, 'left')
}

function drawTrail(
  context: CanvasRenderingContext2D,
  camera: Camera,
  picture: Picture,
  position: FrameField | undefined,
  entity: number,
  color: string,
): void {
  const points = [...picture.trail.map(frame => frame.row), picture.row].map(row => place(row, position, entity))
  context.strokeStyle = color
  context.lineCap = 'round'
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1], points[i]]
    if (!from || !to) continue
    const age = i / (points.length - 1)
    context.globalAlpha = 0.45 * age * age
    context.lineWidth = 1 + 3 * age
    line(context, camera.x(from.x), camera.y(from.y), camera.x(to.x), camera.y(to.y))
  }
  context.globalAlpha = 1
}

function drawVelocity(
  context: CanvasRenderingContext2D,
  camera: Camera,
  entity: FrameEntity,
  where: Point | null,
  velocity: Point,
  color: string,
): void {
  const speed = Math.hypot(velocity.x, velocity.y)
  if (!where || speed * VELOCITY_SECONDS * camera.scale < 2) return
  const from = (entity.size * camera.scale + 2) / camera.scale / speed
  const to = from + VELOCITY_SECONDS
  context.strokeStyle = color
  context.globalAlpha = 0.7
  context.lineWidth = 1.5
  const [x, y] = [(by: number) => camera.x(where.x + by * velocity.x), (by: number) => camera.y(where.y + by * velocity.y)]
  line(context, x(from), y(from), x(to), y(to))
  context.globalAlpha = 1
}

function drawAgent(
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
    const inward = 16 * Math.sign(camera.pixels / 2 - shownX)
    label(context, String(entity.agent), shownX + (x === shownX ? 14 : inward), shownY + (x === shownX ? 0 : 0), color, 11)
    return
  }
  circle(context, x, y, Math.max(3, radius))
  context.fill()
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
function drawUtterance(
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

interface Point {
  readonly x: number
  readonly y: number
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

function number(id: string): string {
  return /\d+$/.exec(id)?.[0] ?? ''
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath()
  context.moveTo(x1, y1)
  context.lineTo(x2, y2)
  context.stroke()
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath()
  context.moveTo(x, y - radius)
  context.lineTo(x + radius, y)
  context.lineTo(x, y + radius)
  context.lineTo(x - radius, y)
  context.closePath()
}

function arrowHead(context: CanvasRenderingContext2D, x: number, y: number, angle: number): void {
  context.beginPath()
  for (const [turn, length] of [[0, 9], [2.5, 8], [-2.5, 8]] as const) {
    context.lineTo(x + length * Math.cos(angle + turn), y + length * Math.sin(angle + turn))
  }
  context.fill()
}

function paint(context: CanvasRenderingContext2D, alpha: number): void {
  context.globalAlpha = alpha
  context.fill()
  context.globalAlpha = 1
}

function label(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  color: string,
  size: number,
  align: CanvasTextAlign = 'center',
): void {
  context.font = `600 ${size}px ${FONT}`
  context.textAlign = align
  context.textBaseline = 'middle'
  context.fillStyle = color
  context.fillText(text, x, y)
}
