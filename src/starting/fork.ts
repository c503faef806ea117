// A fork: a new run that begins with what an earlier one had learnt; which settings may differ, and how its random streams change with the seed.

import { ConfigError, FileError } from '../errors.ts'
import { openRunFolder, type RunFolder } from '../experiment/run-folder.ts'
import { countersOf } from '../experiment/trainer.ts'
import { createActingRun } from '../run/acting-run.ts'
import { layer, type Overrides, settingAt } from '../run/config/config.ts'
import { describeDifferences, type SettingDifference } from '../run/config/config-identity.ts'
import { changeOf } from '../run/config/describe-settings.ts'
import type { Described } from '../run/config/team-settings.ts'
import { donorsOf } from '../run/other-agents.ts'
import { createRun, type Run } from '../run/run.ts'
import type { Saved } from '../types.ts'
import { restoreFitting } from './open-run.ts'
import { type GoOnOptions, readToGoOn } from './whole-checkpoint.ts'

/** @throws ConfigError naming the settings that a fork cannot change. */
export function refuseFixed(changed: readonly SettingDifference[], described: readonly Described[]): void {
  const found = changed.filter(({ key }) => changeOf(key, described) === 'never')
  if (found.length > 0) throw unfit(found, 'what the run has learnt would not fit')
}

/** What a fork began with: the episodes of its parent, and a sentence where it is not all that the parent had. */
export interface ForkPoint {
  readonly episodes: number
  readonly remark: string | null
}

/**
 * Restores the newest checkpoint of `parent`, the run in `path`, into a run with changed settings. With another seed, games, draws and
 * exploration are random anew from here on. The remark says where damaged rows of the replay buffer were left out.
 * @throws ConfigError naming the settings whose states do not fit.
 */
export async function forkState(
  path: string,
  run: Run,
  parent: RunFolder,
  changed: readonly SettingDifference[],
  options: Omit<GoOnOptions, 'setAside'>,
): Promise<ForkPoint> {
  const reseeds = changed.some(({ key }) => key === 'run.seed')
  if (reseeds && run.actors !== null) {
    run.dispose()
    throw new ConfigError(
      'run.seed',
      'cannot change in a fork where actors play: what they are in the midst of follows from it',
    )
  }
  const { saved: whole, remark: damage } = readToGoOn(parent, { ...options, setAside: false })
  const { kept, dropped } = withoutOperators(whole)
  if (dropped !== null) options.note(dropped)
  const remark = [damage, dropped].filter(sentence => sentence !== null).join('; ') || null
  const saved = reseeds ? withRandoms(run.asToday(kept), run.save()) : kept
  try {
    restoreFitting(path, () => run.restore(saved))
    return { episodes: countersOf(run).episodes, remark }
  } catch (error) {
    run.dispose()
    if (changed.length === 0 || !(error instanceof FileError)) throw error
    throw unfit(await findIncompatible(path, parent, kept, changed), error.message.replace(/^.*config\.json: /s, ''))
  }
}

/**
 * Restores what the learners of `parent`, the run in `path`, had learnt into a run whose teams have other sizes: every agent begins with the
 * networks and optimisers of a member of its team's group. Games, replay buffer, counters and schedules begin anew, and the remark says so.
 * @throws ConfigError with the condition that fails and the remedy
 */
export async function forkTeams(
  path: string,
  run: Run,
  parent: RunFolder,
  changed: readonly SettingDifference[],
  options: Omit<GoOnOptions, 'setAside'>,
): Promise<ForkPoint> {
  const at = changed.find(({ key }) => key.startsWith('scenario.'))?.key ?? 'scenario'
  try {
    const before = await createParent(path, parent)
    const opponent = run.opponents[0]
    if (opponent !== undefined) {
      throw new ConfigError(
        at,
        `cannot change the teams while team '${opponent.team}' is played by an earlier run; leave it`,
      )
    }
    const donors = donorsOf(before.agents, before.parts, run.agents, at)
    const { saved } = readToGoOn(parent, { ...options, setAside: false })
    const { learners = {}, tracker } = saved as {
      learners?: Readonly<Record<string, Saved>>
      tracker: { finished: number }
    }
    const ofDonors = run.agents.map(({ id }, i) => [id, learners[before.agents[donors[i]!]!.id] ?? null])
    restoreTeams(run, Object.fromEntries(ofDonors), at, changed)
    const sentence = `teams have other sizes (${describeDifferences(changed)}): it begins with the networks and optimisers of its parent alone; games, replay buffer, counters and schedules begin anew`
    options.note(sentence)
    return { episodes: tracker.finished, remark: sentence }
  } catch (error) {
    run.dispose()
    throw error
  }
}

/** Who played in a run and by which settings. */
async function createParent(path: string, parent: RunFolder): Promise<Pick<Run, 'agents' | 'parts'>> {
  const { config } = openRunFolder(path) as { config: Overrides }
  const run = await createActingRun(config, parent)
  const { agents, parts } = run
  run.dispose()
  return { agents, parts }
}

function restoreTeams(run: Run, learners: Saved, at: string, changed: readonly SettingDifference[]): void {
  try {
    run.restoreLearners({ learners })
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    throw new ConfigError(
      at,
      `cannot change in a fork (${describeDifferences(changed)}): ${error.message}; to go on with teams of another size, train with critics ` +
        'that fit any: learner.critic=local or learner.critic=set',
    )
  }
}

function unfit(found: readonly SettingDifference[], reason: string): ConfigError {
  return new ConfigError(found[0]!.key, `cannot change in a fork (${describeDifferences(found)}): ${reason}`)
}

/** The changes that do not fit by themselves; all of them where only several together do not. */
async function findIncompatible(
  path: string,
  parent: RunFolder,
  saved: Saved,
  changed: readonly SettingDifference[],
): Promise<readonly SettingDifference[]> {
  if (changed.length === 1) return changed
  const found: SettingDifference[] = []
  for (const change of changed) if (!(await fits(path, parent, saved, change))) found.push(change)
  return found.length > 0 ? found : changed
}

async function fits(
  path: string,
  parent: RunFolder,
  saved: Saved,
  { key, after }: SettingDifference,
): Promise<boolean> {
  const { config } = openRunFolder(path) as { config: Overrides }
  const change = after === undefined ? {} : settingAt(key, JSON.parse(after))
  try {
    const run = await createRun(layer(config, change), parent)
    try {
      restoreFitting(path, () => run.restore(saved))
    } finally {
      run.dispose()
    }
    return true
  } catch {
    return false
  }
}

/** A fork is another run, which has the operators that it is trained with. `dropped`: a sentence where its parent had some. */
function withoutOperators(saved: Saved): { readonly kept: Saved; readonly dropped: string | null } {
  const { operators, ...kept } = saved as { readonly [name: string]: Saved }
  if (operators === undefined) return { kept: saved, dropped: null }
  const names = (operators as readonly { readonly name: string }[]).map(({ name }) => `'${name}'`)
  return {
    kept,
    dropped: `the operators of its parent (${names.join(', ')}) are left behind: it is trained with those that it is given`,
  }
}

/** What was saved, with the random streams (`random`, `randoms`) of another run of the same parts. */
function withRandoms(saved: Saved, other: Saved): Saved {
  if (!isRecord(saved) || !isRecord(other)) return saved
  return Object.fromEntries(
    Object.entries(saved).map(([name, value]) => [
      name,
      name === 'random' || name === 'randoms' ? (other[name] ?? value) : withRandoms(value, other[name] ?? null),
    ]),
  )
}

function isRecord(saved: Saved): saved is { readonly [key: string]: Saved } {
  return typeof saved === 'object' && saved !== null && !Array.isArray(saved) && !ArrayBuffer.isView(saved)
}
