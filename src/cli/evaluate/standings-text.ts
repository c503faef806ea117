// Where a run stands, as tables: for each team that learnt its returns and leads, then what the scenario measures.
import pc from 'picocolors'
import { log10 } from '../../elementary.ts'
import type { AgentSpec } from '../../index.ts'
import type { Standing } from '../../run/standings.ts'
import type { Estimate } from '../../statistics/estimate.ts'
import { describeCount } from '../../text/describe-count.ts'
import { tableText } from '../terminal/print-table.ts'

export interface StandingsStyle {
  /** Markdown, else for a terminal. */
  readonly markdown: boolean
  /** Whether tables of the scenario's metrics follow. */
  readonly metrics: boolean
}

/** Tables with a title where there is more than one team, and a line that says what the numbers are. */
export function standingsText(
  standings: readonly Standing[],
  agents: readonly AgentSpec[],
  teams: readonly string[],
  { markdown, metrics }: StandingsStyle,
): string {
  const dim = markdown ? (text: string) => text : pc.dim
  const isOnly = agents.every(({ team }) => team === teams[0])
  const ofTeams = teams.flatMap(team => {
    const own = standings.filter(standing => standing.team === null || standing.team === team)
    const ids = agents.filter(agent => agent.team === team).map(({ id }) => id)
    const isOne = ids.every(id =>
      own.every(({ evaluation }) => areEqual(evaluation.returns[ids[0]!]!, evaluation.returns[id]!)),
    )
    const title = titleOf(team, ids, isOne)
    return [
      ...(isOnly && isOne ? [] : [isOnly ? `${title}:` : `${title}; the others as trained:`]),
      teamTable(own, team, markdown),
      ...(isOne ? [] : [agentTable(own, ids, markdown)]),
    ]
  })
  const others = agents.filter(({ team }) => !teams.includes(team)).map(({ id }) => id)
  const notes = [
    `Return per agent and episode, higher is better: mean of ${describeCount(standings[0]!.evaluation.episodes)} evaluation episodes, the same`,
    `in every row, with its 95 % t interval; ahead: what ${nameOf(standings[0]!)} gets more (paired).`,
    ...(others.length === 0 ? [] : [`In every row the same: ${others.join(', ')}, who did not learn.`]),
  ]
  const measured = metrics ? metricTables(standings, isOnly, markdown) : []
  return [...ofTeams, dim(notes.join('\n')), ...measured].join(markdown ? '\n\n' : '\n')
}

/** `trained, sampling` */
export function nameOf({ policy, evaluation }: Pick<Standing, 'policy' | 'evaluation'>): string {
  if (policy !== 'trained')
    return { scripted: 'scripted controller', noop: 'doing nothing', random: 'random actions' }[policy]
  return evaluation.mode === 'sample' ? 'trained, sampling' : 'trained, best guess'
}

function titleOf(team: string, ids: readonly string[], isOne: boolean): string {
  if (ids.length === 1) return `Team ${team} (${ids[0]})`
  return `Team ${team} (${ids.join(', ')}: ${isOne ? 'each has the same' : 'their mean'})`
}

function teamTable(standings: readonly Standing[], team: string, markdown: boolean): string {
  const digits = digitsOf(standings.map(({ evaluation }) => evaluation.teams[team]!))
  const cells = (estimate: Estimate | undefined) =>
    estimate === undefined ? ['', ''] : [estimate.mean.toFixed(digits), intervalText(estimate, digits)]
  const rows = standings.map(standing => [
    nameOf(standing),
    ...cells(standing.evaluation.teams[team]),
    ...cells(standing.lead?.teams[team]),
  ])
  const head = ['policy', 'return', '95 % interval', 'ahead by', '95 % interval']
  const isAlone = standings.length === 1
  return tableText(isAlone ? head.slice(0, 3) : head, isAlone ? rows.map(row => row.slice(0, 3)) : rows, 1, markdown)
}

function agentTable(standings: readonly Standing[], ids: readonly string[], markdown: boolean): string {
  const digits = digitsOf(standings.flatMap(({ evaluation }) => ids.map(id => evaluation.returns[id]!)))
  const rows = standings.map(standing => [
    nameOf(standing),
    ...ids.map(id => spread(standing.evaluation.returns[id]!, digits)),
  ])
  return tableText(['policy', ...ids], rows, 1, markdown)
}

/** A table each for the means over an episode and for its end; none where the scenario measures nothing. */
function metricTables(standings: readonly Standing[], isOnly: boolean, markdown: boolean): string[] {
  return (
    [
      ['metrics', 'Mean over the steps of an episode, ± half the 95 % interval:'],
      ['finalMetrics', 'At the last step of an episode:'],
    ] as const
  ).flatMap(([key, title]) => {
    const names = [...new Set(standings.flatMap(({ evaluation }) => Object.keys(evaluation[key])))]
    if (names.length === 0) return []
    const columns = names.map(name => {
      const estimates = standings.map(({ evaluation }) => evaluation[key][name])
      const digits = digitsOf(estimates.filter(estimate => estimate !== undefined))
      return estimates.map(estimate => (estimate === undefined ? '' : spread(estimate, digits)))
    })
    const rows = standings.map((standing, row) => [
      `${nameOf(standing)}${isOnly || standing.team === null ? '' : `: ${standing.team}`}`,
      ...columns.map(column => column[row]!),
    ])
    return [markdown ? title : `\n${title}`, tableText(['policy', ...names], rows, 1, markdown)]
  })
}

/** Digits that show where the narrowest interval ends: 1 to 4. */
function digitsOf(estimates: readonly Estimate[]): number {
  const halves = estimates.map(halfOf).filter(half => half > 0)
  if (halves.length === 0) return 2
  return Math.min(4, Math.max(1, Math.ceil(-log10(Math.min(...halves))) + 1))
}

function intervalText({ low, high }: Estimate, digits: number): string {
  return `${low.toFixed(digits)} ... ${high.toFixed(digits)}`
}

function spread(estimate: Estimate, digits: number): string {
  return `${estimate.mean.toFixed(digits)} ± ${halfOf(estimate).toFixed(digits)}`
}

function halfOf({ low, high }: Estimate): number {
  return (high - low) / 2
}

function areEqual(a: Estimate, b: Estimate): boolean {
  return a.mean === b.mean && a.standardError === b.standardError
}
