// All games that are no particle worlds, by id.
import type { GameDefinition } from '../envs/game-definition.ts'
import { foraging } from './foraging.ts'
import { matrix_game } from './matrix-game.ts'
import { pig } from './pig.ts'
import { tic_tac_toe } from './tic-tac-toe.ts'

export const otherGames: Readonly<Record<string, GameDefinition>> = { matrix_game, foraging, tic_tac_toe, pig }
