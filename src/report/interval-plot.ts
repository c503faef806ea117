// Figures side by side, one row each: a bar for the interval, a tick for the figure, a point for every run behind it.

import { tag } from '../picture/markup.ts'
import { type Interval, isKnown } from '../statistics/bootstrap.ts'
import { numberText, scaleOf, tickText } from './axes.ts'
import { type Figure, plotWidth } from './figure.ts'
import { fitted, halo, mark, polyline } from './marks.ts'
import { lookOf } from './palette.ts'

export interface IntervalRow {
  readonly label: string
  /** Which method it is, by number. */
  readonly method: number
  readonly interval: Interval
  /** Single runs behind it, each with what a pointer over it says. */
  readonly points: readonly { readonly value: number; readonly title: string }[]
}

export interface IntervalPlot extends Pick<Figure, 'name' | 'title' | 'description'> {
  readonly rows: readonly IntervalRow[]
  readonly xLabel: string
  /** Levels to compare with, dotted. */
  readonly levels?: readonly { readonly label: string; readonly x: number }[]
  /** Numbers that the axis holds in any case. */
  readonly holds?: readonly number[]
}

const rowHeight = 44
const top = 20

export function intervalPlot({
  name,
  title,
  description,
  rows,
  xLabel,
  levels = [],
  holds = [],
}: IntervalPlot): Figure {
  const bottom = top + rowHeight * rows.length
  const [left, right] = [14, plotWidth - 14]
  const shown = [
    ...rows.flatMap(({ interval: { value, low, high }, points }) => [
      value,
      low,
      high,
      ...points.map(point => point.value),
    ]),
    ...holds,
  ].filter(Number.isFinite)
  const near = nearby(levels, Math.min(...shown), Math.max(...shown))
  const x = scaleOf([...shown, ...near.map(level => level.x)], left, right, 5)
  const small = (fill: string) => ({ fill, 'font-size': 11 })
  return {
    name,
    title,
    description,
    width: plotWidth,
    height: bottom + 42,
    draw: palette => [
      x.ticks.map(tick => [
        tag('line', { x1: x(tick), x2: x(tick), y1: top, y2: bottom, stroke: palette.line }),
        tag('text', { x: x(tick), y: bottom + 16, 'text-anchor': 'middle', ...small(palette.muted) }, tickText(tick)),
      ]),
      tag('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: palette.muted }),
      tag('text', { x: (left + right) / 2, y: bottom + 33, 'text-anchor': 'middle', ...small(palette.muted) }, xLabel),
      near.map(({ label, x: level }) => {
        const beyond = x(level) > right - 60
        return [
          polyline(
            [
              [x(level), top - 4],
              [x(level), bottom],
            ],
            { stroke: palette.muted, 'stroke-dasharray': '2 3' },
          ),
          tag(
            'text',
            {
              x: x(level) + (beyond ? 3 : -3),
              y: top - 7,
              'text-anchor': beyond ? 'end' : 'start',
              ...small(palette.muted),
            },
            label,
          ),
        ]
      }),
      rows.map(({ label, method, interval, points }, r) => {
        const { color, mark: kind } = lookOf(method, palette)
        const middle = top + rowHeight * r + 28
        const value = x(interval.value)
        return [
          tag(
            'text',
            { x: left, y: middle - 13, fill: palette.ink, ...halo(palette) },
            `${fitted(label, right - left - 70)}  ${numberText(interval.value)}`,
          ),
          isKnown(interval)
            ? tag('rect', {
                x: x(interval.low),
                y: middle - 7,
                width: Math.max(1, x(interval.high) - x(interval.low)),
                height: 14,
                rx: 2,
                fill: color,
                'fill-opacity': 0.28,
              })
            : null,
          points.map((point, i) =>
            mark(
              kind,
              [x(point.value), middle + (points.length > 2 ? [0, -4, 4][i % 3]! : 0)],
              color,
              point.title,
              3.5,
            ),
          ),
          tag('line', { x1: value, x2: value, y1: middle - 9, y2: middle + 9, stroke: color, 'stroke-width': 3 }),
        ]
      }),
    ],
  }
}

/** Levels that leave the figures themselves at least a third of the axis: beside others, nothing could be told apart. */
function nearby(levels: NonNullable<IntervalPlot['levels']>, low: number, high: number) {
  return levels.filter(({ x }) => Math.max(low - x, x - high) <= high - low)
}
