// From a sweep file to trials: every value settled, and every setting that the search can come to looked at before anything starts.

import { ConfigError } from '../errors.ts'
import { objectiveAgents } from '../jobs/objective.ts'
import { episodesOf, layer, type Overrides, type RunConfig, settingAt } from '../run/config/config.ts'
import { readPlacedFile } from '../run/config/config-file.ts'
import { identityOf, isMaterial } from '../run/config/config-identity.ts'
import { completeSettings, planRun, type RunPlan } from '../run/plan.ts'
import { isLearning } from '../run/players.ts'
import { gameOf } from '../run/run.ts'
import { noteOldKeys } from '../starting/old-keys-note.ts'
import { cornersOf, type SettingsChoice, type SpacePoint } from './space.ts'
import { type Sweep, sweepOf } from './sweep-file.ts'

/** One choice of settings. */
export interface PlannedTrial {
  /** Twelve digits of the hash of its settings without the seed. */
  readonly id: string
  readonly settings: SettingsChoice
  /** All settings of its run with a seed, so many episodes long. */
  config(seed: number, episodes: number): RunConfig
}

export interface SweepPlan {
  readonly sweep: Sweep
  /** The scenario's id or file. */
  readonly scenario: string
  /** Training episodes of each rung; the last is the whole training. */
  readonly rungs: readonly number[]
  trialAt(point: SpacePoint): Promise<PlannedTrial>
}

/** Most trials that are looked at one by one before the first begins. */
const most = 2000

/**
 * Reads a sweep file and checks all that can be checked.
 * @throws ConfigError with file, line and column where the file says what is wrong
 */
export async function planSweep(file: string, note: (sentence: string) => void): Promise<SweepPlan> {
  const { content, place } = readPlacedFile(file, 'sweep', 'keys like space: {learner.gamma: [0.9, 0.95]}')
  const said = (error: unknown, ...paths: (readonly string[])[]): unknown => {
    if (!(error instanceof ConfigError)) return error
    const where = paths.map(path => place(path)).find(found => found !== undefined)
    return where === undefined ? error : new ConfigError(where, error.message)
  }
  let sweep: Sweep
  try {
    sweep = sweepOf(content)
    refuseSeedsAndLengths(sweep)
  } catch (error) {
    throw said(error, error instanceof ConfigError ? error.path.split('.') : [])
  }
  const searched = sweep.space.dimensions.map(({ key, at }) => settingAt(key, at(0)))
  noteOldKeys(
    [sweep.base as Overrides, ...searched].map(overrides => ({ source: file, overrides })),
    note,
  )
  /** Whatever a run refuses stands in the space or in the base. */
  const planAt = async (choice: SettingsChoice): Promise<RunPlan> => {
    try {
      // One thread unless the base says otherwise, for there are other runs beside it.
      return await planRun(layer({ run: { threads: 1 } }, settingsOf(sweep, choice)))
    } catch (error) {
      const path = error instanceof ConfigError ? error.path : ''
      const key = Object.keys(choice).find(
        key => key === path || (path !== '' && (isBelow(key, path) || isBelow(path, key))),
      )
      throw said(error, ...(key === undefined ? [] : [['space', key]]), ['base', ...path.split('.')])
    }
  }
  const points =
    sweep.strategy.learns || sweep.trials > most
      ? cornersOf(sweep.space)
      : Array.from({ length: sweep.trials }, (_, trial) =>
          sweep.strategy.suggest(trial, { observations: [], pending: [] }),
        )
  let plan: RunPlan | undefined
  for (const point of points) {
    plan = await planAt(sweep.space.at(point))
    try {
      refuseUnknownObjective(sweep, plan)
    } catch (error) {
      throw said(error, ['objective', 'of'], ['objective'])
    }
  }
  const { config } = plan!
  return {
    sweep,
    scenario: config.scenario.id,
    rungs: sweep.rungs(episodesOf(config)),
    async trialAt(point) {
      const settings = sweep.space.at(point)
      const planned = await planAt(settings)
      return {
        id: idOf(planned),
        settings,
        config: (seed, episodes) => ({ ...planned.config, run: { ...planned.config.run, seed, episodes } }),
      }
    },
  }
}

/** The base with a choice on top. */
export function settingsOf({ base }: Sweep, choice: SettingsChoice): Overrides {
  return Object.entries(choice).reduce<Overrides>(
    (settings, [path, value]) => layer(settings, settingAt(path, value)),
    base as Overrides,
  )
}

/** A trial is its settings, whatever its seeds and however long it has been trained. */
function idOf(plan: RunPlan): string {
  const settings = completeSettings(plan)
  return identityOf({ ...plan, settings: { ...settings, run: { ...settings.run, seed: undefined } } }).sha256.slice(
    0,
    12,
  )
}

function refuseSeedsAndLengths({ base, space }: Sweep): void {
  const run = base.run as Record<string, unknown> | undefined | null
  if (run?.seed !== undefined)
    throw new ConfigError('base.run.seed', 'the runs of a trial have the seeds of seeds; say seeds: [1, 2, 3]')
  if (run?.steps != null)
    throw new ConfigError('base.run.steps', 'the trainings of a sweep are counted in episodes; say base.run.episodes')
  for (const { key } of space.dimensions) {
    if (key === 'run.seed')
      throw new ConfigError(`space.${key}`, 'seeds are no setting to choose; say seeds: [1, 2, 3]')
    if (key === 'run.episodes' || key === 'run.steps') {
      throw new ConfigError(
        `space.${key}`,
        'all trials are trained equally long; say base.run.episodes, or halving: {from: 500} to end poor ones early',
      )
    }
    if (!isMaterial(key, { run: run ?? {} }))
      throw new ConfigError(`space.${key}`, 'changes nothing that is learnt; leave it out')
  }
}

function refuseUnknownObjective({ objective }: Sweep, { config, definition, players }: RunPlan): void {
  const { agents } = gameOf(config, definition)()
  objectiveAgents(objective, agents, index => isLearning(players.get(agents[index]!.team)))
  if (/^(training|evaluation)$/.test(objective.measure) || objective.measure.includes('/')) return
  const { measure } = objective
  if (/^(episodes|envSteps|updates|rollbacks)$/.test(measure)) return
  throw new ConfigError(
    'objective.measure',
    `expected training, evaluation, evaluation/<figure of the scenario>, or a key of metrics.jsonl like criticLoss/${agents[0]!.id}, got '${measure}'`,
  )
}

/** Whether one key lies within another: `learner.gamma` within `learner`. */
function isBelow(key: string, above: string): boolean {
  return key.startsWith(`${above}.`)
}
