// Scores: returns of every team on one scale, 0 as good as chance, 1 as good as the scenario's script.

import { hypot } from '../elementary.ts'
import type { Scores } from '../statistics/scores.ts'
import type { Grouping } from './groups.ts'
import type { BaselineReturns } from './measured-run.ts'

/** A team of a task: what scores are given for. */
export interface ScoredTeam {
  readonly task: number
  readonly team: string
  readonly label: string
  readonly baseline: BaselineReturns
}

/** What all methods can be compared by. */
export interface ScoreTable {
  /** Columns in which every method that counts has runs. */
  readonly columns: readonly ScoredTeam[]
  /** Per method that counts, in the order of `methods`: its scores, [columns][runs]. */
  readonly scores: readonly Scores[]
  /** Numbers of the methods that count. */
  readonly methods: readonly number[]
  /** Sentences: what does not count, and why. */
  readonly notes: readonly string[]
}

/** By task and team. */
export type Baselines = ReadonlyMap<number, ReadonlyMap<string, BaselineReturns>>

/** (return - chance) / (script - chance). */
export function scoreOf(value: number, { random, scripted }: BaselineReturns): number {
  return (value - random.mean) / (scripted.mean - random.mean)
}

/** Whether the script is clearly better than chance: by more than four standard errors. Else the scale would be made of noise. */
export function isScale({ random, scripted }: BaselineReturns): boolean {
  const noise = hypot(random.standardError, scripted.standardError)
  return scripted.mean - random.mean > Math.max(4 * noise, 1e-9)
}

/**
 * The table of scores, over the tasks that all methods were run on. Where there is no such task, over those of the methods that
 * have most in common.
 */
export function scoreTable({ tasks, methods, groups }: Grouping, baselines: Baselines): ScoreTable {
  const notes: string[] = []
  const columns = tasks.flatMap(({ label, teams }, task) =>
    teams.flatMap((team): ScoredTeam[] => {
      const name = teams.length > 1 ? `${label}: ${team}` : label
      const baseline = baselines.get(task)?.get(team)
      if (baseline === undefined) notes.push(`${name} has no scores: the scenario ships no script to measure with.`)
      else if (!isScale(baseline))
        notes.push(`${name} has no scores: there the script is not clearly better than chance.`)
      else return [{ task, team, label: name, baseline }]
      return []
    }),
  )
  if (columns.length === 0) return { columns, methods: [], scores: [], notes }
  const runsOf = (task: number, method: number) =>
    groups.find(group => group.task === task && group.method === method)?.runs
  const shared = columns.filter(({ task }) => methods.every((_, method) => runsOf(task, method) !== undefined))
  const counting = shared.length > 0 ? methods.map((_, method) => method) : mostCommon(columns, methods.length, runsOf)
  const kept = columns.filter(({ task }) => counting.every(method => runsOf(task, method) !== undefined))
  for (const { label } of columns.filter(column => !kept.includes(column))) {
    notes.push(`${label} is left out of the aggregates: not every method there was run on it.`)
  }
  methods.forEach(({ label }, method) => {
    if (!counting.includes(method))
      notes.push(`${label} is left out of the aggregates: it shares no task with the others.`)
  })
  return {
    columns: kept,
    methods: counting,
    scores: counting.map(method =>
      kept.map(({ task, team, baseline }) =>
        runsOf(task, method)!.map(run =>
          scoreOf(run.teams.find(other => other.team === team)!.besideScript!, baseline),
        ),
      ),
    ),
    notes,
  }
}

/** The methods of the task that most of them know. */
function mostCommon(
  columns: readonly ScoredTeam[],
  methods: number,
  runsOf: (task: number, method: number) => unknown,
): number[] {
  const all = Array.from({ length: methods }, (_, method) => method)
  const known = columns.map(({ task }) => all.filter(method => runsOf(task, method) !== undefined))
  return known.reduce<number[]>((best, some) => (some.length > best.length ? some : best), [])
}
