// Shortest ways over a grid, for scripted controllers: the first step, or the first turn, towards the nearest of several cells.
import { facingAfter, stepOf } from './grid-actions.ts'
import { type Cell, type Direction, directions } from './grid-map.ts'
import type { GridWorld } from './grid-world.ts'

/** Whether the way may lead over a cell; default: it is free. Asked of open cells, and of those that are wanted too. */
export type Passable = (row: number, column: number) => boolean

/** What a route is asked of. */
type Ground = Pick<GridWorld, 'rows' | 'columns' | 'isOpen' | 'isFree'>

/**
 * The direction of a shortest way to the nearest of `goals`; null: the agent is at one, or there is no way.
 * @see docs/grids.md
 */
export function stepTowards(
  world: Ground,
  agent: Standing,
  goals: readonly Cell[],
  passable: Passable = (row, column) => world.isFree(row, column),
): Direction | null {
  return search(world, { row: agent.row, column: agent.column, facing: null }, goals, directions, passable)
}

/**
 * The same for an agent that turns: what it does first, where each turn takes a step.
 * @example
 * ```ts
 * import { turnTowards } from 'marlstrom'
 *
 * const world = { rows: 1, columns: 5, isOpen: () => true, isFree: () => true }
 * console.log(turnTowards(world, { row: 0, column: 1, facing: 'east' }, [{ row: 0, column: 4 }])) // forward
 * ```
 */
export function turnTowards(
  world: Ground,
  agent: Standing,
  goals: readonly Cell[],
  passable: Passable = (row, column) => world.isFree(row, column),
): 'forward' | 'left' | 'right' | null {
  return search(world, agent, goals, ['forward', 'left', 'right'] as const, passable)
}

interface Standing extends Cell {
  readonly facing: Direction | null
}

/** Breadth first over cells, or over cells and where one looks. */
function search<W extends string>(
  world: Ground,
  start: Standing,
  goals: readonly Cell[],
  words: readonly W[],
  passable: Passable,
): W | null {
  const { rows, columns } = world
  const wanted = new Set(goals.map(({ row, column }) => row * columns + column))
  const slotOf = ({ row, column, facing }: Standing) =>
    (facing === null ? 0 : 1 + directions.indexOf(facing)) * rows * columns + row * columns + column
  if (wanted.has(start.row * columns + start.column)) return null
  const first = new Map<number, W | null>([[slotOf(start), null]])
  const queue: Standing[] = [start]
  for (const at of queue) {
    const before = first.get(slotOf(at))!
    for (const word of words) {
      const step = stepOf(word, at)
      const next = {
        row: at.row + (step?.row ?? 0),
        column: at.column + (step?.column ?? 0),
        facing: facingAfter(word, at.facing),
      }
      if (step !== null && !(world.isOpen(next.row, next.column) && passable(next.row, next.column))) continue
      const slot = slotOf(next)
      if (first.has(slot)) continue
      const begun = before ?? word
      if (step !== null && wanted.has(next.row * columns + next.column)) return begun
      first.set(slot, begun)
      queue.push(next)
    }
  }
  return null
}
