// What a search strategy is: it names the next point to try, by what is known of those before.
import type { SpacePoint } from './space.ts'

/** What became of a trial at some length of training. */
export interface Observation {
  readonly point: SpacePoint
  /** How far it was trained: the number of its rung, the longer the higher. */
  readonly rung: number
  /** The larger the better; -Infinity: it failed. */
  readonly value: number
}

/** What a strategy may know when it is asked. */
export interface Known {
  readonly observations: readonly Observation[]
  /** Points whose results are not known yet. */
  readonly pending: readonly SpacePoint[]
}

export interface Strategy {
  /** How many different points it has. */
  readonly size: number
  /** Whether its points depend on what is known. */
  readonly learns: boolean
  /** The point of a trial, counted from 0: a function of its number and of what is known. */
  suggest(trial: number, known: Known): SpacePoint
}
