// Evaluations while runs were trained: over environment steps, over seconds, and methods side by side where all have had as much.

import type { Child, Markup } from '../picture/markup.ts'
import { createRandom } from '../random.ts'
import { type Interval, interval } from '../statistics/bootstrap.ts'
import { type Curve, sampleEfficiency, valuesAt } from '../statistics/curves.ts'
import { interquartileMean, mean } from '../statistics/scores.ts'
import { numberText, tickText } from './axes.ts'
import { intervalText, methodName, table } from './elements.ts'
import type { Figure } from './figure.ts'
import type { Group, Method, Task } from './groups.ts'
import { linePlot } from './line-plot.ts'
import type { EvaluationCurve, MeasuredRun } from './measured-run.ts'

/** A method on a task, read where every method of that task has had as many environment steps, and as many seconds. */
export interface EqualRow {
  readonly task: string
  readonly method: number
  readonly team: string
  readonly seeds: number
  /** Environment steps that all methods have had, and the evaluation return there. */
  readonly steps: number
  readonly atSteps: Interval
  /** Seconds of training that all methods have had; null: some runs do not tell. */
  readonly seconds: number | null
  /** null: not every run had been evaluated by then. */
  readonly atSeconds: Interval | null
  /** Seconds of training for those steps, mean over the seeds; null: not told. */
  readonly took: number | null
}

/** Most points of a curve. */
const curvePoints = 150

const axes = {
  steps: { label: 'environment steps', of: (curve: EvaluationCurve) => curve.envSteps },
  seconds: { label: 'seconds of training', of: (curve: EvaluationCurve) => curve.seconds },
} as const
type Axis = keyof typeof axes

/** Two plots of a team where runs were evaluated while they were trained, else none. */
export function evaluationFigures(
  task: Task,
  groups: readonly Group[],
  methods: readonly Method[],
  team: string,
  title: string,
): Figure[] {
  return (['steps', 'seconds'] as const).flatMap(axis => {
    const lines = groups.flatMap(group => {
      const curves = curvesOf(group, team, axis)
      if (curves === null || !overlap(curves)) return []
      const random = createRandom(0, 'report', task.label, team, `evaluation/${axis}`)
      const { steps, points } = sampleEfficiency([curves], curvePoints, { random, samples: 500 })
      const label = `${methods[group.method]!.label} (${curves.length} seed${curves.length === 1 ? '' : 's'})`
      return [
        { label, method: group.method, x: steps, points, runs: curves.map(({ steps: x, values: y }) => ({ x, y })) },
      ]
    })
    if (lines.length === 0) return []
    return [
      linePlot({
        name: `${task.name}-${team}-evaluation-${axis}`,
        title: `${title}: evaluation return over ${axes[axis].label}`,
        description: lines
          .map(({ label, x, points }) => `${label}: ${numberText(points.at(-1)!.value)} at ${tickText(x.at(-1)!)}`)
          .join('; '),
        xLabel: axes[axis].label,
        yLabel: 'return per agent and episode',
        lines,
      }),
    ]
  })
}

/** The methods of a task that were evaluated while they were trained, team by team, where all of them have had as much. */
export function equalRows(task: Task, groups: readonly Group[]): EqualRow[] {
  return task.teams.flatMap(team => {
    const found = groups.flatMap(group => {
      const bySteps = curvesOf(group, team, 'steps')
      return bySteps === null ? [] : [{ group, bySteps, bySeconds: curvesOf(group, team, 'seconds') }]
    })
    const ends = (curves: readonly Curve[]) => curves.map(({ steps }) => steps.at(-1)!)
    const steps = Math.min(...found.flatMap(({ bySteps }) => ends(bySteps)))
    const tells = found.every(({ bySeconds }) => bySeconds !== null)
    const seconds = tells ? Math.min(...found.flatMap(({ bySeconds }) => ends(bySeconds!))) : null
    return found.map(({ group, bySteps, bySeconds }): EqualRow => {
      const at = (curves: readonly Curve[], place: number, what: string) =>
        interval([curves.map(curve => valuesAt(curve, [place])[0]!)], interquartileMean, {
          random: createRandom(0, 'report', task.label, team, what),
        })
      const begun = seconds !== null && bySeconds!.every(curve => curve.steps[0]! <= seconds)
      const times = group.runs.map(run => evaluationsOf(run, team)!)
      return {
        task: task.label,
        method: group.method,
        team,
        seeds: group.runs.length,
        steps,
        atSteps: at(bySteps, steps, 'equal steps'),
        seconds,
        atSeconds: begun ? at(bySeconds!, seconds, 'equal seconds') : null,
        took: tells
          ? mean(
              times.map(({ envSteps, seconds: values }) => valuesAt({ steps: envSteps, values: values! }, [steps])[0]!),
            )
          : null,
      }
    })
  })
}

/** The rows as a table of the page; null: there are none. */
export function equalTable(task: Task, groups: readonly Group[], methods: readonly Method[]): Markup | null {
  const rows = equalRows(task, groups)
  if (rows.length === 0) return null
  const { steps, seconds } = rows[0]!
  return table({
    caption: `${task.label}: evaluation return at equal steps and at equal seconds, interquartile mean [95 % interval]`,
    head: [
      'Method',
      'Team',
      'Seeds',
      `At ${countText(steps)} steps`,
      seconds === null ? 'At equal seconds' : `At ${secondsText(seconds)}`,
      'Training took',
    ],
    words: 2,
    rows: rows.map((row): Child[] => [
      methodName(methods[row.method]!.label, row.method),
      row.team,
      String(row.seeds),
      intervalText(row.atSteps),
      row.atSeconds === null ? '–' : intervalText(row.atSeconds),
      row.took === null ? '–' : secondsText(row.took),
    ]),
  })
}

/** `12.3 s` */
export function secondsText(seconds: number): string {
  return `${seconds >= 100 ? countText(seconds) : numberText(seconds)} s`
}

function countText(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** The runs of a group over an axis; null: one of them has none. */
function curvesOf({ runs }: Group, team: string, axis: Axis): Curve[] | null {
  const curves = runs.map(run => {
    const curve = evaluationsOf(run, team)
    const steps = curve === null ? null : axes[axis].of(curve)
    return curve === null || steps === null ? null : { steps, values: curve.values }
  })
  return curves.every(curve => curve !== null) ? curves : null
}

function evaluationsOf({ teams }: MeasuredRun, team: string): EvaluationCurve | null {
  return teams.find(other => other.team === team)!.evaluations
}

/** Whether there is a place at which all runs have been evaluated. */
function overlap(curves: readonly Curve[]): boolean {
  return Math.max(...curves.map(({ steps }) => steps[0]!)) <= Math.min(...curves.map(({ steps }) => steps.at(-1)!))
}
