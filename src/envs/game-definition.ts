// A game by its id, as in `marlstrom train <id>`: its options as data, and how a game is made from them.

import { type OptionTable, type OptionValues, resolveTable } from '../settings/option.ts'
import type { MarkovGame } from './markov-game.ts'
import { createParticleGame } from './particle-game.ts'
import { commonOptions, type Scenario } from './scenario.ts'

/** A game that can be trained by name: a particle scenario, or any other Markov game. */
export interface GameDefinition {
  readonly id: string
  /** Rises when results may change. */
  readonly version: number
  /** One sentence for lists and help. */
  readonly description: string
  /** Every option, those that all particle scenarios have included. */
  readonly options: OptionTable
  /** One game. @throws ConfigError naming `scenario.<option>` */
  create(given?: Readonly<Record<string, unknown>>): MarkovGame
  /** What the game is made of, when it is a particle world. */
  readonly scenario?: Scenario
}

/** Types a game that is no particle world: `create` gets the values of its options. */
export function defineGame<const O extends OptionTable>(game: {
  readonly id: string
  readonly version: number
  readonly description: string
  readonly options: O
  create(options: OptionValues<O>): MarkovGame
}): GameDefinition {
  const { id, version, description, options } = game
  return {
    id,
    version,
    description,
    options,
    create: (given = {}) => game.create(resolveTable(options, given) as OptionValues<O>),
  }
}

/** A particle scenario as a game that can be trained by name. */
export function particleDefinition(scenario: Scenario): GameDefinition {
  const { id, version, description } = scenario
  return {
    id,
    version,
    description,
    options: { ...scenario.options, ...commonOptions },
    create: given => createParticleGame(scenario, given),
    scenario,
  }
}

/** The options that a game has: a preset speaks of all games, and says nothing to those that lack an option. */
export function knownOptions(
  { options }: Pick<GameDefinition, 'options'>,
  preset: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(preset).filter(([name]) => Object.hasOwn(options, name)))
}
