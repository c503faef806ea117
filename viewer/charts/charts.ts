// One line chart with a legend that names every line and its newest value, or the one under the pointer. Dragged over, it shows that stretch.
import uPlot from 'uplot'
import type { Theme } from '../../src/picture/colors.ts'
import { DASHES } from '../page/theme.ts'
import { amount, count } from '../page/words.ts'
import { fillLegend } from './chart-legend.ts'
import { rangeOf, scaleFor, type ValueScale } from './chart-scale.ts'
import { type ChartTools, createChartTools } from './chart-tools.ts'
import type { ChartCurve } from './curves.ts'
import { SMOOTHINGS, smoothed } from './smoothing.ts'

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

export interface ChartLine extends ChartCurve {
  readonly color: string
}

/** One colour per line: the team's, or the ink's where a line stands for several teams. */
export function lines(curves: readonly ChartCurve[], agentColors: readonly string[], theme: Theme): ChartLine[] {
  return curves.map(curve => {
    const colors = new Set(curve.agents.map(agent => agentColors[agent]!))
    return { ...curve, color: colors.size === 1 ? [...colors][0]! : theme.ink }
  })
}

export class Chart {
  private plot: uPlot | null = null
  private lines: readonly ChartLine[] = []
  private data: ChartData = { x: [], y: [] }
  private values: HTMLElement[] = []
  private theme: Theme | null = null
  /** As last observed: measured at other times it may be a passing state of the layout. */
  private size = { width: 400, height: 132 }
  /** What the plot was made for. */
  private made = ''
  private scale: ValueScale = { kind: 'linear' }
  /** The stretch that is looked at closely; null: all. */
  private zoom: readonly [number, number] | null = null
  /** Lines by name that are not to be seen. */
  private readonly hidden = new Set<string>()
  private readonly tools: ChartTools | null

  constructor(
    private readonly place: HTMLElement,
    private readonly legend: HTMLElement | null,
    private readonly words: { readonly x: string; readonly empty: string },
  ) {
    place.dataset.empty = words.empty
    const title = legend === null ? null : place.parentElement!.querySelector<HTMLElement>('.title')
    this.tools =
      title &&
      createChartTools(title, `the chart ${title.querySelector('h2')!.textContent}`, {
        changed: () => this.show(this.data),
        whole: () => this.look(null),
      })
    new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      this.size = { width: Math.max(120, Math.floor(width)), height: Math.max(80, Math.floor(height)) }
      this.plot?.setSize(this.size)
    }).observe(place)
  }

  /** Makes the chart anew: other lines, or other colours. */
  begin(lines: readonly ChartLine[], theme: Theme): void {
    this.lines = lines
    this.theme = theme
    this.make()
    const dashed = lines.map((line, i) => ({ ...line, dash: dashOf(lines, i) }))
    this.values = this.legend === null ? [] : fillLegend(this.legend, dashed, this.hidden, i => this.toggle(i))
    this.show(this.data)
  }

  show(data: ChartData): void {
    this.data = data
    if (this.plot !== null && this.made !== this.kinds()) this.make()
    else this.plot?.setData(this.columns())
    this.place.dataset.empty = data.x.length === 0 && !data.ghost?.x.length ? this.words.empty : ''
    this.showValues(this.plot?.cursor.idx ?? null)
  }

  /** Shows a stretch of the horizontal axis; null: all of it. */
  private look(zoom: readonly [number, number] | null): void {
    this.zoom = zoom
    this.tools?.zoomed(zoom !== null)
    this.plot?.setData(this.columns())
  }

  private toggle(line: number): void {
    const { name } = this.lines[line]!
    if (!this.hidden.delete(name)) this.hidden.add(name)
    this.make()
    this.showValues(null)
  }

  private make(): void {
    if (this.theme === null) return
    this.plot?.destroy()
    this.made = this.kinds()
    this.plot = new uPlot(this.options(this.theme), this.columns(), this.place)
  }

  private get weight(): number {
    return SMOOTHINGS[this.tools?.look.smoothing ?? 'none']
  }

  /** What is drawn faintly: the values themselves where they are smoothed. */
  private get faint(): Points | undefined {
    return this.weight > 0 ? this.data : this.data.ghost
  }

  /** All that a plot must be made anew for. */
  private kinds(): string {
    this.scale = scaleFor(this.shownValues(), this.tools?.look.logarithmic === true)
    return JSON.stringify([this.faint !== undefined, this.data.dots !== undefined, this.scale])
  }

  private *shownValues(): Generator<number | null> {
    for (const points of [this.data, this.data.ghost, this.data.dots]) {
      if (points === undefined) continue
      for (let i = 0; i < this.lines.length; i++) if (!this.hidden.has(this.lines[i]!.name)) yield* points.y[i] ?? []
    }
  }

  private columns(): uPlot.AlignedData {
    const { x, y, dots } = this.data
    const of = (rows: ChartData['y']) =>
      this.lines.map((_, i) => (rows[i] ?? []).map(value => (Number.isFinite(value) ? value : null)))
    const { faint, weight } = this
    const drawn = { x, y: weight > 0 ? of(y).map(row => smoothed(row, weight)) : y }
    if (!faint && !dots) return [[...x], ...of(y)]
    // All share one axis; the lists are padded to its whole length.
    const all = [drawn, ...[faint, dots].filter(points => points !== undefined)]
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
        show: !this.hidden.has(line.name),
        stroke: line.color,
        alpha,
        width: 1.75,
        dash: [...dashOf(this.lines, i)],
        spanGaps: true,
        points: { show: (_plot, _i, from, to) => alpha === 1 && from === to, size: 5, fill: line.color },
      }))
    const { scale } = this
    return {
      ...this.size,
      padding: [10, 20, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: this.tools !== null, y: false, setScale: false },
        points: { size: 7 },
        bind: {
          dblclick: () => () => {
            this.look(null)
            return null
          },
        },
      },
      scales: {
        x: { time: false, range: (_plot, least, most) => [...(this.zoom ?? this.data.xRange ?? widen(least, most))] },
        y: {
          distr: scale.kind === 'linear' ? 1 : scale.kind === 'logarithmic' ? 3 : 4,
          ...(scale.kind === 'symmetric' && { asinh: scale.threshold }),
          range: (_plot, least, most) =>
            rangeOf(scale, ...((this.zoom === null && this.data.yRange) || ([least, most] as const))),
        },
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
        {
          ...axis,
          // 1, 2, 5, 10 ...: between them a logarithmic axis has no room for words.
          ...(scale.kind !== 'linear' && { filter: (_plot: uPlot, splits: number[]) => splits.map(roundOrNull) }),
          size: 52,
          gap: 6,
          space: 26,
          values: (_plot, splits) => splits.map(tick),
        },
      ],
      series: [
        {},
        ...series(1),
        ...(this.faint ? series(0.22) : []),
        ...(this.data.dots
          ? this.lines.map(line => ({ ...dotted(line, theme), show: !this.hidden.has(line.name) }))
          : []),
      ],
      hooks: {
        setCursor: [plot => this.showValues(plot.cursor.idx ?? null)],
        setSelect: [plot => this.selected(plot)],
      },
    }
  }

  /** A stretch was dragged over. */
  private selected(plot: uPlot): void {
    const { left, width } = plot.select
    if (width < 4) return
    const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    if (to > from) this.look([from, to])
  }

  /** The value under the pointer, else the newest. */
  private showValues(index: number | null): void {
    this.values.forEach((place, i) => {
      const column = this.plot?.data[i + 1]
      const value = index === null ? lastOf(column ?? []) : column?.[index]
      place.textContent = typeof value === 'number' ? amount(value) : '\u2013'
    })
  }
}

function lastOf(column: ArrayLike<number | null | undefined>): number | undefined {
  for (let i = column.length - 1; i >= 0; i--) if (typeof column[i] === 'number') return column[i]!
  return undefined
}

/** Dots without a line between them. */
function dotted({ name, color }: ChartLine, theme: Theme): uPlot.Series {
  const points = { show: true, size: 7, width: 1.5, fill: theme.ground, stroke: color }
  return { label: name, stroke: color, paths: () => null, points }
}

/** Lines of one colour differ in their dashes. */
function dashOf(lines: readonly ChartLine[], i: number): readonly number[] {
  const alike = lines.slice(0, i).filter(line => line.color === lines[i]!.color).length
  return DASHES[alike % DASHES.length]!
}

function widen(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null) return [0, 1]
  return most > least ? [least, most] : [least - 1, most + 1]
}

function roundOrNull(value: number): number | null {
  const size = Math.abs(value)
  const first = size / 10 ** Math.floor(Math.log10(size))
  return value === 0 || [1, 2, 5].includes(Math.round(10 * first) / 10) ? value : null
}

function tick(value: number | null): string {
  if (value === null) return ''
  const text = Math.abs(value) >= 1e4 ? count(value) : String(Number(value.toPrecision(4)))
  return text.replace('-', '\u2212')
}
