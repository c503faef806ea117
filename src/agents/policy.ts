// A policy acts: observations in, actions out. Trained actors, scripted controllers and chance all look the same.
import type { Column, Matrix, NamedMatrix, Seen, Stateful } from '../types.ts'

/** What a policy is asked: what its agent sees in each of several games, and where its actions go. */
export interface Act {
  /** [games, observationSize]; with its mask, where the agent has one: what that does not allow must not be done. */
  readonly observations: Seen
  /** [games]; 1 where a life of the agent begins with this observation: with an episode, and in games with absences where it comes or returns. */
  readonly restarted: Uint8Array
  /** [games]; 0 where the agent is absent and not asked: what it remembers stays as it is. Absent: it is there in all games. */
  readonly present?: Uint8Array
  /** true: sample as in training; false: the policy's best guess. */
  readonly explore: boolean
  /** [games, actionSize]; written by the policy. */
  readonly actions: Matrix
  /** The columns that the policy declared, each [games, size], written by the policy; empty where nobody learns from the step. */
  readonly extras: readonly NamedMatrix[]
}

/** Acts for one agent in many games at once: rows of observations [games, observationSize] in, rows of actions [games, actionSize] out. */
export interface Policy extends Stateful {
  /** The columns that it declares: what it carried when it acted, kept in the joint step for learning. */
  readonly extras?: readonly Column[]
  act(request: Act): void
  /**
   * [games, actionSize] What the last `act` chose from, asked with the observations that it was given: probabilities of choices, means of
   * boxes. Absent: it does not say. Overwritten by the next call.
   */
  probabilities?(observations: Seen): Matrix
  /** The same of values of the alternatives; absent: it does not act by values. */
  actionValues?(observations: Seen): Matrix
}
