// The contract of a view: one way of drawing from the replay buffer that all teams share.
import type { Schedule } from '../settings/schedule.ts'
import type { Batch } from '../types.ts'

/** How transitions are drawn, and what a batch of them holds. */
export interface ReplaySpec {
  /** Transitions in a batch. */
  readonly batch: number
  /** Steps whose rewards are summed before the next value counts. */
  readonly returnSteps: number
  /** Discount by which rewards of several steps are summed, and next values counted. */
  readonly gamma: number
  /** What a discount counts where agents may be absent: own steps of the agent, or steps of the game. Default: ownStep. */
  readonly discountPer?: 'ownStep' | 'gameStep'
  /** Exponent of the TD error by which rows are drawn; 0: uniformly. */
  readonly priority: number
  /** Exponent of the importance weights of such draws. */
  readonly importance: Schedule
  /** agent: every update draws a batch of its own; round: one batch for all updates of a round. */
  readonly draws: 'agent' | 'round'
  /** Whether batches are of the latest transitions, with what was done next, and none are drawn by chance. Default: no. */
  readonly latest?: boolean
}

/** An update of a round, and of what it learns: transitions in which a sub-policy of an agent acted. */
export interface ReplayTurn {
  readonly agent: number
  readonly subPolicy: number
}

export interface ReplayView {
  /** Transitions in the replay buffer now. */
  readonly size: number
  /** Batches for the updates of a round, which take turns in this order. Views of one spec share their batches. */
  batches(turns: readonly ReplayTurn[]): TurnBatches
}

export interface TurnBatches {
  /** The batch of the update of this turn: a new one, or that of the round. Overwritten by the next call. */
  batch(turn: number): Batch
  /** Takes in the TD errors of that batch, once the update has been made. */
  learnt(turn: number): void
  /** The round under way is given up. */
  abandon(): void
}
