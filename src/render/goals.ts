// Where agents are to go: a thin ring in the agent's colour around its goal, and a dotted way there.
import type { PictureSchema } from '../envs/frame.ts'
import { shortWay } from '../picture/blend.ts'
import type { Camera, Point } from '../picture/camera.ts'
import { type Ring, ringRadius } from '../picture/layout.ts'
import type { Markup } from '../picture/markup.ts'
import { circle, label, line, type Pixel } from './strokes.ts'

/** As many agents as are named below a ring: colours alone do not tell those of one team apart. */
const namedMost = 3
/** Of more agents than this, the ways would hide the picture. */
export const waysMost = 12

/** Around a goal at 0, 0; `outermost` counts the goal's rings from 0. */
export function ringFigure(
  { entities }: PictureSchema,
  { goal, color, nth, agents }: Ring,
  outermost: number,
  camera: Camera,
): Markup[] {
  const { size } = entities[goal]!
  const look = { fill: 'none', stroke: color, 'stroke-width': 2, 'stroke-opacity': 0.85 }
  const ring = circle([0, 0], ringRadius(size, camera, nth), look)
  if (agents.length > namedMost) return [ring]
  const aside = 0.71 * ringRadius(size, camera, outermost)
  const names = agents.map(agent => entities[agent]!.agent).join(' ')
  return [ring, label(names, [aside + 5 + 12 * nth, aside + 6], color, 10)]
}

/** From the agent's edge to the ring, the short way in an arena that wraps; null where they touch. Pixels. */
export function wayBetween(
  { entities, arena }: PictureSchema,
  agent: { readonly index: number; readonly at: Point },
  goal: { readonly index: number; readonly at: Point },
  camera: Camera,
): readonly [Pixel, Pixel] | null {
  let [x, y] = [goal.at.x - agent.at.x, goal.at.y - agent.at.y]
  if (arena?.edge === 'wrap') [x, y] = [shortWay(x, 2 * arena.half), shortWay(y, 2 * arena.half)]
  const length = Math.hypot(x, y) * camera.scale
  const begin = Math.max(3, entities[agent.index]!.size * camera.scale) + 4
  const end = length - ringRadius(entities[goal.index]!.size, camera, 0) - 3
  if (end <= begin) return null
  const at = (pixels: number) =>
    [camera.x(agent.at.x + (x * pixels) / length), camera.y(agent.at.y + (y * pixels) / length)] as const
  return [at(begin), at(end)]
}

export function wayFigure(
  [from, to]: readonly [Pixel, Pixel],
  color: string,
  ...animations: (Markup | null)[]
): Markup {
  const look = { stroke: color, 'stroke-width': 1.5, 'stroke-opacity': 0.5, 'stroke-linecap': 'round' }
  return line(from, to, { ...look, 'stroke-dasharray': '0.5 5' }, ...animations)
}
