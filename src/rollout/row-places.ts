// Where the rows of a trajectory stand in the log of a rollout, and what came of each.
import type { StepLayout } from './step-layout.ts'

/**
 * What came of the rows. Rows are ordered step * sequences + sequence, and a sequence is one agent in one lane: sequence = member * lanes
 * + lane. A lane is a game's block of steps, or one complete episode; where sequences differ in length, the rows behind their ends are
 * absent. In games whose agents may be absent a row leads from an own step of its agent to its next own step, with all rewards since
 * (docs/games.md), and steps count own steps; where one is still open at the end of a block, all of its agent's since the episode began are left to the next (ownTransitions).
 */
export interface Outcomes {
  /** Of the longest lane. */
  readonly steps: number
  readonly sequences: number
  /** [rows] */
  readonly rewards: Float32Array
  /** [rows] 1 where the agent was in the game: only such rows are learnt from. */
  readonly present: Uint8Array
  /** [rows] 1 where the agent's episode ended by the rules: what comes next has no value. */
  readonly terminated: Uint8Array
  /** [rows] 1 where the game was cut: what comes next has a value, but stands in no row. */
  readonly truncated: Uint8Array
  /** [rows] Steps of the game that a row takes, where discounts count those; absent: each counts once. */
  readonly durations?: Uint32Array
}

/** A stretch of one game's steps. */
export interface Lane {
  readonly game: number
  /** Its first step, counted from that of the log. */
  readonly first: number
  readonly length: number
  /** Where lanes and games come apart. Absent: the lane of a game is the same in every rollout, and goes on from the one before. */
  readonly origin?: LaneOrigin
}

/** What a lane goes on from: the lane of the same game that came before it, in this rollout or an earlier one. */
export interface LaneOrigin {
  /** Its number among all. */
  readonly game: number
  /** Whether steps in between are missing. */
  readonly afterGap: boolean
}

/** What rows are put together from. */
export interface RowSource {
  readonly layout: StepLayout
  /** [steps * games, layout.columns], row step * games + game. */
  readonly log: Float32Array
  readonly games: number
  readonly lanes: readonly Lane[]
  /** How discounts count where agents may be absent. */
  readonly discount: RolloutDiscount
  /** By agent and game, the first step of the log that is not learnt from yet; only of those that may be absent. */
  readonly unlearntFrom: (agent: number, game: number) => number
}

/** Gamma, and what it counts where agents may be absent: own steps of the agent, or steps of the game. */
export interface RolloutDiscount {
  readonly gamma: number
  readonly per: 'ownStep' | 'gameStep'
}

export interface RowPlaces {
  /** Of the longest sequence. */
  readonly steps: number
  /** [rows] Where the step of a row begins in the log, and where the last step that belongs to it does; -1 behind the end of a sequence. */
  readonly first: Int32Array
  readonly last: Int32Array
  /** [rows] each. */
  readonly outcomes: Omit<Outcomes, 'steps' | 'sequences'> & { readonly restarted: Uint8Array }
  ageOf(row: number): number
}
