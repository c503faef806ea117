// The static background: the ground with its grid, the arena's edge, the walls; or the cells of a grid.
import type { PictureSchema } from '../envs/frame.ts'
import type { Camera } from '../picture/camera.ts'
import type { Theme } from '../picture/colors.ts'
import { gridSpacing } from '../picture/layout.ts'
import { type Markup, tag } from '../picture/markup.ts'
import { gridGround } from './grid.ts'
import { line } from './strokes.ts'

export function scenery(camera: Camera, { extent, arena, walls, grid: cells }: PictureSchema, theme: Theme): Markup[] {
  const { width: pixels } = camera
  if (cells !== undefined) {
    return [tag('rect', { width: pixels, height: pixels, fill: theme.ground }), ...gridGround(camera, cells, theme)]
  }
  return [
    tag('rect', { width: pixels, height: pixels, fill: theme.ground }),
    ...grid(camera, extent, theme),
    ...(arena && arena.edge !== 'none' ? edge(camera, arena.half, arena.edge === 'wrap', theme) : []),
    ...(walls ?? []).map(wall => wallFigure(camera, wall, theme)),
  ]
}

function grid(camera: Camera, extent: number, theme: Theme): Markup[] {
  const spacing = gridSpacing(extent)
  const lines: Markup[] = []
  for (let world = -Math.floor(extent / spacing) * spacing; world <= extent; world += spacing) {
    const [across, down] = [Math.round(camera.x(world)) + 0.5, Math.round(camera.y(world)) + 0.5]
    const look = { stroke: theme.line, 'stroke-opacity': Math.abs(world) < 1e-9 ? 1 : 0.55 }
    lines.push(line([across, 0], [across, camera.width], look), line([0, down], [camera.width, down], look))
  }
  return lines
}

/** What lies beyond the edge is shaded. A wall is a solid line; an edge that one leaves by and comes back at is dashed. */
function edge({ width: pixels, scale, x, y }: Camera, half: number, wraps: boolean, theme: Theme): Markup[] {
  const [left, top, side] = [x(-half), y(half), 2 * half * scale]
  const around = `M0 0H${pixels}V${pixels}H0Z`
  const inside = `M${left} ${top}h${side}v${side}h${-side}Z`
  return [
    tag('path', { d: around + inside, 'fill-rule': 'evenodd', fill: theme.wall, 'fill-opacity': 0.22 }),
    tag('path', {
      d: inside,
      fill: 'none',
      stroke: theme.wall,
      'stroke-width': wraps ? 1.5 : 3,
      'stroke-dasharray': wraps ? '7 6' : null,
    }),
  ]
}

/** Solid, so that nobody takes it for a landmark. */
function wallFigure(camera: Camera, wall: NonNullable<PictureSchema['walls']>[number], theme: Theme): Markup {
  if ('low' in wall) {
    const [x, y] = [camera.x(wall.low[0]), camera.y(wall.high[1])]
    const [width, height] = [camera.x(wall.high[0]) - x, camera.y(wall.low[1]) - y]
    return tag('rect', { x, y, width, height, rx: 2, fill: theme.wall })
  }
  const [from, to] = [wall.from, wall.to].map(([x, y]) => [camera.x(x), camera.y(y)] as const)
  const thickness = Math.max(3, (wall.thickness ?? 0) * camera.scale)
  return line(from!, to!, { stroke: theme.wall, 'stroke-width': thickness, 'stroke-linecap': 'round' })
}
