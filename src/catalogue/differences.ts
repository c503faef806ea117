// The settings in which runs differ.
import type { KnownRun } from './run-summary.ts'

/**
 * Keys of the settings that not all runs have alike, in the order in which configs name them. That an algorithm has settings which another
 * one lacks is said by its name: such a setting is listed where those that have it differ.
 */
export function differingSettings(runs: readonly KnownRun[]): string[] {
  const keys = [...new Set(runs.flatMap(({ settings }) => [...settings.keys()]))]
  return keys.filter(key => {
    const [, name] = /^learner\.(.+)$/.exec(key) ?? []
    const lacks = ({ settings }: KnownRun) =>
      name !== undefined && !settings.has(key) && ![...settings.keys()].some(other => isOfTeam(other, name))
    const having = runs.filter(run => !lacks(run))
    return new Set(having.map(({ settings }) => JSON.stringify(settings.get(key)))).size > 1
  })
}

/** `team.agent.gamma` */
function isOfTeam(key: string, name: string): boolean {
  return key.startsWith('team.') && key.endsWith(`.${name}`)
}
