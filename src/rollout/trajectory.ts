// A trajectory: what agents that learn together saw, did and got, in order, as rows to learn from.
import { subPolicyColumn } from '../columns.ts'
import { copyBlocks, type MatrixStore } from '../nn/matrix.ts'
import type { Matrix } from '../types.ts'
import { type BlockPlaces, placesOf } from './block-places.ts'
import { laneRows } from './lane-rows.ts'
import { isThereNext, ownRows } from './own-rows.ts'
import type { LaneOrigin, Outcomes, RowPlaces, RowSource } from './row-places.ts'
import type { Block } from './step-layout.ts'

export type { Lane, LaneOrigin, Outcomes } from './row-places.ts'

/** What a group has played in a round, step by step: row = step * sequences + sequence, a sequence per game and member. */
export interface Trajectory extends Outcomes {
  /** The agents, by their index in the game. */
  readonly members: readonly number[]
  readonly lanes: number
  /** By lane, what it goes on from; empty: from the same lane of the trajectory before. */
  readonly origins: readonly LaneOrigin[]
  /** steps * sequences */
  readonly rows: number
  /** [rows] 1 where an episode begins with the row's observation. */
  readonly restarted: Uint8Array
  /** The rows in which the agent was there, ascending. */
  readonly learnable: Uint32Array
  /** The sequences with such rows, ascending. */
  readonly learnableSequences: Uint32Array
  /** Whose row it is: the position among the members. */
  memberOf(row: number): number
  /** The step of its sequence, from 0. */
  stepOf(row: number): number
  /** Which step of which game of the log the row begins with, a number below `moments`; of agents that act at once the same. */
  momentOf(row: number): number
  readonly moments: number
  /** The same of the last step that belongs to the row: of agents that act at once that of the row itself. */
  lastMomentOf(row: number): number
  /** How often a reward of the row was discounted since its sequence or, where agents may be absent, the agent's life began. */
  ageOf(row: number): number
  /**
   * Copies what is kept under a name of some rows into the columns of `to` from `column` on, row by row: `observation`, `action`, `mask`,
   * `state`, what the policy recorded; of what is next `nextObservation`, `nextMask`, `nextState`; where agents may be absent `present` and
   * `nextPresent`, one number each. Rows behind the end of a sequence are zeros, their masks ones. `agent`: whose, by index in the game;
   * default: that of each row. Of another agent that is not there at what is next, `nextObservation` is zeros.
   */
  copy(name: string, rows: Uint32Array, to: Matrix, column?: number, agent?: number): void
  /** [rows] A recorded column of one number per row, as `logProbability`; 0 behind the end of a lane. */
  numbers(name: string): Float64Array
  /** Copies what a policy carried into the first step of some sequences, row by row. */
  copyCarried(name: string, sequences: Uint32Array, to: Matrix): void
}

/** What a trajectory is read from; it must stay as it is as long as the trajectory is used. */
export interface TrajectorySource extends RowSource {
  /** [games, size] What an agent's policy carried into the first step of the log; not asked where agents may be absent. */
  carried(agent: number, name: string): Matrix
  /** What its rows are copied by; absent: in JavaScript. */
  readonly store?: Pick<MatrixStore, 'copyBlocks'>
}

/** Columns of the last step of a row. */
const ofNext: ReadonlySet<string> = new Set(['nextObservation', 'nextMask', 'nextState', 'nextPresent'])

/** The trajectory of some agents that have equal spaces. `places`: its rows, where they are others. */
export function createTrajectory(
  source: TrajectorySource,
  members: readonly number[],
  places: RowPlaces = source.layout.mayBeAbsent ? ownRows(source, members) : laneRows(source, members),
): Trajectory {
  const { layout, log, lanes, store } = source
  const { steps, outcomes } = places
  const sequences = members.length * lanes.length
  const rows = steps * sequences
  const memberOf = (row: number) => Math.floor((row % sequences) / lanes.length)
  const learnable = rowsPresent(outcomes.present)

  /** Where a column of an agent stands. */
  const blockOf = (name: string, agent: number): Block => {
    const block = layout.world[name] ?? layout.blocks[agent]![name === 'nextPresent' ? 'follows' : name]
    if (block !== undefined) return block
    throw new TypeError(`rollout: '${name}' of agent ${agent} is not kept; the rollout must be told to record it`)
  }

  const known = new Map<string, BlockPlaces & { readonly size: number }>()
  /** Where the blocks under a name stand, each row's own or all of one agent. */
  const blocksOf = (name: string, agent?: number) => {
    const key = `${name} ${agent}`
    const found = known.get(key)
    if (found !== undefined) return found
    const blocks = members.map(member => blockOf(name, agent ?? member))
    const starts = ofNext.has(name) ? places.last : places.first
    const columns = Int32Array.from(blocks, block => block.column)
    const made = { starts, columns, sequences, lanes: lanes.length, size: blocks[0]!.size }
    known.set(key, made)
    return made
  }

  const copy: Trajectory['copy'] = (name, indices, to, column = 0, agent) => {
    const blocks = blocksOf(name, agent)
    const behind = name === 'mask' || name === 'nextMask' ? 1 : 0
    const chosen = { from: log, places: placesOf(blocks, indices), size: blocks.size, behind }
    if (store === undefined) copyBlocks(chosen, to, column)
    else store.copyBlocks(chosen, to, column)
    if (!layout.mayBeAbsent) return
    if (name === 'nextPresent') settlePresence(indices, to, column, agent)
    if (name === 'nextObservation' && agent !== undefined) clearAbsent(indices, to, column, agent)
  }
  /** What follows, in the column of `to`, becomes whether the agent is there. */
  const settlePresence = (indices: Uint32Array, to: Matrix, column: number, agent?: number) => {
    for (let i = 0; i < indices.length; i++) {
      const isOwn = agent === undefined || agent === members[memberOf(indices[i]!)]
      const at = i * to.columns + column
      to.data[at] = isThereNext(to.data[at]!, isOwn) ? 1 : 0
    }
  }
  const clearAbsent = (indices: Uint32Array, to: Matrix, column: number, agent: number) => {
    const { follows, nextObservation } = layout.blocks[agent]!
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i]!
      const start = places.last[row]!
      if (start < 0 || isThereNext(log[start + follows!.column]!, agent === members[memberOf(row)])) continue
      const at = i * to.columns + column
      to.data.fill(0, at, at + nextObservation!.size)
    }
  }

  return {
    members,
    lanes: lanes.length,
    origins: lanes.flatMap(({ origin = [] }) => origin),
    steps,
    sequences,
    rows,
    ...outcomes,
    learnable,
    learnableSequences: sequencesOf(learnable, sequences),
    memberOf,
    stepOf: row => Math.floor(row / sequences),
    momentOf: row => places.first[row]! / layout.columns,
    lastMomentOf: row => places.last[row]! / layout.columns,
    moments: Math.max(0, ...lanes.map(({ first, length }) => first + length)) * source.games,
    ageOf: places.ageOf,
    copy,
    numbers(name) {
      const to = { rows, columns: 1, data: new Float32Array(rows) }
      copy(name, everyRow(rows), to)
      return new Float64Array(to.data)
    },
    copyCarried(name, chosen, to) {
      // Row n of a trajectory is the first of sequence n.
      if (layout.mayBeAbsent) return copy(name, chosen, to)
      const blocks = members.map(member => source.carried(member, name))
      chosen.forEach((sequence, i) => {
        const { columns, data } = blocks[Math.floor(sequence / lanes.length)]!
        const { game } = lanes[sequence % lanes.length]!
        for (let c = 0; c < columns; c++) to.data[i * to.columns + c] = data[game * columns + c]!
      })
    },
  }
}

/** The part of a trajectory in which one of several sub-policies acted: everywhere else it counts as if the agent was absent. */
export function actedBy(trajectory: Trajectory, subPolicy: number): Trajectory {
  const acting = trajectory.numbers(subPolicyColumn)
  const present = trajectory.present.map((there, row) => (there === 1 && acting[row] === subPolicy ? 1 : 0))
  const learnable = rowsPresent(present)
  return { ...trajectory, present, learnable, learnableSequences: sequencesOf(learnable, trajectory.sequences) }
}

function everyRow(count: number): Uint32Array {
  const rows = new Uint32Array(count)
  for (let row = 0; row < count; row++) rows[row] = row
  return rows
}

/** The sequences that rows are of, ascending. */
function sequencesOf(rows: Uint32Array, sequences: number): Uint32Array {
  const found = new Uint8Array(sequences)
  for (const row of rows) found[row % sequences] = 1
  return rowsPresent(found)
}

/** The rows in which the agent was there, ascending. */
function rowsPresent(present: Uint8Array): Uint32Array {
  const rows = new Uint32Array(present.length)
  let count = 0
  for (let row = 0; row < present.length; row++) if (present[row] === 1) rows[count++] = row
  return rows.slice(0, count)
}
