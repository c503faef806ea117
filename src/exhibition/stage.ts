// What an exhibition is made of: the games of one definition, and who can play their teams.

import type { Policy } from '../agents/policy.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { Member } from '../learning/member.ts'
import type { Budget } from './budget.ts'

export interface Stage {
  readonly definition: Pick<GameDefinition, 'id' | 'version' | 'options' | 'create' | 'scenario'>
  /** The same definition for games that viewers ask for, which refuses those over the budget; absent: `withinBudget`. */
  limited?(budget: Budget): Pick<GameDefinition, 'create'>
  /** Options of the first game; those that are not named have their defaults. */
  readonly options: Readonly<Record<string, unknown>>
  /** Stands for the first episode; those after it count up from there. */
  readonly seed: number
  /** Who may play a team of a game; who plays it at first comes first. */
  choices(team: string, game: MarkovGame): readonly string[]
  /**
   * Somebody as the players of some agents of a game, who are one of its teams.
   * @throws ConfigError where they cannot play these agents, with a sentence that says why.
   */
  cast(who: string, agents: readonly number[], game: MarkovGame): Players
}

export interface Players {
  /** Policies for one episode, in the order of the agents; what chance does in them follows from the seed. */
  policies(seed: number): readonly Policy[]
  /** Whose critics can be asked, in the same order; null: nobody's. */
  readonly members: readonly (Member | null)[]
}
