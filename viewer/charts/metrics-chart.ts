// A chart of one group of figures of the run, chosen from a list.
import type { Theme } from '../../src/picture/colors.ts'
import { agentColors } from '../../src/picture/colors.ts'
import type { FrameSchema, SessionState } from '../../src/stream/protocol.ts'
import { element, writeOrHide } from '../page/elements.ts'
import { Chart, type ChartLine, lines } from './charts.ts'
import { type ChartCurve, drawnValue, LINES_MOST, teamCurves } from './curves.ts'
import { groupsOf, type MetricGroup } from './metric-groups.ts'

export interface MetricsChart {
  dress(schema: FrameSchema, theme: Theme): void
  show(metrics: SessionState['metrics']): void
}

export function createMetricsChart(): MetricsChart {
  const chart = new Chart(element('metrics'), element('metrics-legend'), {
    x: 'training episodes',
    empty: 'Nothing is known yet.',
  })
  const choice = element<HTMLSelectElement>('metrics-choice')
  let groups: MetricGroup[] = []
  let shown: SessionState['metrics'] | null = null
  let dressed: { readonly schema: FrameSchema; readonly theme: Theme } | null = null
  let drawn = ''

  choice.addEventListener('change', () => {
    if (shown !== null) draw(shown)
  })

  function draw({ episodes, series }: SessionState['metrics']): void {
    const group = groups.find(({ id }) => id === choice.value)
    if (group === undefined || dressed === null) return
    if (drawn !== group.id) {
      drawn = group.id
      writeOrHide('metrics-note', group.meaning)
      chart.begin(linesOf(group, dressed.schema, dressed.theme), dressed.theme)
    }
    const teams = teamLines(group, dressed.schema)
    const y =
      teams === null
        ? group.lines.map(({ key }) => series[key] ?? [])
        : teams.map(line => episodes.map((_, i) => drawnValue(line, agent => series[group.lines[agent]!.key]?.[i])))
    chart.show({ x: episodes, y })
  }

  return {
    dress(schema, theme) {
      dressed = { schema, theme }
      drawn = ''
      if (shown !== null) draw(shown)
    },
    show(metrics) {
      if (metrics === shown) return
      const keys = Object.keys(metrics.series)
      if (shown === null || keys.length !== Object.keys(shown.series).length) {
        const before = choice.value
        groups = groupsOf(keys)
        choice.replaceChildren(...groups.map(({ id, title }) => new Option(title, id)))
        if (groups.some(({ id }) => id === before)) choice.value = before
        drawn = ''
      }
      shown = metrics
      element('metrics-card').hidden = groups.length === 0
      draw(metrics)
    },
  }
}

/** Lines of an agent have its colour. */
function linesOf(group: MetricGroup, schema: FrameSchema, theme: Theme): ChartLine[] {
  const colors = agentColors(schema, theme)
  const own = group.lines.map(({ name }, i) => {
    const agent = schema.agents.findIndex(({ id }) => id === name)
    return { agents: [i], name, color: colors[agent] ?? theme.teams[i % theme.teams.length]! }
  })
  const teams = teamLines(group, schema)
  return teams === null
    ? own
    : lines(
        teams,
        own.map(({ color }) => color),
        theme,
      )
}

/** Of more lines than can be told apart each team is one, the mean of its agents; null: they can be. `agents` are lines of the group. */
function teamLines({ lines }: MetricGroup, { agents }: FrameSchema): ChartCurve[] | null {
  if (lines.length <= LINES_MOST) return null
  const teamOf = new Map(agents.map(({ id, team }) => [id, team]))
  return teamCurves(lines.map(({ name }) => teamOf.get(name) ?? 'all'))
}
