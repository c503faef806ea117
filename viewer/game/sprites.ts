// Discs that are drawn once and then copied, so that a thousand agents are as cheap as ten.
import type { Theme } from '../../src/picture/colors.ts'
import { circle, label } from './strokes.ts'

export interface Disc {
  readonly color: string
  /** CSS pixels. */
  readonly radius: number
  /** Stands on it; null: nothing. */
  readonly sign: string | null
  /** A second ring within, for teams that hues alone may not tell apart. */
  readonly ringed: boolean
}

const KEPT_MOST = 600
const MARGIN = 2

const kept = new Map<string, HTMLCanvasElement>()

/** Draws a disc with its middle at x, y. */
export function drawDisc(
  context: CanvasRenderingContext2D,
  disc: Disc,
  x: number,
  y: number,
  density: number,
  theme: Theme,
): void {
  // A camera that glides asks for many radii: halves of a pixel are as many as the eye tells apart.
  const radius = Math.round(disc.radius * 2) / 2
  const key = `${disc.color} ${radius} ${disc.sign} ${disc.ringed} ${density} ${theme.ground}`
  let sprite = kept.get(key)
  if (sprite === undefined) {
    if (kept.size >= KEPT_MOST) kept.clear()
    sprite = paintDisc({ ...disc, radius }, density, theme)
    kept.set(key, sprite)
  }
  const side = sprite.width / density
  context.drawImage(sprite, x - side / 2, y - side / 2, side, side)
}

function paintDisc({ color, radius, sign, ringed }: Disc, density: number, theme: Theme): HTMLCanvasElement {
  const sprite = document.createElement('canvas')
  const side = 2 * (radius + MARGIN)
  sprite.width = sprite.height = Math.ceil(side * density)
  const context = sprite.getContext('2d')!
  context.scale(density, density)
  const middle = sprite.width / density / 2
  circle(context, middle, middle, radius)
  context.fillStyle = color
  // A landmark under an agent shines through.
  context.globalAlpha = 0.86
  context.fill()
  if (radius >= 5) {
    const light = context.createRadialGradient(
      middle - radius * 0.35,
      middle - radius * 0.45,
      radius * 0.1,
      middle,
      middle,
      radius,
    )
    light.addColorStop(0, 'rgba(255, 255, 255, 0.30)')
    light.addColorStop(1, 'rgba(255, 255, 255, 0)')
    context.fillStyle = light
    context.fill()
  }
  context.globalAlpha = 1
  context.strokeStyle = theme.ground
  context.lineWidth = radius >= 5 ? 1.5 : 0.75
  context.stroke()
  const onDisc = theme.dark ? '#0b0e14' : '#ffffff'
  if (ringed && radius >= 5) {
    circle(context, middle, middle, radius * 0.78)
    context.strokeStyle = onDisc
    context.globalAlpha = 0.75
    context.lineWidth = Math.max(1, radius * 0.07)
    context.stroke()
    context.globalAlpha = 1
  }
  if (sign !== null) {
    const size = Math.min(15, Math.max(9, radius * 1.1)) * (sign.length > 2 ? 0.72 : 1)
    label(context, sign, middle, middle + 0.5, onDisc, size)
  }
  return sprite
}
