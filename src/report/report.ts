// A report: measured runs in, one page and its figures out. The same runs give the same bytes.

import { type Child, tag } from '../picture/markup.ts'
import { safeFileNames } from '../text/safe-name.ts'
import { aggregate, aggregateSection } from './aggregate-section.ts'
import { notes, section } from './elements.ts'
import { type EqualRow, equalRows } from './evaluation-section.ts'
import type { Figure } from './figure.ts'
import { type Group, type Grouping, groupRuns } from './groups.ts'
import type { BaselineReturns, LeftOut, MeasuredRun } from './measured-run.ts'
import { document } from './page.ts'
import { scoreTable } from './scores.ts'
import { runsSection, settingsSection } from './settings-section.ts'
import { taskFigures, taskSection } from './task-section.ts'

export interface ReportRequest {
  readonly title: string
  readonly runs: readonly MeasuredRun[]
  readonly leftOut: readonly LeftOut[]
  /** By task (`taskKey`), then by team. */
  readonly baselines: ReadonlyMap<string, ReadonlyMap<string, BaselineReturns>>
  readonly evaluation: { readonly mode: string; readonly seed: number }
  /** The script that plays replays. */
  readonly player: string
}

export interface Report {
  readonly html: string
  readonly figures: readonly Figure[]
  readonly groups: readonly Group[]
  /** What methods are called, in the order of their numbers. */
  readonly methods: readonly string[]
  /** Methods that were evaluated while they were trained, task by task, where all have had as much. */
  readonly equal: readonly EqualRow[]
  /** Those that were left out before, and those that repeat another one. */
  readonly leftOut: readonly LeftOut[]
}

export function createReport(request: ReportRequest): Report {
  const grouping = groupRuns(request.runs)
  const { tasks, methods } = grouping
  const leftOut = [...request.leftOut, ...grouping.repeated]
  const groups = [...grouping.groups].sort((x, y) => x.task - y.task || x.method - y.method)
  const contents = tasks.map((task, i) => ({
    task,
    methods,
    groups: groups.filter(group => group.task === i),
    baselines: request.baselines.get(task.key) ?? new Map<string, BaselineReturns>(),
  }))
  const figures = named(contents.map(taskFigures))
  const scores = scoreTable(grouping, new Map(contents.map(({ baselines }, i) => [i, baselines])))
  const together = aggregate(scores, methods)
  const html = document({
    title: request.title,
    links: [
      ...tasks.map(({ label, name }) => ({ label, id: `task-${name}` })),
      { label: 'Scores', id: 'aggregates' },
      { label: 'Settings', id: 'settings' },
      { label: 'Runs', id: 'runs' },
    ],
    player: request.player,
    content: [
      overview(request, { ...grouping, groups }),
      leftOutSection(leftOut),
      contents.map((content, i) => taskSection(content, figures[i]!)),
      aggregateSection(scores, together, methods),
      settingsSection({ ...grouping, groups }),
      runsSection({ ...grouping, groups }),
    ],
  })
  return {
    html,
    figures: [
      ...figures.flatMap(({ learning, returns, evaluations }) => [...learning, ...returns, ...evaluations]),
      ...(together === null
        ? []
        : [...together.metrics, together.profile, ...(together.improvement === null ? [] : [together.improvement])]),
    ],
    groups,
    methods: methods.map(({ label }) => label),
    equal: contents.flatMap(content => equalRows(content.task, content.groups)),
    leftOut,
  }
}

/** Names of teams and tasks are of others: as names of files and of elements each is safe, and only one has it. */
function named(tasks: readonly ReturnType<typeof taskFigures>[]): ReturnType<typeof taskFigures>[] {
  const names = safeFileNames(
    tasks.flatMap(({ learning, returns, evaluations }) =>
      [...learning, ...returns, ...evaluations].map(({ name }) => name),
    ),
  )
  let next = 0
  const withName = (figure: Figure): Figure => ({ ...figure, name: names[next++]! })
  return tasks.map(({ learning, returns, evaluations }) => ({
    learning: learning.map(withName),
    returns: returns.map(withName),
    evaluations: evaluations.map(withName),
  }))
}

function overview({ evaluation }: ReportRequest, { tasks, methods, groups }: Grouping): Child {
  const runs = groups.flatMap(group => group.runs)
  const { mode, seed } = evaluation
  const behind = runs.filter(run => run.episodes < Number(run.settings.get('run.episodes')))
  const few = groups.filter(group => group.runs.length < 3).length
  return [
    tag(
      'p',
      { class: 'lead' },
      `${counted(runs.length, 'run')} of ${counted(methods.length, 'method')} on ${counted(tasks.length, 'task')}. ` +
        `Final returns are means of ${runs[0]!.evaluated.toLocaleString('en-US')} episodes, actions ${mode === 'greedy' ? 'greedy' : 'sampled as in training'}, ` +
        `evaluation seed ${seed}.`,
    ),
    tag(
      'p',
      {},
      'All returns are per agent and episode. Training return: mean over the last 1,000 training episodes, exploration included. Final ' +
        'return: the trained policies, evaluated without learning. Bold lines and bars: interquartile mean over the seeds; shaded: its ' +
        '95 % bootstrap interval; thin lines and points: single seeds.',
    ),
    notes([
      ...behind.map(
        run =>
          `${run.name} has trained ${run.episodes.toLocaleString('en-US')} of ${Number(run.settings.get('run.episodes')).toLocaleString('en-US')} episodes.`,
      ),
      ...(few === 0
        ? []
        : ['Some groups have fewer than three seeds: their intervals say little, those of a single seed nothing.']),
    ]),
  ]
}

function leftOutSection(leftOut: readonly LeftOut[]): Child {
  if (leftOut.length === 0) return null
  return section(
    'left-out',
    'Left out',
    tag(
      'ul',
      {},
      leftOut.map(({ path, reason }) => tag('li', {}, tag('strong', {}, path), ` – ${reason}`)),
    ),
  )
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
