// What an exhibition needs: the games of one definition, and the policies that can play their teams.

import type { Policy } from '../agents/policy.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { Member } from '../learning/member.ts'
import type { Budget } from './budget.ts'

/** What an exhibition plays: the game, its options, the seed, and who may play each team. */
export interface ExhibitionSetup {
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
   * The policies of a player, by its name, for the agents of one team of a game.
   * @throws ConfigError where they cannot play these agents, with a sentence that says why.
   */
  teamPolicies(who: string, agents: readonly number[], game: MarkovGame): TeamPolicies
}

/** Who plays one team in an exhibition: fresh policies for every episode. */
export interface TeamPolicies {
  /** Policies for one episode, in the order of the agents; what chance does in them follows from the seed. */
  policies(seed: number): readonly Policy[]
  /** Whose critics can be asked, in the same order; null: nobody's. */
  readonly members: readonly (Member | null)[]
}
