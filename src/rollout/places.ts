// Where the rows of joint steps go in a rollout: a row after the other of all games, or, where games take turns, the next lanes, or each game's own end.
import type { JointStep, Saved, Stateful } from '../types.ts'
import type { LaneOrigin } from './row-places.ts'

export interface Places extends Stateful {
  /** Whether games take turns by whole trajectories (`first` of a joint step). */
  readonly inTurns: boolean
  /** Finds the places of a joint step, the next one after `steps` steps of all games. */
  take(step: JointStep, steps: number): void
  /** Of that step, by its own rows: the step of the log, and the lane. */
  rowOf(row: number): number
  laneOf(row: number): number
  /** Whether its lanes begin with it. */
  readonly isFirst: boolean
  /** Steps of the log that are in use. */
  readonly rows: number
  /** Where games take turns: whether a block is full. */
  readonly isFull: boolean
  /** Steps of a game that are kept, where episodes are; `cut`: only so many are. */
  lengthOf(game: number): number
  cut(game: number, length: number): void
  /** Of a lane of a block that was filled in turn, what it goes on from. */
  originOf(lane: number): LaneOrigin
  /** A block was learnt from, or episodes. */
  forget(): void
}

/** `mostSteps`: steps of a block; null: whole episodes are kept, whose games have lanes of their own. */
export function createPlaces(games: number, mostSteps: number | null): Places {
  let inTurns = false
  /** Of a block in turns: lanes that are full, and steps of those that are filled now. */
  let [full, filled] = [0, 0]
  /** [games] Of episodes in turns. */
  const lengths = new Int32Array(games)
  /** [games] By lane of a block in turns: the game, and 1 where it begins after a gap. */
  const [played, gaps] = [new Uint32Array(games), new Uint8Array(games)]
  /** Of the step that was taken last. */
  let at = { row: 0, lane: 0, isFirst: true }
  let rows = 0

  const takeInTurn = ({ first = 0, afterGap, truncated: { length: own } }: JointStep) => {
    inTurns = true
    if (mostSteps === null) {
      at = { row: lengths[first]!, lane: first, isFirst: false }
      for (let game = first; game < first + own; game++) rows = Math.max(rows, ++lengths[game]!)
      return
    }
    at = { row: filled, lane: full, isFirst: filled === 0 }
    rows = mostSteps
    for (let row = 0; at.isFirst && row < own; row++) {
      played[full + row] = first + row
      gaps[full + row] = afterGap === true ? 1 : 0
    }
    filled++
    if (filled < mostSteps) return
    filled = 0
    full += own
  }

  return {
    get inTurns() {
      return inTurns
    },
    take(step, steps) {
      if (step.first !== undefined) return takeInTurn(step)
      at = { row: steps, lane: 0, isFirst: steps === 0 }
      rows = steps + 1
    },
    rowOf: row => (inTurns && mostSteps === null ? lengths[at.lane + row]! - 1 : at.row),
    laneOf: row => at.lane + row,
    get isFirst() {
      return at.isFirst
    },
    get rows() {
      return rows
    },
    get isFull() {
      return full === games
    },
    lengthOf: game => lengths[game]!,
    cut(game, length) {
      lengths[game] = length
    },
    originOf: lane => ({ game: played[lane]!, afterGap: gaps[lane] === 1 }),
    forget() {
      full = 0
      filled = 0
      rows = mostSteps === null ? Math.max(...lengths) : 0
    },
    save: (): Saved => ({ full, filled, rows, lengths, played, gaps }),
    restore(saved) {
      const state = saved as SavedPlaces | null
      inTurns = state !== null
      if (state === null) return
      ;({ full, filled, rows } = state)
      lengths.set(state.lengths)
      played.set(state.played)
      gaps.set(state.gaps)
    },
  }
}

interface SavedPlaces {
  readonly full: number
  readonly filled: number
  readonly rows: number
  readonly lengths: Int32Array
  readonly played: Uint32Array
  readonly gaps: Uint8Array
}
