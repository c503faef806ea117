// A grid on the canvas: cells, walls, cells with a meaning, things that lie in them, and what agents did.
import type { Camera, Point } from '../../src/picture/camera.ts'
import type { Theme } from '../../src/picture/colors.ts'
import { boxOf, cellSize, halfSides, markColor } from '../../src/picture/grid-ground.ts'
import type { FrameEntity, GridPicture } from '../../src/stream/protocol.ts'
import { diamond, label, line, paint } from './strokes.ts'

/** Cells of fewer pixels have no room for words. */
const ROOMY = 30

export function drawGrid(context: CanvasRenderingContext2D, camera: Camera, grid: GridPicture, theme: Theme): void {
  const { rows, columns, walls, marks } = grid
  const half = halfSides(grid)
  const [left, right, top, bottom] = [camera.x(-half.x), camera.x(half.x), camera.y(half.y), camera.y(-half.y)]
  context.fillStyle = theme.ground
  context.fillRect(0, 0, camera.width, camera.height)
  const fill = (cells: readonly number[]) => {
    context.beginPath()
    for (const cell of cells) {
      const box = boxOf(grid, cell)
      context.rect(camera.x(box.left), camera.y(box.top), box.width * camera.scale, box.height * camera.scale)
    }
  }
  for (const mark of marks) {
    context.fillStyle = markColor(mark, theme)
    fill(mark.cells)
    paint(context, 0.22)
  }
  context.strokeStyle = theme.line
  context.lineWidth = 1
  const size = cellSize(grid) * camera.scale
  for (let column = 1; column < columns; column++) {
    const x = Math.round(left + column * size) + 0.5
    line(context, x, top, x, bottom)
  }
  for (let row = 1; row < rows; row++) {
    const y = Math.round(top + row * size) + 0.5
    line(context, left, y, right, y)
  }
  context.fillStyle = theme.wall
  fill(walls)
  context.fill()
  context.strokeStyle = theme.wall
  context.lineWidth = 2
  context.strokeRect(left, top, right - left, bottom - top)
}

/** A thing in its cell: pale, or full where it stands out. */
export function drawThing(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { size, form }: FrameEntity,
  where: Point,
  color: string,
  marked: boolean,
): void {
  const [x, y, radius] = [camera.x(where.x), camera.y(where.y), Math.max(3, size * camera.scale)]
  context.fillStyle = context.strokeStyle = color
  context.lineWidth = 2
  if (form === 'square') {
    context.beginPath()
    context.roundRect(x - radius, y - radius, 2 * radius, 2 * radius, Math.min(4, radius / 3))
  } else diamond(context, x, y, radius * 1.2)
  paint(context, marked ? 0.85 : 0.2)
  context.stroke()
}

/** Above an agent, what it did in the step that led here. */
export function drawWord(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { size }: FrameEntity,
  where: Point,
  word: string,
  theme: Theme,
): void {
  const radius = size * camera.scale
  if (radius < ROOMY / 2.8) return
  label(context, word, camera.x(where.x), camera.y(where.y) - radius - 11, theme.ink, 10)
}
