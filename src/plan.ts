// From settings to a plan: the game, who plays it, and every value; nothing is built yet and nothing is trained.

import type { KeptSource } from './authoring/load-scenario.ts'
import { playedHere } from './authoring/played-here.ts'
import { layer, type Overrides, presets, type RunConfig, resolveConfig } from './config.ts'
import type { GameDefinition } from './envs/game-definition.ts'
import { ConfigError } from './errors.ts'
import { defaultCapacity, refuseTooSmall } from './experience.ts'
import { findGame, gameOf } from './find-game.ts'
import type { KeptOpponents } from './opponents.ts'
import { algorithmsOf, defaultsOf, ownOptionsOf, type Players, playersOf, refuseWrongOptions } from './players.ts'
import type { AgentSpec } from './types.ts'

/** What a run folder keeps of what came from elsewhere. */
export interface Kept extends KeptOpponents {
  readonly scenarioFile: string | undefined
}

export interface RunPlan {
  readonly config: RunConfig
  readonly definition: GameDefinition
  /** Where the scenario came from when it is a user's file; null: it ships with marlstrom. */
  readonly source: KeptSource | null
  readonly players: Players
}

/** Every setting with its value by section and key, the options of the scenario and of the algorithms that learn included. */
export type CompleteSettings = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * Finds the game and the players and settles every value.
 * @throws ConfigError with the path of the first wrong setting, FileError when the scenario file or an opponent cannot be loaded.
 */
export async function planRun(given: Overrides, kept?: Kept): Promise<RunPlan> {
  const { scenario, run } = resolveConfig(given)
  const { id, definition, source } = await findGame(scenario.id, kept?.scenarioFile, run.hookSeconds)
  playedHere.seed = run.seed
  const wanted = { ...given, scenario: { ...given.scenario, id } }
  const asGiven = resolveConfig(wanted, definition)
  const game = gameOf(asGiven, definition)()
  const players = await playersOf(definition, game, asGiven, kept)
  const used = algorithmsOf(players)
  const defaults = defaultsOf(used, layer(presets[asGiven.run.preset]!, wanted))
  const config = withCapacity(defaults, game.agents, players, below => resolveConfig(wanted, definition, below))
  refuseWrongOptions(used, config.algorithm)
  refuseSharedDraws(config)
  // What an earlier run was trained with can still be evaluated.
  if (kept === undefined) refuseTooSmall(config)
  return { config, definition, source, players }
}

/** The config over these defaults, and over the capacity of the replay buffer that follows from the game. */
function withCapacity(
  defaults: Overrides,
  agents: readonly AgentSpec[],
  players: Players,
  resolve: (below: Overrides) => RunConfig,
): RunConfig {
  const config = resolve(defaults)
  const capacity = defaultCapacity(agents, players, config)
  return resolve(layer({ replay: { capacity } }, defaults))
}

/** The settings of a plan with nothing left unsaid: laid over any layers they give the same plan. */
export function completeSettings({ config, definition, players }: Omit<RunPlan, 'source'>): CompleteSettings {
  const defaultsIn = (options: GameDefinition['options']) =>
    Object.entries(options).map(([name, option]) => [name, option.default] as const)
  const { id, ...options } = config.scenario
  return {
    ...config,
    scenario: { id, ...Object.fromEntries(defaultsIn(definition.options)), ...options },
    algorithm: {
      ...Object.fromEntries(algorithmsOf(players).flatMap(algorithm => defaultsIn(ownOptionsOf(algorithm)))),
      ...config.algorithm,
    },
  }
}

/** A sub-policy learns from what it did itself: there is no batch for all of a round. */
function refuseSharedDraws({ learner, replay }: RunConfig): void {
  if (learner.subPolicies === 1 || replay.draws === 'agent') return
  throw new ConfigError(
    'replay.draws',
    `expected 'agent' with learner.subPolicies ${learner.subPolicies}, whose sub-policies learn from batches of their own, got ` +
      `'${replay.draws}'`,
  )
}
