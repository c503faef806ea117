// The records that flow through marlstrom, from the game to the replay buffer and the viewers.
import type { ActionSpace } from './spaces.ts'

/** Row-major float32 numbers. Element (r, c) is `data[r * columns + c]`. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array
}

/** Numbers of one row by name: `memory`, `subPolicy`, `logProbability`. */
export interface Column {
  readonly name: string
  /** Numbers per row. */
  readonly size: number
}

/** The values of such a column, [rows, size]. */
export interface NamedMatrix extends Matrix {
  readonly name: string
}

/** What stands still about one agent of a game. */
export interface AgentSpec {
  /** The literature's name, `adversary_0`. */
  readonly id: string
  /** Agents of one team share an interest; the id without its number, `adversary`. */
  readonly team: string
  readonly observationSize: number
  /** The named pieces that an observation is made of, in order; their sizes add up to `observationSize`. */
  readonly observationParts: readonly ObservationPart[]
  readonly actionSpace: ActionSpace
  /** Whether the game says at every step which alternatives of its choices are allowed (`actionMask`); default: all always are. */
  readonly isMasked?: boolean
  /** Whether it may wait, come late, leave and return (`absences`); default: it is there until its episode ends. */
  readonly mayBeAbsent?: boolean
}

/** A piece of an observation. */
export interface ObservationPart {
  readonly name: string
  readonly size: number
  /** World units: set on distance sensors. */
  readonly reach?: number
  /** [size] What its numbers are called, for people; absent: by their order. */
  readonly names?: readonly string[]
  /** Its numbers as an array of more than one dimension, row-major, `[rows, columns, channels]`; their product is `size`. Networks read it flat. */
  readonly shape?: readonly number[]
  /** What the numbers along the last dimension of its shape are called, for people: `['wall', 'food']`; absent: by their order. */
  readonly channels?: readonly string[]
  /**
   * Numbers per piece where the part is a set of equal pieces, whose order says nothing; `size` is a multiple of it. The first number of a
   * piece is 1 where the piece is there and 0 where it is not, and then the others are 0 too.
   */
  readonly piece?: number
}

/**
 * One step of K games side by side: the unit of everything that flows.
 * Never written again after it is emitted, but where its vector game has `keptSteps`: a run's has 2. All arrays are views of one ArrayBuffer.
 */
export interface JointStep {
  /** Vector steps so far, this one included; a vector step is K environment steps. */
  readonly step: number
  /**
   * Where these are some of more games, which take turns by whole trajectories: the number of the first of them among all. Absent: they are
   * all games, at every step.
   */
  readonly first?: number
  /** Whether steps of these games are missing between this one and the one of them that came last. Absent: none are. */
  readonly afterGap?: boolean
  /** Per agent, [games, observationSize]; with its mask, where its game has one. */
  readonly observations: readonly Seen[]
  /** Per agent, [games, actionSize]; the world moved by exactly these numbers. */
  readonly actions: readonly Matrix[]
  /** [games, agents] */
  readonly rewards: Matrix
  /**
   * Per agent, [games, observationSize]; before an automatic reset. In games whose agents may be absent: of those who act next, and where
   * the game was truncated of those who wait; else zeros.
   */
  readonly nextObservations: readonly Seen[]
  /** [games, stateSize] The world's own state when the agents acted, and before an automatic reset; absent: nobody asks for it. */
  readonly states?: Matrix
  readonly nextStates?: Matrix
  /** [games, agents]; an absent agent's rows are zero and never learnt from. */
  readonly present: Uint8Array
  /** [games, agents]; a terminated agent's value is not bootstrapped. Also of one that waits. */
  readonly terminated: Uint8Array
  /**
   * [games, agents] What follows the step, before an automatic reset: 1 where the agent acts next, and 1 where it is absent and its life
   * goes on. Only in games whose agents may be absent; in others those that are present and do not terminate act next.
   */
  readonly nextPresent?: Uint8Array
  readonly waiting?: Uint8Array
  /** [games]; a truncated game ends, its values are bootstrapped. */
  readonly truncated: Uint8Array
  /** Per agent, the columns that its policy declares (memory, sub-policy, log-probability), each [games, size]. */
  readonly extras: readonly (readonly NamedMatrix[])[]
}

/** What an agent sees in some rows, [rows, observationSize], with what it may do there. */
export interface Seen extends Matrix {
  /**
   * [rows, actionSize] 1 where an alternative of a choice is allowed, 0 where it is not; 1 in the columns of boxes. Absent: everything is
   * allowed. Rows of absent agents are all ones.
   */
  readonly mask?: Matrix
}

/**
 * What one agent sees in some rows, [rows, observationSize], with what its policy declared there and, where its actor remembers,
 * what it saw before.
 */
export interface Observations extends Seen {
  /** The columns that its policy declares, [rows, size] each; absent when it declares none. */
  readonly extras?: readonly NamedMatrix[]
  /** The steps that led to these observations; absent unless the actor has a memory. */
  readonly past?: ObservationWindow
}

/** The last steps of an episode up to now, for every row of a batch. */
export interface ObservationWindow {
  /** [steps * rows, observationSize], row step * rows + row, oldest first; the last step is now. */
  readonly observations: Matrix
  /** [steps * rows]; 1 where an episode begins with this observation, and where there was no step yet. */
  readonly restarted: Uint8Array
  /** The columns that its policy declares, [rows, size] each, at the oldest step. */
  readonly extras: readonly NamedMatrix[]
}

/**
 * Transitions drawn from the replay buffer: one index set for all agents. Overwritten by the next draw. In games whose agents may be absent
 * they are those of one agent, from one of its own steps to its next own step (docs/games.md): rewards, ends and discounts reach over all
 * steps in between, and what is next is what was there at that next own step.
 */
export interface Batch {
  readonly rows: number
  /** Per agent, [rows, observationSize]. */
  readonly observations: readonly Observations[]
  /** Per agent, [rows, actionSize]. */
  readonly actions: readonly Matrix[]
  /** Per agent, [rows, observationSize]: one step later, or n steps later where rewards are summed over n. */
  readonly nextObservations: readonly Observations[]
  /** [rows, stateSize] The world's own state, and that of the next observations; absent: nobody asks for it. */
  readonly states?: Matrix
  readonly nextStates?: Matrix
  /** [rows, agents]; where transitions span m steps, the sum of gamma^i r over them. */
  readonly rewards: Matrix
  /** [rows, agents], 1 or 0. Of the agent whose transition it is 0 also where the transition is still open: nothing can be learnt from it yet. */
  readonly present: Matrix
  /**
   * [rows, agents], 1 or 0: who is there at the next observations; rows of the others are zeros there. Only in games whose agents may be
   * absent; in others those that are present and do not terminate.
   */
  readonly nextPresent?: Matrix
  /** [rows, agents], 1 or 0; whether the agent's episode terminated within the transition. */
  readonly terminated: Matrix
  /** Per agent, [rows, actionSize]: what was done at the next observations, where that is known, [rows, 1] 1; absent: nobody asks. */
  readonly nextActions?: readonly Matrix[]
  readonly nextActed?: Matrix
  /** [rows, 1] 1 where the game's episode ended within the transition, by the rules or cut; absent: nobody asks. */
  readonly over?: Matrix
  /** [rows] The factor of the next value: gamma^m where a transition spans m steps, gamma where it is one. */
  readonly discounts: Float64Array
  /** [rows] The weight of each row in the critic's loss, at most 1; ones where rows are drawn uniformly. */
  readonly weights: Float32Array
  /** [rows] Written by learners: the largest |TD error| of each row, by which a prioritised draw comes back to it. */
  readonly tdErrors: Float32Array
  /** How often rows were drawn into it; absent: it does not tell. */
  drawn?: number
}

export type TypedArray = Float64Array | Float32Array | Uint32Array | Int32Array | Uint8Array

/** A typed array of more than one dimension, row-major. */
export interface SavedTensor {
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/**
 * Rows of which more and more come while the oldest are forgotten. A row is known by how many came before it, so that those written down
 * once need not be written again.
 */
export interface SavedRows {
  /** The oldest row that is there, and the number of rows that ever came. */
  readonly first: number
  readonly end: number
  readonly columns: number
  /** Rows that are there at most. */
  readonly capacity: number
  /** Rows first ... end - 1 in order, some at a time. From a file they are read as they are taken, which throws where it is damaged. */
  readonly pieces: Iterable<Float32Array>
  /** Rows of each piece but the last, where `pieces` is an array of which each is put together when it is looked at. */
  readonly pieceRows?: number
  /** Rows that the pieces leave out since they cannot be read, oldest first. Default: none. */
  readonly missing?: readonly { readonly first: number; readonly end: number }[]
}

/** What `save` gives: plain data with typed arrays as leaves, ready for a checkpoint. */
export type Saved =
  | null
  | boolean
  | number
  | string
  | TypedArray
  | SavedTensor
  | SavedRows
  | readonly Saved[]
  | { readonly [key: string]: Saved }

/**
 * Anything that outlives a step. `restore(save())` into a fresh object of the same configuration continues with the same bits.
 * `save` may return views of live arrays: write or copy them before the next step. `restore` copies.
 */
export interface Stateful {
  save(): Saved
  restore(saved: Saved): void
}
