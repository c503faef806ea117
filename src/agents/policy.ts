// A policy acts: observations in, actions out. Trained actors, scripted controllers and chance all look the same.
import type { Column, Matrix, NamedMatrix, Seen, Stateful } from '../types.ts'

export interface Act {
  /** [games, observationSize]; with its mask, where its game has one: what that does not allow must not be done. */
  readonly observations: Seen
  /** [games]; 1 where a new episode begins with this observation. */
  readonly restarted: Uint8Array
  /** true: sample as in training; false: the policy's best guess. */
  readonly explore: boolean
  /** [games, actionSize]; written by the policy. */
  readonly actions: Matrix
  /** The columns that the policy declared, each [games, size], written by the policy; empty where nobody learns from the step. */
  readonly extras: readonly NamedMatrix[]
}

export interface Policy extends Stateful {
  /** The columns that it declares: what it carried when it acted, kept in the joint step for learning. */
  readonly extras?: readonly Column[]
  act(request: Act): void
  /**
   * [games, actionSize] What the last `act` chose from, asked with the observations that it was given: probabilities of choices, means of
   * boxes. Absent: it does not say. Overwritten by the next call.
   */
  probabilities?(observations: Seen): Matrix
}
