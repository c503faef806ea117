// What a check of a game is told: the game, how to play it, where it is, and whom to tell what is wrong.
import type { GameDefinition } from './game-definition.ts'
import type { Whereabouts } from './watched-hooks.ts'

export interface CheckContext {
  readonly definition: GameDefinition
  readonly options: Readonly<Record<string, unknown>>
  readonly seeds: readonly number[]
  readonly steps: number
  readonly where: Whereabouts
  /** Says that something is wrong: by default where the game is, else at the given place. */
  report(message: string, place?: Partial<Whereabouts>): void
}
