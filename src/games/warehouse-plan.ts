// The way of one robot through space and time: to the nearest of its goals, around the places that others have reserved.
import { facingAfter, stepOf } from '../grids/grid-actions.ts'
import type { GridAgent } from '../grids/grid-entities.ts'
import { directions } from '../grids/grid-map.ts'

/** Steps that plans look ahead. */
export const windowSteps = 32
/** Steps that those who have the right of way may be held up by a robot that has to turn before it can give way. */
const mostDelay = 4

export interface Ground {
  readonly rows: number
  readonly columns: number
  /** [cells] 1: cannot be entered; null: every cell can. */
  readonly blocked: Uint8Array | null
}

/** Who will be where, [steps, cells] index of the robot; -1: nobody. */
export interface Reservations {
  readonly cells: number
  readonly at: Int16Array
}

export interface Plan {
  /** The first action; null: to stay. */
  readonly action: 'forward' | 'left' | 'right' | null
  /** The cell of the goal that is reached; -1: none within the window. */
  readonly goal: number
  /** [steps + 1] Where the robot is from now on. */
  readonly path: readonly number[]
}

interface Node {
  readonly cell: number
  readonly facing: GridAgent['facing']
  readonly time: number
  readonly parent: Node | null
  readonly action: Plan['action']
}

const choices = ['forward', 'left', 'right', null] as const

/** A way that is in nobody's way, or holds the others up as little as may be; to stay where there is none at all. */
export function planOf(ground: Ground, robot: GridAgent, goals: ReadonlySet<number>, reserved: Reservations): Plan {
  const far = distances(ground, goals)
  for (let delay = 0; delay <= mostDelay; delay++) {
    const plan = search(ground, robot, goals, far, reserved, delay)
    if (plan !== null) return plan
  }
  const here = robot.row * ground.columns + robot.column
  return { action: null, goal: -1, path: new Array<number>(windowSteps + 1).fill(here) }
}

/**
 * A* over cell, heading and time; what comes nearest to a goal at the end of the window where none is reached. The others go their ways
 * `delay` steps later than they planned. Null: there is no way.
 */
function search(
  ground: Ground,
  robot: GridAgent,
  goals: ReadonlySet<number>,
  far: Int32Array,
  reserved: Reservations,
  delay: number,
): Plan | null {
  const { columns } = ground
  const start: Node = {
    cell: robot.row * columns + robot.column,
    facing: robot.facing,
    time: 0,
    parent: null,
    action: null,
  }
  const seen = new Uint8Array((windowSteps + 1) * 4 * reserved.cells)
  /** Nodes by time passed and steps still to go. */
  const open: Node[][] = []
  const push = (node: Node) => void (open[node.time + far[node.cell]!] ??= []).push(node)
  push(start)
  for (let cost = 0; cost < open.length; cost++) {
    const bucket = open[cost] ?? []
    // What is added to a bucket while it is emptied is looked at too, the newest first: straight on before aside.
    for (let node = bucket.pop(); node !== undefined; node = bucket.pop()) {
      if (goals.has(node.cell) || node.time === windowSteps) return planTo(node, goals)
      for (let i = choices.length - 1; i >= 0; i--) {
        const next = after(ground, node, choices[i]!, reserved, delay)
        if (next === null) continue
        const slot = (next.time * 4 + directions.indexOf(next.facing!)) * reserved.cells + next.cell
        if (seen[slot] === 1) continue
        seen[slot] = 1
        push(next)
      }
    }
  }
  return null
}

/** Where an action leads; null: into a wall, a shelf, or somebody's way. */
function after(
  { rows, columns, blocked }: Ground,
  node: Node,
  action: Plan['action'],
  { cells, at }: Reservations,
  delay: number,
): Node | null {
  const step = action === null ? null : stepOf(action, node)
  const [row, column] = [
    Math.floor(node.cell / columns) + (step?.row ?? 0),
    (node.cell % columns) + (step?.column ?? 0),
  ]
  if (row < 0 || column < 0 || row >= rows || column >= columns) return null
  const cell = row * columns + column
  const time = node.time + 1
  if (step !== null && blocked?.[cell] === 1) return null
  const whoIs = (there: number, when: number) => at[Math.max(0, when - delay) * cells + there]!
  if (whoIs(cell, time) !== -1) return null
  // Two do not change places.
  const was = whoIs(cell, node.time)
  if (step !== null && was !== -1 && whoIs(node.cell, time) === was) return null
  return { cell, facing: action === null ? node.facing : facingAfter(action, node.facing), time, parent: node, action }
}

function planTo(end: Node, goals: ReadonlySet<number>): Plan {
  const path = new Array<number>(windowSteps + 1).fill(end.cell)
  let action: Plan['action'] = null
  for (let node: Node | null = end; node !== null; node = node.parent) {
    path[node.time] = node.cell
    if (node.time === 1) action = node.action
  }
  return { action, goal: goals.has(end.cell) ? end.cell : -1, path }
}

/** [cells] Steps to the nearest goal, turns not counted; as far as it gets where no way leads. */
function distances({ rows, columns, blocked }: Ground, goals: ReadonlySet<number>): Int32Array {
  const far = new Int32Array(rows * columns).fill(rows * columns)
  const queue = [...goals]
  for (const cell of queue) far[cell] = 0
  for (const cell of queue) {
    for (const side of [cell - columns, cell + columns, cell - 1, cell + 1]) {
      if (side < 0 || side >= far.length) continue
      if (Math.abs(side - cell) === 1 && Math.floor(side / columns) !== Math.floor(cell / columns)) continue
      if (blocked?.[side] === 1 || far[side]! <= far[cell]! + 1) continue
      far[side] = far[cell]! + 1
      queue.push(side)
    }
  }
  return far
}
