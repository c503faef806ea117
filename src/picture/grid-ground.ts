// Where the cells of a grid are in world units, and in which colours cells with a meaning are drawn.
import type { GridMark, GridPicture } from '../envs/frame.ts'
import { legible, type Theme } from './colors.ts'

/** A rectangle in world units, y up. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Half the sides of the whole grid. */
export function halfSides({ rows, columns }: GridPicture): { readonly x: number; readonly y: number } {
  const side = Math.max(rows, columns)
  return { x: columns / side, y: rows / side }
}

/** A cell. */
export function boxOf(grid: GridPicture, cell: number): Box {
  const { x, y } = halfSides(grid)
  const size = cellSize(grid)
  const [row, column] = [Math.floor(cell / grid.columns), cell % grid.columns]
  return { left: -x + column * size, top: y - row * size, width: size, height: size }
}

/** The side of a cell. */
export function cellSize({ rows, columns }: GridPicture): number {
  return 2 / Math.max(rows, columns)
}

/** A mark's own colour, else that of things that begin to touch. */
export function markColor({ color }: GridMark, theme: Theme): string {
  return color === undefined ? theme.flash : legible(color, theme)
}
