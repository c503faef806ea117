// A grid as SVG: cells, walls, cells with a meaning, things that lie in them, and what agents did.
import type { FrameEntity, GridPicture } from '../envs/frame.ts'
import type { Camera } from '../picture/camera.ts'
import type { Theme } from '../picture/colors.ts'
import { boxOf, cellSize, halfSides, markColor } from '../picture/grid-ground.ts'
import { type Markup, tag } from '../picture/markup.ts'
import { diamond, label, line, round } from './strokes.ts'

export function gridGround(camera: Camera, grid: GridPicture, theme: Theme): Markup[] {
  const { rows, columns, walls, marks } = grid
  const half = halfSides(grid)
  const [left, right, top, bottom] = [camera.x(-half.x), camera.x(half.x), camera.y(half.y), camera.y(-half.y)]
  const size = cellSize(grid) * camera.scale
  const fill = (cells: readonly number[], look: Parameters<typeof tag>[1]) => {
    const squares = cells.map(cell => {
      const box = boxOf(grid, cell)
      return `M${round(camera.x(box.left))} ${round(camera.y(box.top))}h${round(size)}v${round(size)}h${-round(size)}Z`
    })
    return squares.length === 0 ? [] : [tag('path', { d: squares.join(''), ...look })]
  }
  const across = Array.from({ length: columns - 1 }, (_, i) => left + (i + 1) * size)
  const down = Array.from({ length: rows - 1 }, (_, i) => top + (i + 1) * size)
  return [
    ...marks.flatMap(mark => fill(mark.cells, { fill: markColor(mark, theme), 'fill-opacity': 0.22 })),
    ...across.map(x => line([x, top], [x, bottom], { stroke: theme.line })),
    ...down.map(y => line([left, y], [right, y], { stroke: theme.line })),
    ...fill(walls, { fill: theme.wall }),
    tag('rect', {
      x: left,
      y: top,
      width: right - left,
      height: bottom - top,
      fill: 'none',
      stroke: theme.wall,
      'stroke-width': 2,
    }),
  ]
}

/** A thing in its cell, around 0, 0: pale, or full where it stands out. */
export function thingFigure({ size, form }: FrameEntity, scale: number, color: string, marked: boolean): Markup {
  const radius = Math.max(3, size * scale)
  const look = { fill: color, 'fill-opacity': marked ? 0.85 : 0.2, stroke: color, 'stroke-width': 2 }
  if (form !== 'square') return diamond(round(radius * 1.2), look)
  const corner = -round(radius)
  return tag('rect', {
    x: corner,
    y: corner,
    width: -2 * corner,
    height: -2 * corner,
    rx: Math.min(4, radius / 3),
    ...look,
  })
}

/** Above an agent at 0, 0, what it did in the step that led here. */
export function wordFigure({ size }: FrameEntity, scale: number, word: string, { ink }: Theme): Markup {
  return label(word, [0, -size * scale - 11], ink, 10)
}
