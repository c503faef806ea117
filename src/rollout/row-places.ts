// Where the rows of a trajectory stand in the log of a rollout, and what came of each.
import type { StepLayout } from './step-layout.ts'
import type { Lane, Trajectory } from './trajectory.ts'

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
  /** Where the step of a row begins in the log, and where the last step that belongs to it does; -1 behind the end of a sequence. */
  first(row: number): number
  last(row: number): number
  /** [rows] each. */
  readonly outcomes: Pick<Trajectory, 'rewards' | 'present' | 'terminated' | 'truncated' | 'restarted' | 'durations'>
  ageOf(row: number): number
}
