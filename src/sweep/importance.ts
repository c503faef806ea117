// Which settings mattered: the share of the objective's variance that each explains alone.

import { square } from '../elementary.ts'
import { mean } from '../statistics/scores.ts'
import type { TrialStanding } from './standings.ts'

export interface Importance {
  readonly key: string
  /** From 0 to 1: epsilon squared (Kelley 1935), the correlation ratio less what chance would give. */
  readonly share: number
}

/** Groups that a range is cut into, equally large. */
const groups = 4

/**
 * Per setting, how much of the variance between trials lies between its values (of ranges: quarters of the trials), the largest first.
 * What two settings do only together belongs to neither. Null: fewer than eight trials of one length say too little.
 */
export function importanceOf(standings: readonly TrialStanding[]): Importance[] | null {
  const rung = Math.max(0, ...comparableRungs(standings))
  const known = standings.filter(({ record }) => record.status === 'done' && record.rung === rung)
  if (known.length < 8) return null
  const values = known.map(({ record }) => record.value!)
  const keys = Object.keys(known[0]!.record.settings)
  return keys
    .map(key => ({ key, share: shareOf(groupsOf(known.map(({ record }) => record.settings[key])), values) }))
    .sort((a, b) => b.share - a.share)
}

/** Rungs at which eight trials ended. */
function comparableRungs(standings: readonly TrialStanding[]): number[] {
  const rungs = standings.filter(({ record }) => record.status === 'done').map(({ record }) => record.rung)
  return [...new Set(rungs)].filter(rung => rungs.filter(other => other === rung).length >= 8)
}

/** Which group each value belongs to. */
function groupsOf(values: readonly unknown[]): number[] {
  const distinct = [...new Set(values.map(value => JSON.stringify(value)))]
  const isRange = values.every(value => typeof value === 'number') && distinct.length > 2 * groups
  if (!isRange) return values.map(value => distinct.indexOf(JSON.stringify(value)))
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number))
  const found = new Array<number>(values.length)
  order.forEach((index, rank) => {
    found[index] = Math.floor((rank * groups) / values.length)
  })
  return found
}

/** [trials] groups, [trials] values. */
function shareOf(group: readonly number[], values: readonly number[]): number {
  const members = [...new Set(group)].map(name => values.filter((_, index) => group[index] === name))
  const all = mean(values)
  const squares = (some: readonly number[], middle: number) =>
    some.reduce((sum, value) => sum + square(value - middle), 0)
  const total = squares(values, all)
  const within = members.reduce((sum, some) => sum + squares(some, mean(some)), 0)
  const freedom = values.length - members.length
  if (total === 0 || freedom <= 0) return 0
  const byChance = ((members.length - 1) * within) / freedom
  return Math.max(0, (total - within - byChance) / total)
}
