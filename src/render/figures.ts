// How each thing of a game looks, drawn around 0, 0: landmarks, agents, where they look and where they go.
import type { FrameEntity } from '../envs/frame.ts'
import type { Point } from '../picture/camera.ts'
import { isAdversary, type Theme } from '../picture/colors.ts'
import { type Child, type Markup, tag } from '../picture/markup.ts'
import { circle, diamond, label, line, round } from './strokes.ts'

const middle = [0, 0] as const
const velocitySeconds = 0.15

/** A landmark that can be bumped into is a solid ring; one that can be passed is a diamond in a dotted circle of its true size. */
export function landmarkFigure({ size, collides }: FrameEntity, scale: number, color: string): Markup[] {
  const radius = Math.max(5, size * scale)
  const look = { fill: color, 'fill-opacity': 0.16, stroke: color, 'stroke-width': 2 }
  if (collides) return [circle(middle, radius - 1, look)]
  return [
    circle(middle, radius, { fill: 'none', stroke: color, 'stroke-dasharray': '2 3' }),
    diamond(round(Math.max(5, radius * 0.72)), look),
  ]
}

/** The landmark's short name at its corner: L0 for landmark_0, F1 for forest_1. */
export function landmarkName({ id }: FrameEntity, outside: number, { muted }: Theme): Markup {
  const corner = nameCorner(outside)
  const name = (id[0] ?? '').toUpperCase() + (/\d+$/.exec(id)?.[0] ?? '')
  return label(name, [corner, -corner], muted, 10)
}

/** How far to the right of a landmark, and above it, its name stands. */
export function nameCorner(outside: number): number {
  return 0.71 * outside + 8
}

/** A light from above, that discs share. */
export const shine = tag(
  'radialGradient',
  { id: 'shine', fx: 0.325, fy: 0.275 },
  tag('stop', { 'stop-color': '#fff', 'stop-opacity': 0.3 }),
  tag('stop', { offset: 1, 'stop-color': '#fff', 'stop-opacity': 0 }),
)

/**
 * A disc with the agent's number in it, or beside it where it is small; adversaries have a second ring. A landmark under an agent
 * shines through.
 */
export function agentFigure(entity: FrameEntity, scale: number, color: string, theme: Theme): Child[] {
  const radius = Math.max(3, entity.size * scale)
  const onDisc = theme.dark ? '#0b0e14' : '#ffffff'
  const number = String(entity.agent)
  const size = Math.min(15, Math.max(9, radius * 1.1)) * (number.length > 2 ? 0.72 : 1)
  const ring = { fill: 'none', stroke: onDisc, 'stroke-opacity': 0.75, 'stroke-width': Math.max(1, radius * 0.07) }
  return [
    circle(middle, radius, { fill: color, 'fill-opacity': 0.86 }),
    circle(middle, radius, {
      fill: radius >= 5 ? 'url(#shine)' : 'none',
      stroke: theme.ground,
      'stroke-width': radius >= 5 ? 1.5 : 0.75,
    }),
    isAdversary(entity.team) && radius >= 5 ? circle(middle, radius * 0.78, ring) : null,
    radius >= 7 ? label(number, middle, onDisc, size) : label(number, [radius + 7, -radius - 3], theme.ink, 10),
  ]
}

/** What stands on an entity: in the middle of a landmark, at the edge of an agent, which carries its index. */
export function labelFigure({ kind, size }: FrameEntity, text: string, scale: number, theme: Theme): Child[] {
  const radius = Math.max(5, size * scale)
  if (kind === 'landmark')
    return [label(text, middle, theme.ink, size === 0 ? 12 : Math.min(15, Math.max(10, radius * 0.8)))]
  const at = round(0.75 * radius)
  const half = Math.max(8, 3 * text.length + 4)
  return [
    tag('rect', { x: at - half, y: at - 8, width: 2 * half, height: 16, rx: 8, fill: theme.ground, stroke: theme.ink }),
    label(text, [at, at], theme.ink, 10),
  ]
}

/** An agent that the scenario moves: a hollow disc with a square in it, in the colour of its side. */
export function scriptedFigure({ size }: FrameEntity, scale: number, color: string, { ground }: Theme): Markup[] {
  const radius = Math.max(4, size * scale)
  const half = Math.max(1.5, radius * 0.3)
  return [
    circle(middle, radius, { fill: ground, 'fill-opacity': 0.7 }),
    circle(middle, radius - 1, { fill: 'none', stroke: color, 'stroke-width': 2.5 }),
    tag('rect', { x: -half, y: -half, width: 2 * half, height: 2 * half, fill: color }),
  ]
}

/** A small nose that points to the right before it is turned; the disc is drawn over its root. */
export function headingFigure({ size }: FrameEntity, scale: number, color: string): Markup {
  const radius = Math.max(3, size * scale)
  const [x, y] = [round(radius * Math.cos(0.62)), round(radius * Math.sin(0.62))]
  return tag('path', { d: `M${round(radius * 1.2 + 7)} 0L${x} ${y}L${x} ${-y}Z`, fill: color })
}

/** Where the agent will be in a moment, from its edge on; null where that is hardly anywhere else. */
export function velocityFigure({ size }: FrameEntity, velocity: Point, scale: number, color: string): Markup | null {
  const speed = Math.hypot(velocity.x, velocity.y)
  if (speed * velocitySeconds * scale < 4) return null
  const from = size / speed
  const at = (seconds: number) => [seconds * velocity.x * scale, -seconds * velocity.y * scale] as const
  return line(at(from), at(from + velocitySeconds), { stroke: color, 'stroke-width': 2, 'stroke-opacity': 0.6 })
}
