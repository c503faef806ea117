// The values of a run by key: what filters compare, what a list is sorted by, and the columns of an exported table.
import type { DamagedRun, KnownRun } from './run-summary.ts'

export type CataloguedRun = KnownRun | DamagedRun

/** The figures that every list has, with their meaning. */
export const figures = {
  folder: 'path of the run folder',
  status: 'running, finished, stopped or damaged',
  problem: 'why it is damaged',
  scenario: 'id of the scenario',
  algorithm: 'how agents learn, or team by team',
  preset: 'the named layer of settings',
  seed: 'of all random numbers',
  episodes: 'training episodes finished',
  envSteps: 'environment steps at the last metrics line',
  updates: 'update rounds at the last metrics line',
  wallSeconds: 'seconds of training up to the last metrics line',
  bytes: 'size on disk',
} as const

/**
 * All keys of a run with their values: the figures, `return.<team>`, `return.<agent>`, the keys of the last metrics line as they are
 * there (`criticLoss/agent_0`), and the settings (`learner.gamma`).
 */
export function valuesOf(run: CataloguedRun): Map<string, unknown> {
  const { folder, status, bytes } = run
  if (run.status === 'damaged') return new Map(Object.entries({ folder, status, problem: run.problem, bytes }))
  const { scenario, algorithm, preset, seed, episodes, metrics } = run
  const values = new Map<string, unknown>(
    Object.entries({
      folder,
      status,
      scenario,
      algorithm,
      preset,
      seed,
      episodes,
      envSteps: metrics.envSteps,
      updates: metrics.updates,
      wallSeconds: metrics['time/seconds'],
      bytes,
    }),
  )
  for (const [team, value] of Object.entries(run.returns)) values.set(`return.${team}`, value)
  for (const [key, value] of Object.entries(metrics)) {
    if (counted.has(key)) continue
    values.set(key, value)
    if (key.startsWith('return/')) values.set(key.replace('/', '.'), value)
  }
  for (const [key, value] of run.settings) values.set(key, value)
  return values
}

/** Keys of metrics lines that are figures under another name, or the same. */
export const counted: ReadonlySet<string> = new Set(['episodes', 'envSteps', 'updates', 'time/seconds'])
