// The static background: the ground with its grid, the arena's edge, the walls; or the cells of a grid.

import type { Camera } from '../../src/picture/camera.ts'
import type { Theme } from '../../src/picture/colors.ts'
import { gridSpacing } from '../../src/picture/layout.ts'
import type { PictureSchema } from '../../src/stream/protocol.ts'
import { drawGrid } from './grid.ts'
import { line, paint } from './strokes.ts'

export function drawScenery(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { extent, arena, walls, grid }: PictureSchema,
  theme: Theme,
): void {
  if (grid !== undefined) {
    drawGrid(context, camera, grid, theme)
    return
  }
  drawGround(context, camera, extent, theme)
  if (arena && arena.edge !== 'none') drawEdge(context, camera, arena.half, arena.edge === 'wrap', theme)
  for (const wall of walls ?? []) drawWall(context, camera, wall, theme)
}

function drawGround(context: CanvasRenderingContext2D, camera: Camera, extent: number, theme: Theme): void {
  context.fillStyle = theme.ground
  const { width, height, scale } = camera
  context.fillRect(0, 0, width, height)
  const spacing = gridSpacing(Math.min(extent, Math.max(width, height) / (2 * scale)))
  context.lineWidth = 1
  context.strokeStyle = theme.line
  const lines = (from: number, to: number, draw: (world: number) => void) => {
    for (let i = Math.ceil(from / spacing); i <= to / spacing; i++) {
      context.globalAlpha = i === 0 ? 1 : 0.55
      draw(i * spacing)
    }
  }
  lines(camera.worldX(0), camera.worldX(width), world => {
    const across = Math.round(camera.x(world)) + 0.5
    line(context, across, 0, across, height)
  })
  lines(camera.worldY(height), camera.worldY(0), world => {
    const down = Math.round(camera.y(world)) + 0.5
    line(context, 0, down, width, down)
  })
  context.globalAlpha = 1
}

/** What lies beyond the edge is shaded. A wall is a solid line; an edge that one leaves by and comes back at is dashed. */
function drawEdge(context: CanvasRenderingContext2D, camera: Camera, half: number, wraps: boolean, theme: Theme): void {
  const left = camera.x(-half)
  const top = camera.y(half)
  const side = 2 * half * camera.scale
  context.fillStyle = context.strokeStyle = theme.wall
  context.beginPath()
  context.rect(0, 0, camera.width, camera.height)
  context.rect(left, top, side, side)
  context.globalAlpha = 0.22
  context.fill('evenodd')
  context.globalAlpha = 1
  context.lineWidth = wraps ? 1.5 : 3
  if (wraps) context.setLineDash([7, 6])
  context.strokeRect(left, top, side, side)
  context.setLineDash([])
}

/** Solid, so that nobody takes it for a landmark. */
function drawWall(
  context: CanvasRenderingContext2D,
  camera: Camera,
  wall: NonNullable<PictureSchema['walls']>[number],
  theme: Theme,
): void {
  context.fillStyle = context.strokeStyle = theme.wall
  if ('low' in wall) {
    const [left, top] = [camera.x(wall.low[0]), camera.y(wall.high[1])]
    context.beginPath()
    context.roundRect(left, top, camera.x(wall.high[0]) - left, camera.y(wall.low[1]) - top, 2)
    paint(context, 1)
    return
  }
  context.lineCap = 'round'
  context.lineWidth = Math.max(3, (wall.thickness ?? 0) * camera.scale)
  line(context, camera.x(wall.from[0]), camera.y(wall.from[1]), camera.x(wall.to[0]), camera.y(wall.to[1]))
  context.lineCap = 'butt'
}
