// One line chart with a legend that names every line and its newest value, or the one under the pointer.
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Theme } from '../src/picture/colors.ts'
import type { Curve } from './curves.ts'
import { DASHES } from './theme.ts'
import { amount, count } from './words.ts'

const FONT = '11px ui-sans-serif, system-ui, sans-serif'

export interface ChartData {
  readonly x: readonly number[]
  /** Per line. */
  readonly y: readonly (readonly number[])[]
  /** Drawn faintly behind, on the same axes. */
  readonly ghost?: { readonly x: readonly number[]; readonly y: readonly (readonly number[])[] }
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
  /** As last observed: measured at other times it may be a passing state of the layout. */
  private size = { width: 400, height: 132 }

  constructor(
    private readonly place: HTMLElement,
    private readonly legend: HTMLElement,
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
    this.plot?.destroy()
    this.lines = lines
    this.plot = new uPlot(this.options(theme), this.columns(), this.place)
    this.values = legendFor(this.legend, lines)
    this.show(this.data)
  }

  show(data: ChartData): void {
    this.data = data
    this.plot?.setData(this.columns())
    this.place.dataset.empty = data.x.length === 0 && !data.ghost?.x.length ? this.words.empty : ''
    this.showValues(this.plot?.cursor.idx ?? null)
  }

  private columns(): uPlot.AlignedData {
    const { x, y, ghost } = this.data
    const of = (rows: ChartData['y']) =>
      this.lines.map((_, i) => (rows[i] ?? []).map(value => (Number.isFinite(value) ? value : null)))
    if (!ghost) return [[...x], ...of(y)]
    // Both episodes share the axis of steps; the lists are padded to its whole length.
    const steps = [...new Set([...ghost.x, ...x])].sort((a, b) => a - b)
    const spread = (at: readonly number[], rows: ChartData['y']) => {
      const index = new Map(at.map((step, i) => [step, i]))
      return of(rows).map(row => steps.map(step => (index.has(step) ? row[index.get(step)!] : null)))
    }
    return [steps, ...spread(x, y), ...spread(ghost.x, ghost.y)]
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
          label: this.words.x,
          size: 24,
          gap: 4,
          space: 60,
          values: (_plot, splits) => splits.map(at => (at % 1 ? '' : count(at))),
        },
        { ...axis, size: 52, gap: 6, space: 26, values: (_plot, splits) => splits.map(tick) },
      ],
      series: [{}, ...series(1), ...(this.data.ghost ? series(0.22) : [])],
      hooks: { setCursor: [plot => this.showValues(plot.cursor.idx ?? null)] },
    }
  }

  /** The value under the pointer, else the newest. */
  private showValues(index: number | null): void {
    this.values.forEach((place, i) => {
      const column = this.plot?.data[i + 1]
      const own = this.data.y[i]
      const value = index === null ? own?.at(-1) : column?.[index]
      place.textContent = typeof value === 'number' ? amount(value) : '\u2013'
    })
  }
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
