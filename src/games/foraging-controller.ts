// A scripted controller for foraging: agents go to the food that they reach soonest together, each to another side, and load it.
import { type Cell, directions, steps } from '../grids/grid-map.ts'

/** What the controller looks at. */
export interface Field {
  readonly size: number
  readonly foragers: readonly Cell[]
  /** What lies on the field, row by row. */
  readonly food: readonly Cell[]
}

type Action = (typeof directions)[number] | 'none' | 'load'

/** What every agent does next, in agent order. */
export function nextActions(field: Field): Action[] {
  const target = nearestFood(field)
  if (target === null) return field.foragers.map(() => 'none')
  const sides = sidesOf(field, target)
  const actions: Action[] = []
  /** Cells that agents before this one stand in or go to: two who want one cell would both stay. */
  const wanted = new Set<number>()
  for (const forager of field.foragers) {
    if (beside(forager, target)) {
      wanted.add(cellOf(field, forager))
      sides.delete(cellOf(field, forager))
    }
  }
  for (const forager of field.foragers) {
    const action = beside(forager, target) ? 'load' : stepTowards(field, forager, sides, wanted)
    const { row, column } = action === 'load' || action === 'none' ? { row: 0, column: 0 } : steps[action]
    wanted.add((forager.row + row) * field.size + forager.column + column)
    actions.push(action)
  }
  return actions
}

/** Whether one stands above, below, left or right of the other. */
export function beside(one: Cell, other: Cell): boolean {
  return distance(one, other) === 1
}

/** The food with the shortest ways altogether. */
function nearestFood({ food, foragers }: Field): Cell | null {
  let best: Cell | null = null
  let least = Number.POSITIVE_INFINITY
  for (const cell of food) {
    const way = foragers.reduce((sum, forager) => sum + distance(forager, cell), 0)
    if (way >= least) continue
    least = way
    best = cell
  }
  return best
}

/** The free cells beside a food. */
function sidesOf(field: Field, target: Cell): Set<number> {
  return new Set(
    directions.flatMap(direction => {
      const side = { row: target.row + steps[direction].row, column: target.column + steps[direction].column }
      return isInside(field, side) && !lies(field, side) ? [cellOf(field, side)] : []
    }),
  )
}

/** The first step on a shortest way to the nearest side, which is taken; none where there is no way. */
function stepTowards(field: Field, forager: Cell, sides: Set<number>, wanted: ReadonlySet<number>): Action {
  const { size } = field
  const closed = new Set([
    ...field.foragers.filter(other => other !== forager).map(other => cellOf(field, other)),
    ...field.food.map(food => cellOf(field, food)),
  ])
  const start = cellOf(field, forager)
  const first = new Map<number, Action>([[start, 'none']])
  const queue = [start]
  for (const cell of queue) {
    if (cell !== start && sides.has(cell)) {
      sides.delete(cell)
      return first.get(cell)!
    }
    for (const direction of directions) {
      const at = {
        row: Math.floor(cell / size) + steps[direction].row,
        column: (cell % size) + steps[direction].column,
      }
      const next = cellOf(field, at)
      if (!isInside(field, at) || first.has(next) || closed.has(next) || (cell === start && wanted.has(next))) continue
      first.set(next, cell === start ? direction : first.get(cell)!)
      queue.push(next)
    }
  }
  return 'none'
}

function lies({ food }: Field, { row, column }: Cell): boolean {
  return food.some(it => it.row === row && it.column === column)
}

function isInside({ size }: Field, { row, column }: Cell): boolean {
  return row >= 0 && column >= 0 && row < size && column < size
}

function cellOf({ size }: Field, { row, column }: Cell): number {
  return row * size + column
}

function distance(one: Cell, other: Cell): number {
  return Math.abs(one.row - other.row) + Math.abs(one.column - other.column)
}
