// A grid game from its author's hooks: `defineGrid` types and checks it, and adds the options that every grid game has.
import type { GameDefinition } from '../envs/game-definition.ts'
import { count, flag, type OptionTable, resolveTable } from '../settings/option.ts'
import type { CommonGridOptions, GridDefinition, GridOptions } from './grid-definition.ts'
import type { GridAgentDefinition, ThingsDefinition } from './grid-entities.ts'
import { createGridGame, type GridGame } from './grid-game.ts'
import { validateGrid } from './validate-grid.ts'

/** A grid game that can be trained by name, and be played. */
export interface GridGameDefinition extends GameDefinition {
  create(given?: Readonly<Record<string, unknown>>): GridGame
}

/**
 * A grid game from its hooks.
 * @throws TypeError for one that lacks something
 * @see docs/grids.md
 */
export function defineGrid<
  const O extends OptionTable,
  A extends GridAgentDefinition,
  T extends ThingsDefinition,
  S,
  const N extends string,
>(definition: GridDefinition<O, A, T, S, N>): GridGameDefinition {
  const grid = definition as unknown as GridDefinition
  validateGrid(grid)
  const { id, version, description } = grid
  const options = { ...commonOptions(grid), ...grid.options }
  return {
    id,
    version,
    description,
    options,
    create: (given = {}) => createGridGame(grid, resolveTable(options, given) as GridOptions<OptionTable>),
  }
}

function commonOptions({ actionMask }: GridDefinition): CommonGridOptions {
  return {
    maxCycles: count(100, { min: 1 }, 'steps after which an episode is truncated'),
    masks: flag(actionMask !== undefined, 'forbid what cannot be done, as moves into walls, by action masks'),
  }
}
