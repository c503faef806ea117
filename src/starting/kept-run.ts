// The state of a run folder against the run that is wanted there: absent, begun, unfinished or finished.
import { join } from 'node:path'
import { ConfigError, FileError } from '../errors.ts'
import { wasDone } from '../experiment/done.ts'
import { createTrainingReturns } from '../experiment/metrics.ts'
import { isThere } from '../experiment/presence.ts'
import { openRunFolder } from '../experiment/run-folder.ts'
import { describe, isTraining, trainerOf } from '../experiment/trainer-mark.ts'
import type { Overrides, RunConfig } from '../run/config/config.ts'
import { differences, isMaterial } from '../run/config/config-identity.ts'
import { planRun, type RunPlan } from '../run/plan.ts'
import { gameOf } from '../run/run.ts'
import type { Saved } from '../types.ts'

/** A run with all its settings, and the folder it belongs in. */
export interface WantedRun {
  readonly name: string
  readonly folder: string
  readonly config: RunConfig
}

/**
 * absent: nothing there; begun: a training that was killed before its first checkpoint; unfinished: can be resumed; finished:
 * is as long as is wanted, and has learnt from all of it.
 */
export type KeptRun =
  | { readonly state: 'absent' | 'begun' }
  /** `envSteps`: where the length that is wanted is counted in environment steps. */
  | { readonly state: 'unfinished'; readonly episodes: number; readonly envSteps?: number }
  | { readonly state: 'finished'; readonly episodes: number; readonly returns: Readonly<Record<string, number>> }

/** A run by name in a folder, its settings complete and checked. @throws ConfigError with the path of the first wrong one. */
export async function wantedRun(out: string, name: string, given: Overrides): Promise<WantedRun> {
  return { name, folder: join(out, name), config: (await planRun(given)).config }
}

/**
 * Looks into the folder.
 * @throws ConfigError where it holds another run, one that has gone further, or one that is being trained; FileError where it is damaged.
 */
export async function keptRun({ folder: path, config }: WantedRun): Promise<KeptRun> {
  const trainer = trainerOf(path)
  if (trainer !== null && isTraining(path, trainer))
    throw new ConfigError('--out', `${path} is being trained by ${describe(trainer)}; wait for it, or stop it first`)
  if (!isThere(join(path, 'config.json'))) return { state: 'absent' }
  const { folder, config: kept } = openRunFolder(path)
  // A config that an older version wrote gets the settings that are new.
  const plan = await planRun(kept as Overrides, folder)
  const found = plan.config
  const other = firstDifference(found, config, plan.described)
  if (other !== null) {
    throw new ConfigError(
      '--out',
      `${path} holds a run with ${other.key} ${other.found}, expected ${other.expected}; choose another folder, or move it away`,
    )
  }
  if (!folder.hasCheckpoint) {
    if (trainer !== null) return { state: 'begun' }
    throw new ConfigError(
      '--out',
      `${path} holds a run without a checkpoint, begun elsewhere; wait until it has one, or move it away`,
    )
  }
  const saved = folder.readCheckpoint(isProgress)
  refuseOtherVersion(path, saved, plan.definition)
  const progress = progressOf(path, saved, agentIds(plan))
  const { episodes, envSteps, returns } = progress
  refuseLonger(path, progress, found, config)
  return wasDone(saved, config.run)
    ? { state: 'finished', episodes, returns }
    : { state: 'unfinished', episodes, ...(config.run.steps === null ? {} : { envSteps }) }
}

/** A run that was meant to go further, and has. */
function refuseLonger(
  path: string,
  { episodes, envSteps }: { readonly episodes: number; readonly envSteps: number },
  { run: found }: RunConfig,
  { run: wanted }: RunConfig,
): void {
  const [unit, done] = wanted.steps === null ? (['episodes', episodes] as const) : (['steps', envSteps] as const)
  if (done <= wanted[unit]! || (found[unit] ?? 0) <= wanted[unit]!) return
  throw new ConfigError(
    '--out',
    `${path} holds a run of ${done} ${unit}, expected ${wanted[unit]}; ask for --${unit} ${found[unit]}, or choose another folder`,
  )
}

function firstDifference(
  found: RunConfig,
  wanted: RunConfig,
  described: RunPlan['described'],
): { key: string; found: string; expected: string } | null {
  const other = differences({ ...found }, { ...wanted }).find(({ key }) => isMaterial(key, { ...wanted }, described))
  if (other === undefined) return null
  return { key: other.key, found: other.before ?? 'left alone', expected: other.after ?? 'none' }
}

/** What was learnt in another version of the scenario says nothing about this one. Checkpoints of earlier versions do not name it. */
function refuseOtherVersion(path: string, saved: Saved, { id, version }: RunPlan['definition']): void {
  const { scenarioVersion: before } = saved as { scenarioVersion?: number }
  if (before === undefined || before === version) return
  throw new ConfigError('--out', `${path} was trained in version ${before} of ${id}, expected ${version}; move it away`)
}

/** Of a checkpoint, only what says how far the run is: never the networks and the replay buffer. */
function isProgress(tensor: string): boolean {
  return tensor.startsWith('returns/')
}

function progressOf(
  path: string,
  saved: Saved,
  ids: readonly string[],
): { episodes: number; envSteps: number; returns: Record<string, number> } {
  const { tracker, envSteps, returns } = saved as {
    tracker?: { finished?: unknown }
    envSteps?: unknown
    returns?: Saved
  }
  const episodes = tracker?.finished
  if (typeof episodes !== 'number' || returns === undefined) {
    throw new FileError(path, 'its checkpoint does not say how far the run is; move it away')
  }
  const means = createTrainingReturns(ids.length)
  means.restore(returns)
  return {
    episodes,
    envSteps: Number(envSteps ?? 0),
    returns: Object.fromEntries(means.means().map((mean, i) => [ids[i]!, mean])),
  }
}

function agentIds({ config, definition }: RunPlan): string[] {
  return gameOf(config, definition)().agents.map(({ id }) => id)
}
