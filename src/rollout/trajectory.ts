// A trajectory: what agents that learn together saw, did and got, in order, as rows to learn from.
import type { Matrix } from '../types.ts'
import type { StepLayout } from './step-layout.ts'

/**
 * What came of the rows. Rows are ordered step * sequences + sequence, and a sequence is one agent in one lane: sequence = member * lanes
 * + lane. A lane is a game's block of steps, or one complete episode; where lanes differ in length, the rows behind their ends are absent.
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
}

export interface Trajectory extends Outcomes {
  /** The agents, by their index in the game. */
  readonly members: readonly number[]
  readonly lanes: number
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
  /** The step of its lane, from 0. */
  stepOf(row: number): number
  /**
   * Copies what is kept under a name (`observation`, `nextObservation`, `action`, or what the policy recorded) of some rows into the
   * columns of `to` from `column` on, row by row; zeros for rows behind the end of a lane. `agent`: whose, by index in the game; default:
   * that of each row.
   */
  copy(name: string, rows: Uint32Array, to: Matrix, column?: number, agent?: number): void
  /** [rows] A recorded column of one number per row, as `logProbability`; 0 behind the end of a lane. */
  numbers(name: string): Float64Array
  /** Copies what a policy carried into the first step of some sequences, row by row. */
  copyCarried(name: string, sequences: Uint32Array, to: Matrix): void
}

/** A stretch of one game's steps. */
export interface Lane {
  readonly game: number
  /** Its first step, counted from that of the log. */
  readonly first: number
  readonly length: number
}

/** What a trajectory is read from; it must stay as it is as long as the trajectory is used. */
export interface TrajectorySource {
  readonly layout: StepLayout
  /** [steps * games, layout.columns], row step * games + game. */
  readonly log: Float32Array
  readonly games: number
  readonly lanes: readonly Lane[]
  /** [games, size] What an agent's policy carried into the first step of the log. */
  carried(agent: number, name: string): Matrix
}

/** The trajectory of some agents that have equal spaces. */
export function createTrajectory(source: TrajectorySource, members: readonly number[]): Trajectory {
  const { layout, log, games, lanes } = source
  const steps = lanes.reduce((longest, { length }) => Math.max(longest, length), 0)
  const sequences = members.length * lanes.length
  const rows = steps * sequences
  /** [steps, lanes] Where the row of a step begins in the log; -1 behind the end of a lane. */
  const starts = new Int32Array(steps * lanes.length).fill(-1)
  lanes.forEach(({ game, first, length }, lane) => {
    for (let step = 0; step < length; step++) {
      starts[step * lanes.length + lane] = ((first + step) * games + game) * layout.columns
    }
  })
  const startOf = (row: number) =>
    starts[Math.floor(row / sequences) * lanes.length + ((row % sequences) % lanes.length)]!
  const memberOf = (row: number) => Math.floor((row % sequences) / lanes.length)

  const outcomes = outcomesOf(source, members, starts, steps)
  const learnable = rowsPresent(outcomes.present)

  const copy: Trajectory['copy'] = (name, indices, to, column = 0, agent) => {
    const places = members.map(member => {
      const block = layout.blocks[agent ?? member]![name]
      if (block !== undefined) return block
      throw new TypeError(
        `rollout: '${name}' of agent ${agent ?? member} is not kept; the rollout must be told to record it`,
      )
    })
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i]!
      const start = startOf(row)
      const { column: from, size } = places[memberOf(row)]!
      const at = i * to.columns + column
      if (start < 0) to.data.fill(0, at, at + size)
      else for (let c = 0; c < size; c++) to.data[at + c] = log[start + from + c]!
    }
  }

  return {
    members,
    lanes: lanes.length,
    steps,
    sequences,
    rows,
    ...outcomes,
    learnable,
    learnableSequences: Uint32Array.from(new Set(learnable.map(row => row % sequences))).sort(),
    memberOf,
    stepOf: row => Math.floor(row / sequences),
    copy,
    numbers(name) {
      const to = { rows, columns: 1, data: new Float32Array(rows) }
      copy(name, Uint32Array.from(to.data.keys()), to)
      return Float64Array.from(to.data)
    },
    copyCarried(name, chosen, to) {
      const blocks = members.map(member => source.carried(member, name))
      chosen.forEach((sequence, i) => {
        const { columns, data } = blocks[Math.floor(sequence / lanes.length)]!
        const { game } = lanes[sequence % lanes.length]!
        for (let c = 0; c < columns; c++) to.data[i * to.columns + c] = data[game * columns + c]!
      })
    },
  }
}

/** The rows in which the agent was there, ascending. */
function rowsPresent(present: Uint8Array): Uint32Array {
  const rows = new Uint32Array(present.length)
  let count = 0
  for (let row = 0; row < present.length; row++) if (present[row] === 1) rows[count++] = row
  return rows.slice(0, count)
}

/** `starts`: [steps, lanes], where the row of a step begins in the log; -1 where there is none. */
function outcomesOf(
  { layout, log, lanes }: TrajectorySource,
  members: readonly number[],
  starts: Int32Array,
  steps: number,
): Pick<Trajectory, 'rewards' | 'present' | 'terminated' | 'truncated' | 'restarted'> {
  const rows = starts.length * members.length
  const found = {
    rewards: new Float32Array(rows),
    present: new Uint8Array(rows),
    terminated: new Uint8Array(rows),
    truncated: new Uint8Array(rows),
    restarted: new Uint8Array(rows),
  }
  for (let step = 0, row = 0; step < steps; step++) {
    for (const member of members) {
      for (let lane = 0; lane < lanes.length; lane++, row++) {
        const start = starts[step * lanes.length + lane]!
        if (start < 0) continue
        const at = start + layout.outcome[member]!
        found.rewards[row] = log[at]!
        found.present[row] = log[at + 1]!
        found.terminated[row] = log[at + 2]!
        found.restarted[row] = log[at + 3]!
        found.truncated[row] = log[start + layout.truncated]!
      }
    }
  }
  return found
}
