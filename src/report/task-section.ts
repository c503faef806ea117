// One task of the report: how its teams learnt, where they ended, and the trained policies at play.

import type { Child, Markup } from '../picture/markup.ts'
import { tag } from '../picture/markup.ts'
import { createRandom } from '../random.ts'
import { type Interval, interval } from '../statistics/bootstrap.ts'
import { sampleEfficiency } from '../statistics/curves.ts'
import { interquartileMean } from '../statistics/scores.ts'
import { numberText } from './axes.ts'
import { intervalText, methodName, plots, section, table } from './elements.ts'
import { equalTable, evaluationFigures } from './evaluation-section.ts'
import type { Figure } from './figure.ts'
import type { Group, Method, Task } from './groups.ts'
import { intervalPlot } from './interval-plot.ts'
import { linePlot } from './line-plot.ts'
import type { BaselineReturns, MeasuredRun, TeamResult } from './measured-run.ts'
import { replayPlayer } from './player-section.ts'
import { isScale, scoreOf } from './scores.ts'

export interface TaskContent {
  readonly task: Task
  /** The groups of this task, in the order of methods. */
  readonly groups: readonly Group[]
  readonly methods: readonly Method[]
  readonly baselines: ReadonlyMap<string, BaselineReturns>
}

/** Points of a learning curve at most. */
const curvePoints = 150

export interface TaskFigures {
  readonly learning: readonly Figure[]
  readonly returns: readonly Figure[]
  /** Of teams that were evaluated while they were trained. */
  readonly evaluations: readonly Figure[]
}

/** Two plots per team, and two more where it was evaluated while it was trained. */
export function taskFigures(content: TaskContent): TaskFigures {
  const { task, groups, methods } = content
  return {
    learning: task.teams.map(team => learningFigure(content, team)),
    returns: task.teams.map(team => returnsFigure(content, team)),
    evaluations: task.teams.flatMap(team => evaluationFigures(task, groups, methods, team, nameOf(task, team))),
  }
}

export function taskSection(content: TaskContent, figures: TaskFigures): Markup {
  const { task, groups, methods } = content
  return section(
    `task-${task.name}`,
    task.label,
    plots(task.teams.flatMap((_, i) => [figures.learning[i]!, figures.returns[i]!])),
    figures.evaluations.length === 0
      ? null
      : [
          tag('h3', {}, 'At equal steps and at equal seconds'),
          tag('p', {}, evaluationNote),
          plots(figures.evaluations),
        ],
    equalTable(task, groups, methods),
    returnsTable(content),
    seedTable(content),
    tag('h3', {}, 'Trained policies at play'),
    tag(
      'div',
      { class: 'replays' },
      groups.map((group, i) => replayPlayer(`${task.name}-${i}`, methods[group.method]!.label, typicalRun(group))),
    ),
  )
}

const evaluationNote =
  'Evaluations while the runs were trained. Seconds are wall time of training without its evaluations, so they are of the machine, the threads ' +
  'and whatever else ran beside a run. The table reads every run at the last step and the last second that all of them have reached, on the ' +
  'line between its evaluations; –: not every seed had been evaluated by then.'

/** The run whose mean final return over its teams is the middle one: neither the best nor the worst is shown off. */
function typicalRun({ runs }: Group): MeasuredRun {
  const level = ({ teams }: MeasuredRun) => teams.reduce((sum, { trained }) => sum + trained, 0)
  return [...runs].sort((x, y) => level(x) - level(y))[Math.floor((runs.length - 1) / 2)]!
}

function learningFigure({ task, groups, methods, baselines }: TaskContent, team: string): Figure {
  const lines = groups.map(group => {
    const curves = group.runs.map(run => resultOf(run, team).training)
    const { steps, points } = sampleEfficiency([curves], curvePoints, {
      random: stream(task, team, 'curve'),
      samples: 500,
    })
    return {
      label: `${methods[group.method]!.label} (${seeds(group)})`,
      method: group.method,
      x: steps,
      points,
      runs: curves.map(({ steps: x, values: y }) => thinned(x, y)),
    }
  })
  return linePlot({
    name: `${task.name}-${team}-learning`,
    title: `${nameOf(task, team)}: training return`,
    description: lines
      .map(
        ({ label, points }) => `${label}: from ${numberText(points[0]!.value)} to ${numberText(points.at(-1)!.value)}`,
      )
      .join('; '),
    xLabel: 'training episodes',
    yLabel: 'return per agent and episode',
    lines,
    levels: levels(baselines.get(team)).map(({ label, value }) => ({ label, y: value })),
  })
}

function returnsFigure({ task, groups, methods, baselines }: TaskContent, team: string): Figure {
  const rows = groups.map(group => ({
    label: methods[group.method]!.label,
    method: group.method,
    interval: finalReturn(task, group, team),
    points: group.runs.map(run => {
      const { trained } = resultOf(run, team)
      return { value: trained, title: `seed ${run.seed}: ${numberText(trained)}` }
    }),
  }))
  return intervalPlot({
    name: `${task.name}-${team}-returns`,
    title: `${nameOf(task, team)}: final return`,
    description: rows.map(row => `${row.label}: ${intervalText(row.interval)}`).join('; '),
    xLabel: 'return per agent and episode',
    rows,
    levels: levels(baselines.get(team)).map(({ label, value }) => ({ label, x: value })),
  })
}

function returnsTable({ task, groups, methods, baselines }: TaskContent): Markup {
  return table({
    caption: `${task.label}: final returns, interquartile mean [95 % interval]`,
    head: ['Method', 'Team', 'Seeds', 'Final return', 'Score', 'Chance', 'Script'],
    words: 2,
    rows: groups.flatMap(group =>
      task.teams.map((team): Child[] => {
        const baseline = baselines.get(team)
        const scores = group.runs.flatMap(run => resultOf(run, team).besideScript ?? [])
        const score =
          baseline === undefined || !isScale(baseline)
            ? '–'
            : intervalText(
                interval([scores.map(value => scoreOf(value, baseline))], interquartileMean, {
                  random: stream(task, team, 'score'),
                }),
              )
        return [
          methodName(methods[group.method]!.label, group.method),
          team,
          String(group.runs.length),
          intervalText(finalReturn(task, group, team)),
          score,
          baseline === undefined ? '–' : numberText(baseline.random.mean),
          baseline === undefined ? '–' : numberText(baseline.scripted.mean),
        ]
      }),
    ),
  })
}

function seedTable({ task, groups, methods }: TaskContent): Markup {
  const several = task.teams.length > 1
  return tag(
    'details',
    {},
    tag('summary', {}, 'Every seed'),
    table({
      caption: `${task.label}: final returns of every run`,
      head: [
        'Run',
        'Method',
        'Seed',
        'Episodes',
        ...task.teams.flatMap(team =>
          several ? [`${team}, own run`, `${team}, beside script`] : [`${team}, final return`],
        ),
      ],
      words: 2,
      rows: groups.flatMap(group =>
        group.runs.map((run): Child[] => [
          run.name,
          methodName(methods[group.method]!.label, group.method),
          String(run.seed),
          run.episodes.toLocaleString('en-US'),
          ...run.teams.flatMap(({ trained, besideScript }) =>
            several
              ? [numberText(trained), besideScript === null ? '–' : numberText(besideScript)]
              : [numberText(trained)],
          ),
        ]),
      ),
    }),
  )
}

function finalReturn(task: Task, group: Group, team: string): Interval {
  const returns = group.runs.map(run => resultOf(run, team).trained)
  return interval([returns], interquartileMean, { random: stream(task, team, 'return') })
}

/** Chance and script, where they play the same game as the trained team: where there is no other team. */
function levels(baseline: BaselineReturns | undefined): { label: string; value: number }[] {
  if (baseline === undefined || !baseline.alone) return []
  return [
    { label: 'chance', value: baseline.random.mean },
    { label: 'script', value: baseline.scripted.mean },
  ]
}

/** A thin line needs no more points than the bold one. */
function thinned(x: readonly number[], y: readonly number[]): { x: number[]; y: number[] } {
  const every = Math.max(1, Math.ceil(x.length / curvePoints))
  const kept = x.flatMap((_, i) => (i % every === 0 || i === x.length - 1 ? [i] : []))
  return { x: kept.map(i => x[i]!), y: kept.map(i => y[i]!) }
}

function resultOf({ teams }: MeasuredRun, team: string): TeamResult {
  return teams.find(other => other.team === team)!
}

/** The team is named where there are others. */
function nameOf({ label, teams }: Task, team: string): string {
  return teams.length > 1 ? `${label}, ${team}` : label
}

function seeds({ runs }: Group): string {
  return runs.length === 1 ? '1 seed' : `${runs.length} seeds`
}

/** Each figure draws from a stream of its own: what else a report shows changes none of its numbers. */
function stream(task: Task, team: string, what: string) {
  return createRandom(0, 'report', task.label, team, what)
}
