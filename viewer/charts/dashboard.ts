// The charts of the run: training returns with evaluations, figures by choice, and the rewards of the episode that is shown.

import { agentColors, agentsOf, type Theme } from '../../src/picture/colors.ts'
import type { Frame, FrameSchema, SessionState } from '../../src/stream/protocol.ts'
import { element } from '../page/elements.ts'
import { Chart, lines } from './charts.ts'
import { Curves, drawnValue } from './curves.ts'
import { createMetricsChart } from './metrics-chart.ts'
import { EpisodeRewards } from './rewards.ts'

export interface Dashboard {
  /** A game of this schema begins. */
  begin(schema: FrameSchema): void
  /** Takes the colours of the theme. */
  dress(theme: Theme): void
  frame(frame: Frame): void
  show(state: SessionState): void
}

export function createDashboard(): Dashboard {
  const returnChart = new Chart(element('returns'), element('returns-legend'), {
    x: 'training episodes',
    empty: 'The curve begins with the first log line.',
  })
  const rewardChart = new Chart(element('rewards'), element('rewards-legend'), {
    x: 'step of the episode',
    empty: 'The next step begins the curve.',
  })
  const metricsChart = createMetricsChart()
  let schema: FrameSchema | null = null
  let theme: Theme | null = null
  let ids: string[] = []
  let teams: string[] = []
  let episode = new EpisodeRewards(0)
  let returnCurves = new Curves([])
  let rewardCurves = new Curves([])
  let curve: SessionState['curve'] = { episodes: [], returns: [] }
  /** Points of the curve that `returnCurves` has seen. */
  let seen = 0
  let evaluations: SessionState['evaluations'] = []
  let newFrames = true
  /** Lines have parted or changed their colours. */
  let newLines = false

  function takeCurve(next: SessionState['curve']): void {
    curve = next
    if (curve.returns.length < seen) {
      seen = 0
      returnCurves = new Curves(ids, teams)
      newLines = true
    }
    for (; seen < curve.returns.length; seen++) newLines = returnCurves.see(curve.returns[seen]!) || newLines
  }

  function showReturns(): void {
    const y = returnCurves.list().map(line => curve.returns.map(point => drawnValue(line, agent => point[agent])))
    const dots = {
      x: evaluations.map(({ episodes }) => episodes),
      y: returnCurves
        .list()
        .map(line => evaluations.map(({ returns }) => drawnValue(line, agent => returns[ids[agent]!]))),
    }
    returnChart.show({ x: curve.episodes, y, ...(evaluations.length > 0 && { dots }) })
    element('evaluated').hidden = evaluations.length === 0
  }

  function showRewards(): void {
    const y = (columns: readonly (readonly number[])[]) =>
      rewardCurves.list().map(line => (columns[0] ?? []).map((_, i) => drawnValue(line, agent => columns[agent]![i])))
    rewardChart.show({
      x: episode.now.steps,
      y: y(episode.now.rewards),
      ghost: { x: episode.before.steps, y: y(episode.before.rewards) },
      xRange: [1, Math.max(2, episode.longest)],
      yRange: episode.range,
    })
  }

  return {
    begin(next) {
      schema = next
      ids = agentsOf(schema).map(agent => agent.id)
      episode = new EpisodeRewards(ids.length)
      teams = agentsOf(schema).map(({ team }) => team ?? 'agent')
      returnCurves = new Curves(ids, teams)
      rewardCurves = new Curves(ids, teams)
      seen = 0
      newLines = true
    },
    dress(next) {
      theme = next
      newLines = true
      if (schema) metricsChart.dress(schema, theme)
    },
    frame(frame) {
      episode.take(frame)
      if (!frame.restarted) newLines = rewardCurves.see(frame.rewards) || newLines
      newFrames = true
    },
    show(state) {
      if (!schema || !theme) return
      metricsChart.show(state.metrics)
      const newPoints = state.curve !== curve || state.evaluations !== evaluations
      evaluations = state.evaluations
      if (newPoints || newLines) takeCurve(state.curve)
      if (newPoints || newLines) showReturns()
      if (newFrames || newLines) showRewards()
      if (newLines) {
        const colors = agentColors(schema, theme)
        returnChart.begin(lines(returnCurves.list(), colors, theme), theme)
        rewardChart.begin(lines(rewardCurves.list(), colors, theme), theme)
      }
      newFrames = newLines = false
    },
  }
}
