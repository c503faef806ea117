// A game by its id, as in `marlstrom train <id>`: its options as data, and how a game is made from them.

import { type OptionTable, type OptionValues, resolveTable } from '../settings/option.ts'
import type { MarkovGame } from './markov-game.ts'
import { createParticleGame } from './particle-game.ts'
import { allOptions, resolveOptions, type Scenario } from './scenario.ts'

/** A game that can be trained by name: a particle scenario, or any other Markov game. */
export interface GameDefinition {
  readonly id: string
  /** Rises when results may change. */
  readonly version: number
  /** One sentence for lists and help. */
  readonly description: string
  /** Every option, those that all particle scenarios have included. */
  readonly options: OptionTable
  /** The version in which results with these options last changed, where that was an earlier one for some. Default: `version`. */
  changedIn?(given: Readonly<Record<string, unknown>>): number
  /** One game. @throws ConfigError naming `scenario.<option>` */
  create(given?: Readonly<Record<string, unknown>>): MarkovGame
  /** What the game is made of, when it is a particle world. */
  readonly scenario?: Scenario
}

/**
 * Types a game that is no particle world: `create` gets the values of its options.
 * @see docs/authoring.md
 */
export function defineGame<const O extends OptionTable>(game: {
  readonly id: string
  readonly version: number
  readonly description: string
  readonly options: O
  /** The version in which results with these options last changed, where that was an earlier one for some. Default: `version`. */
  changedIn?(options: OptionValues<O>): number
  create(options: OptionValues<O>): MarkovGame
}): GameDefinition {
  const { id, version, description, options } = game
  const valuesOf = (given: Readonly<Record<string, unknown>>) => resolveTable(options, given) as OptionValues<O>
  return {
    id,
    version,
    description,
    options,
    ...(game.changedIn && { changedIn: given => game.changedIn!(valuesOf(given)) }),
    create: (given = {}) => game.create(valuesOf(given)),
  }
}

/** A particle scenario as a game that can be trained by name. */
export function particleDefinition(scenario: Scenario): GameDefinition {
  const { id, version, description } = scenario
  return {
    id,
    version,
    description,
    options: allOptions(scenario),
    ...(scenario.changedIn && {
      changedIn: given => scenario.changedIn!({ options: resolveOptions(scenario, given) }),
    }),
    create: given => createParticleGame(scenario, given),
    scenario,
  }
}

/** The version of a game with these options: what was made in an earlier one, but after its results with them last changed, is of the same. */
export function versionOf(
  { version, changedIn }: Pick<GameDefinition, 'version' | 'changedIn'>,
  options: Readonly<Record<string, unknown>>,
): number {
  return changedIn === undefined ? version : changedIn(options)
}

/** The options that a game has: a preset speaks of all games, and says nothing to those that lack an option. */
export function knownOptions(
  { options }: Pick<GameDefinition, 'options'>,
  preset: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(preset).filter(([name]) => Object.hasOwn(options, name)))
}
