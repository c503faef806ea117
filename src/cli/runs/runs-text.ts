// What `marlstrom runs` prints: the list, the comparison, and both as JSON.
import { isAbsolute, relative, sep } from 'node:path'
import type { KnownRun } from '../../catalogue/run-summary.ts'
import { linesOf } from '../../catalogue/tables.ts'
import type { CataloguedRun } from '../../catalogue/values.ts'
import { describeCount } from '../../text/describe-count.ts'
import { tableText } from '../terminal/print-table.ts'
import { describeSeconds } from '../train/reporter.ts'

const scale = 'return: training return per episode, mean of the last 1,000 episodes and of the agents of a team'

/** One row for each run, and below the table what is wrong with damaged ones. */
export function listText(runs: readonly CataloguedRun[], of: number): string {
  const damaged = runs.filter(run => run.status === 'damaged')
  const rows = runs.flatMap(run => (run.status === 'damaged' ? [] : [rowOf(run)]))
  const head = [
    'run',
    'status',
    'scenario',
    'algorithm',
    'preset',
    'seed',
    'episodes',
    'env steps',
    'return',
    'time',
    'MB',
  ]
  return [
    ...(rows.length === 0 ? [] : [tableText(head, rows, 5, false)]),
    ...damaged.map(({ folder, problem }) => `damaged  ${here(folder)}: ${problem}`),
    `${counted(runs.length, of)}${damaged.length === 0 ? '' : `, ${damaged.length} damaged`}; ${scale}`,
  ].join('\n')
}

/** One row for each run: the settings in which they differ, then the returns of each team. */
export function comparisonText(runs: readonly KnownRun[], keys: readonly string[]): string {
  const teams = [...new Set(runs.flatMap(({ returns }) => Object.keys(returns)))]
  const rows = runs.map(({ folder, settings, returns, episodes }) => [
    here(folder),
    ...keys.map(key => (settings.has(key) ? wordsOf(settings.get(key)) : '-')),
    describeCount(episodes),
    ...teams.map(team => returns[team]?.toFixed(2) ?? '-'),
  ])
  const head = ['run', ...keys, 'episodes', ...teams.map(team => `return ${team}`)]
  return [
    tableText(head, rows, 1 + keys.length, false),
    `${counted(runs.length)}, ${keys.length === 0 ? 'all with the same settings' : keys.length === 1 ? '1 setting differs' : `${keys.length} settings differ`}; ${scale}`,
  ].join('\n')
}

/** `run` for each run; with `keys` only those settings. */
export function jsonLines(runs: readonly CataloguedRun[], keys: readonly string[] | null): object[] {
  return runs.map(run => {
    if (run.status === 'damaged') return { event: 'run', ...run }
    const { settings, metrics, ...rest } = run
    const shown = keys === null ? settings : new Map(keys.map(key => [key, settings.get(key)]))
    const times = { envSteps: metrics.envSteps, updates: metrics.updates, wallSeconds: metrics['time/seconds'] }
    return { event: 'run', ...rest, ...times, metrics, settings: Object.fromEntries(shown) }
  })
}

/** `metrics` for each line of each run. */
export function* lineEvents(runs: readonly KnownRun[]): Generator<object> {
  for (const { folder } of runs) for (const line of linesOf(folder)) yield { event: 'metrics', folder, ...line }
}

/** `1 run`, `3 of 2,000 runs`. */
function counted(runs: number, of = runs): string {
  return `${describeCount(runs)}${runs === of ? '' : ` of ${describeCount(of)}`} run${of === 1 ? '' : 's'}`
}

function rowOf(run: KnownRun): string[] {
  const { metrics, returns } = run
  const teams = Object.entries(returns)
  const seconds = metrics['time/seconds']
  return [
    here(run.folder),
    run.status,
    run.scenario,
    run.algorithm,
    run.preset,
    String(run.seed),
    run.status === 'finished'
      ? describeCount(run.episodes)
      : `${describeCount(run.episodes)}${run.plannedEpisodes === null ? '' : ` of ${describeCount(run.plannedEpisodes)}`}`,
    metrics.envSteps === undefined ? '-' : describeCount(metrics.envSteps),
    teams.length === 0 ? '-' : teams.map(([team, value]) => `${team} ${value.toFixed(1)}`).join(', '),
    seconds === undefined ? '-' : describeSeconds(seconds),
    (run.bytes / 1e6).toFixed(1),
  ]
}

/** The path from here where that is shorter. */
function here(folder: string): string {
  if (!isAbsolute(folder)) return folder
  const path = relative(process.cwd(), folder)
  return path === '' ? '.' : path.startsWith(`..${sep}`) ? folder : path
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
