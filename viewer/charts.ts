// One line chart with a legend that names every line and its newest value, or the one under the pointer.
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Theme } from '../src/picture/colors.ts'
import type { Curve } from './curves.ts'
import { DASHES } from './theme.ts'
import { amount, count } from './words.ts'

const FONT = '11px ui-sans-serif, system-ui, sans-serif'

interface Points {
  readonly x: readonly number[]
  /** Per line; null: no point here. */
  readonly y: readonly (readonly (number | null)[])[]
}

export interface ChartData extends Points {
  /** Drawn faintly behind, on the same axes. */
  readonly ghost?: Points
  /** Single measurements, drawn as dots. */
  readonly dots?: Points
  readonly xRange?: readonly [number, number]
  readonly yRange?: readonly [number, number]
}

export interface Line extends Curve {
  readonly color: string
}

/** One colour per line: the team's, or the ink's where a line stands for several teams. */
export function lines(curves: readonly Curve[], agentColors: readonly string[], theme: Theme): Line[] {
  return curves.map(curve => {
    const colors = new Set(curve.agents.map(agent => agentColors[agent]!))
    return { ...curve, color: colors.size === 1 ? [...colors][0]! : theme.ink }
  })
}

export class Chart {
  private plot: uPlot | null = null
  private lines: readonly Line[] = []
  private data: ChartData = { x: [], y: [] }
  private values: HTMLElement[] = []
  private theme: Theme | null = null
  /** As last observed: measured at other times it may be a passing state of the layout. */
  private size = { width: 400, height: 132 }

  /** Kinds of points that the plot was made for. */
  private kinds = ''

  constructor(
    private readonly place: HTMLElement,
    private readonly legend: HTMLElement | null,
    private readonly words: { readonly x: string; readonly empty: string },
  ) {
    place.dataset.empty = words.empty
    new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      this.size = { width: Math.max(120, Math.floor(width)), height: Math.max(80, Math.floor(height)) }
      this.plot?.setSize(this.size)
    }).observe(place)
  }

  /** Makes the chart anew: other lines, or other colours. */
  begin(lines: readonly Line[], theme: Theme): void {
    this.lines = lines
    this.theme = theme
    this.make()
    this.values = this.legend === null ? [] : legendFor(this.legend, lines)
    this.show(this.data)
  }

  show(data: ChartData): void {
    this.data = data
    if (this.plot !== null && this.kinds !== kindsOf(data)) this.make()
    else this.plot?.setData(this.columns())
    this.place.dataset.empty = data.x.length === 0 && !data.ghost?.x.length ? this.words.empty : ''
    this.showValues(this.plot?.cursor.idx ?? null)
  }

  private make(): void {
    this.plot?.destroy()
    this.kinds = kindsOf(this.data)
    this.plot = new uPlot(this.options(this.theme!), this.columns(), this.place)
  }

  private columns(): uPlot.AlignedData {
    const { x, y, ghost, dots } = this.data
    const of = (rows: ChartData['y']) =>
      this.lines.map((_, i) => (rows[i] ?? []).map(value => (Number.isFinite(value) ? value : null)))
    if (!ghost && !dots) return [[...x], ...of(y)]
    // All share one axis; the lists are padded to its whole length.
    const all = [{ x, y }, ...[ghost, dots].filter(points => points !== undefined)]
    const steps = [...new Set(all.flatMap(points => points.x))].sort((a, b) => a - b)
    const spread = (points: Points) => {
      const index = new Map(points.x.map((step, i) => [step, i]))
      return of(points.y).map(row => steps.map(step => (index.has(step) ? row[index.get(step)!]! : null)))
    }
    return [steps, ...all.flatMap(spread)]
  }

  private options(theme: Theme): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: theme.muted,
      font: FONT,
      labelFont: FONT,
      labelSize: 16,
      labelGap: 0,
      grid: { stroke: theme.line, width: 1 },
      ticks: { show: false },
    }
    const series = (alpha: number): uPlot.Series[] =>
      this.lines.map((line, i) => ({
        label: line.name,
        stroke: line.color,
        alpha,
        width: 1.75,
        dash: [...dashOf(this.lines, i)],
        spanGaps: true,
        points: { show: (_plot, _i, from, to) => alpha === 1 && from === to, size: 5, fill: line.color },
      }))
    return {
      ...this.size,
      padding: [10, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false, range: (_plot, least, most) => [...(this.data.xRange ?? widen(least, most))] },
        y: { range: (_plot, least, most) => around(...(this.data.yRange ?? [least, most])) },
      },
      axes: [
        {
          ...axis,
          ...(this.words.x !== '' && { label: this.words.x }),
          size: 24,
          gap: 4,
          space: 60,
          values: (_plot, splits) => splits.map(at => (at % 1 ? '' : count(at))),
        },
        { ...axis, size: 52, gap: 6, space: 26, values: (_plot, splits) => splits.map(tick) },
      ],
      series: [
        {},
        ...series(1),
        ...(this.data.ghost ? series(0.22) : []),
        ...(this.data.dots ? this.lines.map(line => dotted(line, theme)) : []),
      ],
      hooks: { setCursor: [plot => this.showValues(plot.cursor.idx ?? null)] },
    }
  }

  /** The value under the pointer, else the newest. */
  private showValues(index: number | null): void {
    this.values.forEach((place, i) => {
      const column = this.plot?.data[i + 1]
      const own = this.data.y[i]
      const value = index === null ? own?.findLast(each => typeof each === 'number') : column?.[index]
      place.textContent = typeof value === 'number' ? amount(value) : '\u2013'
    })
  }
}

function kindsOf({ ghost, dots }: ChartData): string {
  return `${ghost !== undefined} ${dots !== undefined}`
}

/** Dots without a line between them. */
function dotted({ name, color }: Line, theme: Theme): uPlot.Series {
  const points = { show: true, size: 7, width: 1.5, fill: theme.ground, stroke: color }
  return { label: name, stroke: color, paths: () => null, points }
}

function legendFor(legend: HTMLElement, lines: readonly Line[]): HTMLElement[] {
  const values: HTMLElement[] = []
  legend.replaceChildren(
    ...lines.map((line, i) => {
      const item = document.createElement('li')
      const value = document.createElement('b')
      values.push(value)
      item.append(swatch(line.color, dashOf(lines, i)), line.name, value)
      return item
    }),
  )
  return values
}

function swatch(color: string, dash: readonly number[]): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const stroke = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  svg.setAttribute('viewBox', '0 0 22 8')
  svg.setAttribute('aria-hidden', 'true')
  const attributes = {
    d: 'M1 4h20',
    stroke: color,
    'stroke-width': '2',
    'stroke-dasharray': dash.join(' '),
    fill: 'none',
  }
  for (const [name, value] of Object.entries(attributes)) stroke.setAttribute(name, value)
  svg.append(stroke)
  return svg
}

/** Lines of one colour differ in their dashes. */
function dashOf(lines: readonly Line[], i: number): readonly number[] {
  const alike = lines.slice(0, i).filter(line => line.color === lines[i]!.color).length
  return DASHES[alike % DASHES.length]!
}

function widen(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null) return [0, 1]
  return most > least ? [least, most] : [least - 1, most + 1]
}

function around(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null) return [-1, 0]
  const margin = most > least ? 0.08 * (most - least) : Math.max(0.5, 0.1 * Math.abs(most))
  return [least - margin, most + margin]
}

function tick(value: number): string {
  const text = Math.abs(value) >= 1e4 ? count(value) : String(Number(value.toPrecision(4)))
  return text.replace('-', '\u2212')
}
