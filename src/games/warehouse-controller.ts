// A scripted controller for the warehouse: robots plan one after the other, each around the plans of those before it (cooperative A* within
// a window of time, Silver 2005), and every step anew.
import type { GridAgent, Thing } from '../grids/grid-entities.ts'
import type { Cell } from '../grids/grid-map.ts'
import { type Plan, planOf, type Reservations, windowSteps } from './warehouse-plan.ts'

type Robot = GridAgent & { readonly carries: Thing | null }

/** What of a warehouse the controller looks at. */
export interface Floor {
  readonly rows: number
  readonly columns: number
  readonly agents: readonly Robot[]
  readonly things: { readonly shelf: readonly Thing[] }
  cells(letter: string): readonly Cell[]
}

type Action = 'noop' | 'forward' | 'left' | 'right' | 'toggle'

/** What a robot does next. It sees everything; those with lower numbers have the right of way. */
export function nextAction(floor: Floor, index: number): Action {
  const { rows, columns, agents, things } = floor
  const cellOf = ({ row, column }: Cell) => row * columns + column
  const carried = new Set(agents.map(({ carries }) => carries))
  const standing = new Uint8Array(rows * columns)
  for (const shelf of things.shelf) if (!carried.has(shelf)) standing[cellOf(shelf)] = 1
  const wanted = new Set(things.shelf.filter(shelf => shelf.marked && !carried.has(shelf)).map(cellOf))
  const empty = new Set(
    floor
      .cells('s')
      .map(cellOf)
      .filter(cell => standing[cell] === 0),
  )
  const reserved: Reservations = {
    cells: rows * columns,
    at: new Int16Array((windowSteps + 1) * rows * columns).fill(-1),
  }
  for (const robot of agents) {
    const { carries } = robot
    const goals =
      carries === null
        ? wanted.size > 0
          ? wanted
          : // Nothing to fetch: out of the way, under a shelf.
            new Set(floor.cells('s').map(cellOf))
        : carries.marked
          ? new Set(floor.cells('g').map(cellOf))
          : empty
    const plan = planOf({ rows, columns, blocked: carries === null ? null : standing }, robot, goals, reserved)
    if (robot.index === index) return actionOf(robot, plan, goals === wanted || goals === empty)
    // Nobody else goes there.
    if (plan.goal !== -1) goals.delete(plan.goal)
    plan.path.forEach((cell, time) => void (reserved.at[time * reserved.cells + cell] = robot.index))
  }
  return 'noop'
}

/** `toggles`: at its goal it picks a shelf up, or puts one down. */
function actionOf({ row, column }: Robot, { action, goal, path }: Plan, toggles: boolean): Action {
  if (action !== null) return action
  return toggles && goal !== -1 && row >= 0 && column >= 0 && path[0] === goal ? 'toggle' : 'noop'
}
