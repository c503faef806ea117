// The small shapes that every figure of a drawing is made of.
import { type Child, type Markup, tag } from '../picture/markup.ts'

export type StrokeAttributes = Parameters<typeof tag>[1]

/** In pixels, as all of a drawing. */
export type Pixel = readonly [x: number, y: number]

export function circle([cx, cy]: Pixel, r: number, look: StrokeAttributes): Markup {
  return tag('circle', { cx, cy, r, ...look })
}

export function line([x1, y1]: Pixel, [x2, y2]: Pixel, look: StrokeAttributes, ...children: readonly Child[]): Markup {
  return tag('line', { x1, y1, x2, y2, ...look }, ...children)
}

export function diamond(radius: number, look: StrokeAttributes): Markup {
  return tag('path', { d: `M0 ${-radius}L${radius} 0L0 ${radius}L${-radius} 0Z`, ...look })
}

/** Points to the right before it is turned. */
export function arrowHead(look: StrokeAttributes): Markup {
  const corner = (turn: number, length: number) => `${round(length * Math.cos(turn))} ${round(length * Math.sin(turn))}`
  return tag('path', { d: `M${corner(0, 9)}L${corner(2.5, 8)}L${corner(-2.5, 8)}Z`, ...look })
}

/** Words around a point; what draws an SVG does not agree on baselines, so the letters are moved down by hand. */
export function label(text: string, [x, y]: Pixel, fill: string, size: number, look: StrokeAttributes = {}): Markup {
  return tag('text', { x, y: y + 0.36 * size, fill, 'font-size': size, ...look }, text)
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}
