// Lines over a common axis with bands around them: learning curves, performance profiles.

import { tag } from '../picture/markup.ts'
import { type Interval, isKnown } from '../statistics/bootstrap.ts'
import { type Scale, scaleOf, tickText } from './axes.ts'
import { type Figure, plotWidth } from './figure.ts'
import { band, fitted, halo, type PlotPoint, polyline, widthOf } from './marks.ts'
import { lookOf, type Palette } from './palette.ts'

export interface PlottedLine {
  readonly label: string
  /** Which method it is, by number: what gives it its looks. */
  readonly method: number
  readonly x: readonly number[]
  readonly points: readonly Interval[]
  /** Single runs behind it, drawn thin. */
  readonly runs: readonly { readonly x: readonly number[]; readonly y: ArrayLike<number> }[]
}

export interface LinePlot extends Pick<Figure, 'name' | 'title' | 'description'> {
  readonly lines: readonly PlottedLine[]
  readonly xLabel: string
  readonly yLabel: string
  /** Levels to compare with, dotted. */
  readonly levels?: readonly { readonly label: string; readonly y: number }[]
  /** Thresholds to compare with, dotted. */
  readonly thresholds?: readonly { readonly label: string; readonly x: number }[]
}

const height = 270
const box = { left: 52, right: plotWidth - 18, top: 12, bottom: height - 44 }

export function linePlot(plot: LinePlot): Figure {
  const { lines, name, title, description } = plot
  const legend = legendRows(lines)
  const rowHeight = 18
  const x = scaleOf(
    lines.flatMap(line => [line, ...line.runs].flatMap(({ x }) => [x[0]!, x.at(-1)!])),
    box.left,
    box.right,
    5,
    0,
  )
  const y = scaleOf(
    [
      ...lines.flatMap(({ points, runs }) => [
        ...points.flatMap(({ value, low, high }) => [value, low, high]),
        ...runs.flatMap(run => Array.from(run.y)),
      ]),
      ...(plot.levels ?? []).map(level => level.y),
    ],
    box.bottom,
    box.top,
    5,
  )
  return {
    name,
    title,
    description,
    width: plotWidth,
    height: height + rowHeight * legend.length,
    draw: palette => [
      frame(x, y, plot, palette),
      ...(plot.levels ?? []).map(({ label, y: level }) => [
        rule([box.left, y(level)], [box.right, y(level)], palette),
        tag(
          'text',
          { x: box.right - 3, y: y(level) - 4, 'text-anchor': 'end', fill: palette.muted, 'font-size': 11 },
          label,
        ),
      ]),
      ...(plot.thresholds ?? []).map(({ label, x: at }) => [
        rule([x(at), box.top], [x(at), box.bottom], palette),
        tag(
          'text',
          {
            x: x(at) + (x(at) > box.right - 50 ? -4 : 4),
            y: box.top + 9,
            'text-anchor': x(at) > box.right - 50 ? 'end' : 'start',
            fill: palette.muted,
            'font-size': 11,
            ...halo(palette),
          },
          label,
        ),
      ]),
      ...lines.flatMap(line =>
        line.runs.map(run =>
          polyline(
            run.x.map((at, i): PlotPoint => [x(at), y(run.y[i]!)]),
            { stroke: lookOf(line.method, palette).color, 'stroke-width': 0.9, 'stroke-opacity': 0.45 },
          ),
        ),
      ),
      ...lines.map(({ method, x: steps, points }) =>
        points.some(isKnown)
          ? band(
              points.map(({ high }, i): PlotPoint => [x(steps[i]!), y(high)]),
              points.map(({ low }, i): PlotPoint => [x(steps[i]!), y(low)]),
              lookOf(method, palette).color,
            )
          : null,
      ),
      ...lines.map(({ method, x: steps, points }) => {
        const { color, dash } = lookOf(method, palette)
        return polyline(
          points.map(({ value }, i): PlotPoint => [x(steps[i]!), y(value)]),
          { stroke: color, 'stroke-width': 2.2, 'stroke-dasharray': dash },
        )
      }),
      ...legend.flatMap((row, r) =>
        row.map(({ line, at }) => {
          const { color, dash } = lookOf(line.method, palette)
          const middle = height + rowHeight * r + 2
          return [
            polyline(
              [
                [at, middle],
                [at + 26, middle],
              ],
              { stroke: color, 'stroke-width': 2.2, 'stroke-dasharray': dash },
            ),
            tag('text', { x: at + 32, y: middle + 4, fill: palette.ink }, fitted(line.label, box.right - at - 32)),
          ]
        }),
      ),
    ],
  }
}

/** Grid, numbers and names of both axes. */
function frame(x: Scale, y: Scale, { xLabel, yLabel }: LinePlot, { line, muted }: Palette) {
  const middle = (box.top + box.bottom) / 2
  const small = { fill: muted, 'font-size': 11 }
  return [
    y.ticks.map(tick => [
      tag('line', { x1: box.left, x2: box.right, y1: y(tick), y2: y(tick), stroke: line }),
      tag('text', { x: box.left - 6, y: y(tick) + 4, 'text-anchor': 'end', ...small }, tickText(tick)),
    ]),
    x.ticks.map(tick => [
      tag('line', { x1: x(tick), x2: x(tick), y1: box.bottom, y2: box.bottom + 4, stroke: muted }),
      tag('text', { x: x(tick), y: box.bottom + 17, 'text-anchor': 'middle', ...small }, tickText(tick)),
    ]),
    tag('line', { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, stroke: muted }),
    tag('text', { x: (box.left + box.right) / 2, y: box.bottom + 34, 'text-anchor': 'middle', ...small }, xLabel),
    tag('text', { x: 12, y: middle, 'text-anchor': 'middle', transform: `rotate(-90 12 ${middle})`, ...small }, yLabel),
  ]
}

function rule(from: PlotPoint, to: PlotPoint, { muted }: Palette) {
  return polyline([from, to], { stroke: muted, 'stroke-width': 1, 'stroke-dasharray': '2 3' })
}

/** Entries side by side as long as they fit. */
function legendRows(lines: readonly PlottedLine[]): { line: PlottedLine; at: number }[][] {
  const rows: { line: PlottedLine; at: number }[][] = []
  let next = Number.POSITIVE_INFINITY
  for (const line of lines) {
    const width = 32 + widthOf(line.label) + 18
    if (next + width > box.right + 18) {
      rows.push([])
      next = box.left
    }
    rows.at(-1)!.push({ line, at: next })
    next += width
  }
  return rows
}
