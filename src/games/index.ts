// All games that are no particle worlds, by id.
import type { GameDefinition } from '../envs/game-definition.ts'
import { common_payoff } from './common-payoff.ts'
import { foraging } from './foraging.ts'
import { matrix_game } from './matrix-game.ts'
import { pig } from './pig.ts'
import { switchGame } from './switch.ts'
import { tic_tac_toe } from './tic-tac-toe.ts'
import { warehouse } from './warehouse.ts'

export const otherGames: Readonly<Record<string, GameDefinition>> = {
  matrix_game,
  common_payoff,
  foraging,
  warehouse,
  switch: switchGame,
  tic_tac_toe,
  pig,
}
