// Pieces of the page that many sections use: tables with captions, figures, sections, notes.

import { type Child, type Markup, tag } from '../picture/markup.ts'
import type { Interval } from '../statistics/bootstrap.ts'
import { isKnown } from '../statistics/bootstrap.ts'
import { numberText } from './axes.ts'
import { type Figure, inlineSvg } from './figure.ts'
import { lookOf, page } from './palette.ts'

export interface ReportTable {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly Child[])[]
  /** How many columns from the left are words; the others are numbers. */
  readonly words: number
}

/** A table that scrolls by itself where it is wider than the page. */
export function table({ caption, head, rows, words }: ReportTable): Markup {
  const side = (column: number) => (column < words ? null : 'number')
  return tag(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    tag(
      'table',
      {},
      tag('caption', {}, tag('span', {}, caption)),
      tag(
        'thead',
        {},
        tag(
          'tr',
          {},
          head.map((name, i) => tag('th', { scope: 'col', class: side(i) }, name)),
        ),
      ),
      tag(
        'tbody',
        {},
        rows.map(cells =>
          tag(
            'tr',
            {},
            cells.map((cell, i) => (i === 0 ? tag('th', { scope: 'row' }, cell) : tag('td', { class: side(i) }, cell))),
          ),
        ),
      ),
    ),
  )
}

/** A section with an anchor. */
export function section(id: string, title: string, ...children: readonly Child[]): Markup {
  return tag(
    'section',
    { id, 'aria-labelledby': `${id}-heading` },
    tag('h2', { id: `${id}-heading` }, title),
    ...children,
  )
}

/** Plots side by side where there is room. */
export function plots(figures: readonly Figure[]): Markup {
  return tag(
    'div',
    { class: 'plots' },
    figures.map(figure => tag('figure', {}, tag('figcaption', {}, figure.title), inlineSvg(figure, page))),
  )
}

/** What does not meet the eye: `label` stands for a method with its colour before it. */
export function methodName(label: string, method: number): Child {
  const { color } = lookOf(method, page)
  const swatch = tag('rect', { width: 10, height: 10, rx: 2, fill: color })
  return [tag('svg', { class: 'swatch', viewBox: '0 0 10 10', 'aria-hidden': 'true' }, swatch), label]
}

export function notes(sentences: readonly string[]): Child {
  if (sentences.length === 0) return null
  return tag(
    'ul',
    { class: 'notes' },
    sentences.map(sentence => tag('li', {}, sentence)),
  )
}

/** −141.2 [−143.0, −139.5], or without an interval where there is none. */
export function intervalText(interval: Interval): string {
  const { value, low, high } = interval
  return isKnown(interval) ? `${numberText(value)} [${numberText(low)}, ${numberText(high)}]` : numberText(value)
}
