// Segments: rollouts that were learnt from and are kept to be learnt from again, by what networks saw in them or as a whole.

import { demandColumn, memoryColumn } from '../columns.ts'
import type { Column, NamedMatrix, Saved, Stateful } from '../types.ts'
import { packRows, type RowPacking, unpackRows } from './packed-rows.ts'
import type { Block, StepLayout } from './step-layout.ts'
import { createTrajectory, type Trajectory, type TrajectorySource } from './trajectory.ts'

export interface Segments extends Stateful {
  /** How many are kept. */
  readonly count: number
  /** Keeps a copy of a rollout, a whole one in place of the oldest where there is no room. @throws Error where there is none for what is not whole. */
  keep(source: TrajectorySource): void
  /**
   * All that are kept, side by side: the lane of a segment and a game is segment * games + game. It has observations, masks, the world's state,
   * memories and who was present; actions and what came next only of whole ones. `chosen`: one segment for each game instead.
   */
  trajectory(members: readonly number[], chosen?: ArrayLike<number>): Trajectory
  forget(): void
}

export interface SegmentsConfig {
  /** The rollout whose contents are kept, at any time. */
  readonly source: TrajectorySource
  /** The agents that learn, by index. */
  readonly members: readonly number[]
  /** Room for so many. */
  readonly most: number
  /** As of the rollout: what policies carry from step to step. */
  carries(agent: number): readonly Column[]
  /** Whether all of a rollout is kept, and the oldest gives way; default: what networks read, until all are forgotten. */
  readonly isWhole?: boolean
}

/** What networks read. */
const kept: ReadonlySet<string> = new Set(['present', 'follows', 'observation', 'mask', 'state', memoryColumn])

/** None at first. */
export function createSegments({ source: first, members, most, carries, isWhole = false }: SegmentsConfig): Segments {
  const { layout, moves } = isWhole ? asItIs(first.layout) : narrowed(first.layout)
  const { games, discount } = first
  const { columns } = layout
  const lanes = most * games
  /** Steps of each. */
  let lengths: number[] = []
  /** Where the next one goes that is whole. */
  let next = 0
  /** [steps of the longest, lanes, columns] */
  let log = new Float32Array(0)
  /** [members, lanes] */
  const unlearnt = new Int32Array(members.length * lanes)
  /** Of each member, blocks of [lanes, size]; where agents may be absent they stand in the log. */
  const carried = members.map(agent =>
    (layout.mayBeAbsent ? [] : carries(agent)).map(
      ({ name, size }): NamedMatrix => ({ name, rows: lanes, columns: size, data: new Float32Array(lanes * size) }),
    ),
  )

  const makeRoom = (steps: number) => {
    if (steps * lanes * columns <= log.length) return
    const larger = new Float32Array(steps * lanes * columns)
    larger.set(log)
    log = larger
  }
  const packing = (): RowPacking => ({ columns, stride: lengths.length * games, repeats: repeatsIn(layout) })
  /** All arrays with a block for each lane: [rows, lanes, size]. */
  const blocks = () => [
    { data: unlearnt, size: 1 },
    ...carried.flatMap(of => of.map(({ data, columns: size }) => ({ data, size }))),
  ]

  return {
    get count() {
      return lengths.length
    },
    keep(source) {
      if (!isWhole && lengths.length === most) {
        throw new Error(`segments: expected at most ${most}, all of which are kept already`)
      }
      const steps = source.lanes[0]!.length
      makeRoom(steps)
      const segment = isWhole ? next : lengths.length
      const lane = segment * games
      next = (segment + 1) % most
      lengths[segment] = steps
      for (let step = 0; step < steps; step++) {
        for (let game = 0; game < games; game++) {
          const from = (step * games + game) * source.layout.columns
          const to = (step * lanes + lane + game) * columns
          for (const move of moves)
            for (let c = 0; c < move.size; c++) log[to + move.to + c] = source.log[from + move.from + c]!
        }
      }
      // What stood behind its end, of a longer one before, is no part of what is saved.
      for (let at = steps * lanes + lane; at * columns < log.length; at += lanes) {
        log.fill(0, at * columns, (at + games) * columns)
      }
      members.forEach((agent, i) => {
        for (let game = 0; game < games; game++) unlearnt[i * lanes + lane + game] = source.unlearntFrom(agent, game)
        for (const { name, columns: size, data } of carried[i]!) data.set(source.carried(agent, name).data, lane * size)
      })
    },
    trajectory(of, chosen) {
      const laneOf = (segment: number, game: number) => ({
        game: segment * games + game,
        first: 0,
        length: lengths[segment]!,
      })
      const lanesKept =
        chosen === undefined
          ? lengths.flatMap((_, segment) => Array.from({ length: games }, (_, game) => laneOf(segment, game)))
          : Array.from(chosen, laneOf)
      return createTrajectory(
        {
          layout,
          log,
          games: lanes,
          lanes: lanesKept,
          discount,
          unlearntFrom: (agent, lane) => unlearnt[members.indexOf(agent) * lanes + lane]!,
          carried: (agent, name) => demandColumn(carried[members.indexOf(agent)], name),
        },
        of,
      )
    },
    forget() {
      lengths = []
      next = 0
    },
    save(): Saved {
      const used = lengths.length * games
      const steps = Math.max(0, ...lengths)
      const rows = leading(log.subarray(0, steps * lanes * columns), lanes * columns, used * columns)
      return {
        lengths: Int32Array.from(lengths),
        ...(isWhole ? { next, rows: packRows(rows, packing()) } : { log: rows }),
        blocks: blocks().map(({ data, size }) => leading(data, lanes * size, used * size)),
      }
    },
    restore(saved) {
      const state = saved as unknown as SavedSegments
      lengths = [...state.lengths]
      next = state.next ?? 0
      const used = lengths.length * games
      makeRoom(Math.max(0, ...lengths))
      // Nothing of what was kept before stays behind the ends.
      log.fill(0)
      const rows = isWhole ? unpackRows(state.rows!, packing()) : state.log!
      spread(rows, log, lanes * columns, used * columns)
      blocks().forEach(({ data, size }, i) => {
        spread(state.blocks[i]!, data, lanes * size, used * size)
      })
    },
  }
}

/**
 * Numbers of the rows of each segment's own trajectory (of so many sequences, a block of `size` each), as numbers of the rows of all of them side
 * by side. null: nobody was there in that segment. Also of blocks per chunk and sequence.
 */
export function joined(
  parts: readonly (ArrayLike<number> | null)[],
  { members, games, size }: { readonly members: number; readonly games: number; readonly size: number },
): Float64Array {
  const width = games * size
  const depth = size === 0 ? 0 : Math.max(0, ...parts.map(part => (part?.length ?? 0) / (members * width)))
  const all = new Float64Array(depth * members * parts.length * width)
  parts.forEach((part, segment) => {
    for (let from = 0; from < (part?.length ?? 0); from += width) {
      const to = (from / width) * parts.length * width + segment * width
      for (let i = 0; i < width; i++) all[to + i] = part![from + i]!
    }
  })
  return all
}

interface SavedSegments {
  readonly lengths: Int32Array
  /** Of whole ones where the next goes, and what they are; of others their log. */
  readonly next?: number
  readonly rows?: Saved
  readonly log?: Float32Array
  readonly blocks: readonly (Float32Array | Int32Array)[]
}

interface Move {
  readonly from: number
  readonly to: number
  readonly size: number
}

/** The layout of what is kept of a row, and what is moved where. */
function narrowed(layout: StepLayout): { readonly layout: StepLayout; readonly moves: readonly Move[] } {
  const moves: Move[] = []
  let columns = 0
  const place = ({ column, size }: Block): Block => {
    moves.push({ from: column, to: columns, size })
    columns += size
    return { column: columns - size, size }
  }
  const placeKept = (blocks: Readonly<Record<string, Block>>) =>
    Object.fromEntries(
      Object.entries(blocks).flatMap(([name, block]) => (kept.has(name) ? [[name, place(block)]] : [])),
    )
  return {
    layout: {
      ...layout,
      blocks: layout.blocks.map(placeKept),
      world: placeKept(layout.world),
      outcome: layout.outcome.map(column => (column < 0 ? column : place({ column, size: 4 }).column)),
      truncated: place({ column: layout.truncated, size: 1 }).column,
      columns,
    },
    moves,
  }
}

/** All of a row. */
function asItIs(layout: StepLayout): { readonly layout: StepLayout; readonly moves: readonly Move[] } {
  return { layout, moves: [{ from: 0, to: 0, size: layout.columns }] }
}

/** What is seen next, and what is seen. */
function repeatsIn({ blocks, world }: StepLayout): RowPacking['repeats'] {
  const names = { nextObservation: 'observation', nextMask: 'mask', nextState: 'state' } as const
  return [...blocks, world].flatMap(each =>
    Object.entries(names).flatMap(([next, seen]) =>
      each[next] === undefined ? [] : [{ next: each[next].column, seen: each[seen]!.column, size: each[next].size }],
    ),
  )
}

/** The first numbers of each row. */
function leading<A extends Float32Array | Int32Array>(data: A, columns: number, count: number): A {
  const rows = data.length / columns
  const to = (data instanceof Int32Array ? new Int32Array(rows * count) : new Float32Array(rows * count)) as A
  for (let row = 0; row < rows; row++) to.set(data.subarray(row * columns, row * columns + count), row * count)
  return to
}

/** The other way round. */
function spread(from: Float32Array | Int32Array, to: Float32Array | Int32Array, columns: number, count: number): void {
  for (let row = 0; row * count < from.length; row++) {
    to.set(from.subarray(row * count, (row + 1) * count), row * columns)
  }
}
