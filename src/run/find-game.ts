// From a name to a game: the scenarios that ship, games that are no particle worlds, and users' scenario files.
import { resolve } from 'node:path'
import { scenarios } from '../../scenarios/index.ts'
import { type Bundle, isScenarioPath } from '../authoring/bundle.ts'
import type { KeptSource } from '../authoring/kept-source.ts'
import { loadScenario, reloadScenario } from '../authoring/load-scenario.ts'
import { allowHooks, playedHere } from '../authoring/played-here.ts'
import { type GameDefinition, particleDefinition } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { OptionTable } from '../envs/scenario.ts'
import { ConfigError, unknownName } from '../errors.ts'
import { otherGames } from '../games/index.ts'
import type { RunConfig } from './config/config.ts'

export { scenarios }

/** Everything that can be trained by name: the particle scenarios, and games that are no particle worlds. */
export const games: Readonly<Record<string, GameDefinition>> = {
  ...Object.fromEntries(Object.entries(scenarios).map(([id, scenario]) => [id, particleDefinition(scenario)])),
  ...otherGames,
}

/**
 * What makes the game that a config describes.
 * @throws ConfigError when the scenario or one of its options is unknown or wrong.
 */
export function gameOf(
  config: Pick<RunConfig, 'scenario'>,
  definition = pick(games, 'scenario.id', 'scenario', config.scenario.id),
): () => MarkovGame {
  const options = optionsIn(config)
  definition.create(options)
  return () => definition.create(options)
}

export interface FoundGame {
  readonly id: string
  readonly definition: GameDefinition
  /** Where it came from when it is a user's file, and its code as it is played; null: it ships with marlstrom. */
  readonly source: KeptSource | null
  readonly bundle: Omit<Bundle, 'kept'> | null
}

/**
 * What an id or the path of a scenario file stands for; files are loaded, from the copy that a run kept if there is one. Errors of their
 * hooks are `GameError`s. `hookSeconds`: what a hook may take, where commands end those that do not come back; absent: as before.
 * @example
 * ```ts
 * import { findGame } from 'marlstrom'
 *
 * const { definition } = await findGame('simple_tag')
 * console.log(definition.create({ adversaries: 2 }).agents.map(({ id }) => id)) // [ 'adversary_0', 'adversary_1', 'agent_0' ]
 * ```
 */
export async function findGame(id: string, kept?: string, hookSeconds?: number): Promise<FoundGame> {
  if (Object.hasOwn(games, id) || !isScenarioPath(id)) {
    return { id, definition: pick(games, 'scenario.id', 'scenario', id), source: null, bundle: null }
  }
  const file = resolve(id)
  allowHooks(hookSeconds)
  if (kept !== undefined) return { id: file, ...(await reloadScenario(kept, file, playedHere)) }
  const { definition, bundle } = await loadScenario(file, playedHere)
  return { id: file, definition, source: { file, code: bundle.kept, note: null }, bundle }
}

/** The options of the game that a config gives. */
export function optionsIn({ scenario: { id: _, ...options } }: Pick<RunConfig, 'scenario'>): Record<string, unknown> {
  return options
}

/** The options of a game as settings: `scenario.<key>`. */
export function optionsOf(game: {
  readonly options: OptionTable
}): { key: string; default: unknown; description: string }[] {
  return Object.entries(game.options).map(([key, option]) => ({
    key,
    default: option.default,
    description: option.description,
  }))
}

/** A registered thing by its name. @throws ConfigError with the nearest known name. */
export function pick<T>(
  known: Readonly<Record<string, T>>,
  path: string,
  kind: string,
  name: string,
  others: readonly string[] = [],
): T {
  if (Object.hasOwn(known, name)) return known[name]!
  throw new ConfigError(path, unknownName(kind, name, [...Object.keys(known), ...others]))
}
