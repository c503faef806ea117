// Small shapes of plots: points of six kinds, polylines, bands, labels.
import { type Markup, tag } from '../picture/markup.ts'
import type { Mark, Palette } from './palette.ts'

export type PlotPoint = readonly [x: number, y: number]

/** A point; `title` is what a pointer over it says. */
export function mark(kind: Mark, [x, y]: PlotPoint, color: string, title: string, size = 4): Markup {
  const words = tag('title', {}, title)
  const look = { fill: color, 'fill-opacity': 0.75, stroke: color, 'stroke-width': 1 }
  const path = (d: string) => tag('path', { d, ...look }, words)
  const at = (dx: number, dy: number) => `${round(x + dx * size)} ${round(y + dy * size)}`
  if (kind === 'disc') return tag('circle', { cx: x, cy: y, r: size, ...look }, words)
  if (kind === 'ring')
    return tag('circle', { cx: x, cy: y, r: size, ...look, 'fill-opacity': 0, 'stroke-width': 2 }, words)
  if (kind === 'square') return path(`M${at(-0.9, -0.9)}L${at(0.9, -0.9)}L${at(0.9, 0.9)}L${at(-0.9, 0.9)}Z`)
  if (kind === 'triangle') return path(`M${at(0, -1.15)}L${at(1.1, 0.85)}L${at(-1.1, 0.85)}Z`)
  if (kind === 'diamond') return path(`M${at(0, -1.25)}L${at(1.25, 0)}L${at(0, 1.25)}L${at(-1.25, 0)}Z`)
  return tag(
    'path',
    {
      d: `M${at(-0.9, -0.9)}L${at(0.9, 0.9)}M${at(-0.9, 0.9)}L${at(0.9, -0.9)}`,
      fill: 'none',
      stroke: color,
      'stroke-width': 2,
    },
    words,
  )
}

/** A line through some places; it breaks where one is not finite. */
export function polyline(places: readonly PlotPoint[], attributes: Parameters<typeof tag>[1]): Markup {
  let d = ''
  let drawing = false
  for (const [x, y] of places) {
    const known = Number.isFinite(x) && Number.isFinite(y)
    if (known) d += `${drawing ? 'L' : 'M'}${round(x)} ${round(y)}`
    drawing = known
  }
  return tag('path', { d, fill: 'none', 'stroke-linejoin': 'round', ...attributes })
}

/** The area between two lines over the same x; places that are not finite are left out. */
export function band(upper: readonly PlotPoint[], lower: readonly PlotPoint[], color: string): Markup {
  const known = (places: readonly PlotPoint[]) => places.filter(place => place.every(Number.isFinite))
  const around = [...known(upper), ...known(lower).reverse()]
  const d = around.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
  return tag('path', { d: d === '' ? '' : `${d}Z`, fill: color, 'fill-opacity': 0.16 })
}

/** For words that stand on lines: the ground around every letter. */
export function halo({ ground }: Palette): { stroke: string; 'stroke-width': number; 'paint-order': string } {
  return { stroke: ground, 'stroke-width': 3, 'paint-order': 'stroke' }
}

/** About how wide some words are, in pixels: there is nothing to measure them with. */
export function widthOf(words: string, size = 12): number {
  return words.length * size * 0.56
}

/** Words that fit, with their end left out if need be. */
export function fitted(words: string, width: number, size = 12): string {
  const most = Math.max(4, Math.floor(width / (size * 0.56)))
  return words.length <= most ? words : `${words.slice(0, most - 1)}…`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
