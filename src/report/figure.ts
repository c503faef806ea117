// A figure: a plot with a name and words for readers who cannot see it; the same drawing for the page and for a file.
import { type Child, type Markup, tag, textOf } from '../picture/markup.ts'
import { light, type Palette } from './palette.ts'

export interface Figure {
  /** Of its files, and unique on the page. */
  readonly name: string
  readonly title: string
  /** What the plot shows, in words. */
  readonly description: string
  readonly width: number
  readonly height: number
  draw(palette: Palette): Child
}

/** Width of every plot: about as wide as a phone, so that its letters are readable there. */
export const plotWidth = 440

/** Letters of plots. */
export const letters = {
  family: 'system-ui, "Segoe UI", "DejaVu Sans", "Liberation Sans", Arial, sans-serif',
  size: 12,
} as const

/** The figure within the page. */
export function inlineSvg(figure: Figure, palette: Palette): Markup {
  const { name, title, description, width, height } = figure
  const ids = { title: `${name}-title`, description: `${name}-description` }
  return tag(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `${ids.title} ${ids.description}`,
      'font-family': letters.family,
      'font-size': letters.size,
      class: 'plot',
    },
    tag('title', { id: ids.title }, title),
    tag('desc', { id: ids.description }, description),
    figure.draw(palette),
  )
}

/** The figure as a file of its own, on white, its title above it. */
export function svgFile({ title, description, width, height, draw }: Figure): string {
  const head = 26
  const svg = tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height: height + head,
      viewBox: `0 0 ${width} ${height + head}`,
      role: 'img',
      'font-family': letters.family,
      'font-size': letters.size,
    },
    tag('title', {}, title),
    tag('desc', {}, description),
    tag('rect', { width, height: height + head, fill: light.ground }),
    tag('text', { x: 10, y: 19, 'font-weight': 600, 'font-size': 13, fill: light.ink }, title),
    tag('g', { transform: `translate(0 ${head})` }, draw(light)),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${textOf(svg)}\n`
}
