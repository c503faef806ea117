// What a sweep says at its end: the standings, what mattered, the best settings and what to do with them.
import { join } from 'node:path'
import pc from 'picocolors'
import { reasonOf, wordOf } from '../../api/sweep-table.ts'
import { describeObjective, type Objective } from '../../jobs/objective.ts'
import { isKnown } from '../../statistics/bootstrap.ts'
import { importanceOf } from '../../sweep/importance.ts'
import type { TrialStanding } from '../../sweep/standings.ts'
import { describeCount } from '../../text/describe-count.ts'
import { plainText } from '../../text/plain-text.ts'
import { marlstromCommand } from '../../text/shell-quoted.ts'
import { tableText } from '../terminal/print-table.ts'

/** Trials that are shown. */
const most = 20

/** Runs that are named for a report. */
const reported = 3

/** The end of a sweep, for people. */
export function endText(standings: readonly TrialStanding[], objective: Objective, path: string): string {
  const keys = Object.keys(standings[0]?.record.settings ?? {})
  const seeds = standings[0]?.record.seeds.length ?? 1
  const lengths = new Set(standings.map(({ record }) => record.episodes)).size > 1
  const rows = standings
    .slice(0, most)
    .map(({ record, interval }) => [
      String(record.trial),
      ...keys.map(key => wordOf(record.settings[key])),
      ...(lengths ? [describeCount(record.episodes)] : []),
      interval === null ? 'failed' : digits(interval.value),
      ...(seeds > 1
        ? [interval !== null && isKnown(interval) ? `${digits(interval.low)} ... ${digits(interval.high)}` : '']
        : []),
    ])
  const head = [
    'trial',
    ...keys.map(key => key.replace(/^[^.]+\./, '')),
    ...(lengths ? ['episodes'] : []),
    objective.measure,
    ...(seeds > 1 ? ['95 %'] : []),
  ]
  const left = standings.length - rows.length
  return [
    '',
    tableText(head, rows, 0, false),
    pc.dim(
      `${describeObjective(objective, seeds)}; ${objective.goal === 'maximise' ? 'higher' : 'lower'} is better.${left > 0 ? ` ${left} more in ${join(path, 'trials.csv')}.` : ''}`,
    ),
    ...importanceText(standings),
    ...failuresText(standings),
    ...nextText(standings, path),
  ].join('\n')
}

function importanceText(standings: readonly TrialStanding[]): string[] {
  const found = importanceOf(standings)
  if (found === null || found.length < 2) return []
  const shares = found.map(({ key, share }) => `${key} ${Math.round(100 * share)} %`)
  return ['', `Share of the variance that a setting explains alone: ${shares.join(', ')}`]
}

/** Failures with their reasons, equal ones together. */
function failuresText(standings: readonly TrialStanding[]): string[] {
  const reasons = new Map<string, number[]>()
  for (const { record } of standings) {
    if (record.status === 'done') continue
    const reason = reasonOf(record)
    reasons.set(reason, [...(reasons.get(reason) ?? []), record.trial])
  }
  return [...reasons].flatMap(([reason, trials]) => ['', `${pc.red('failed:')} trial ${trials.join(', ')}: ${reason}`])
}

function nextText(standings: readonly TrialStanding[], path: string): string[] {
  const best = standings[0]
  if (best === undefined || best.interval === null) return []
  const runs = standings
    .slice(0, reported)
    .flatMap(({ record }) => (record.status === 'done' ? record.seeds : []))
    .map(({ run }) => join(path, run))
  return [
    '',
    `Sweep folder   ${plainText(path)}`,
    `Best settings  ${plainText(join(path, 'best.yaml'))}`,
    `Compare        ${marlstromCommand('report', ...runs)}`,
  ]
}

function digits(value: number): string {
  const size = Math.abs(value)
  return size === 0 || (size >= 0.1 && size < 1e6) ? value.toFixed(size < 10 ? 3 : 1) : value.toPrecision(3)
}
