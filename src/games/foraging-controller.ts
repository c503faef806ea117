// A scripted controller for foraging: agents go to the food that they reach soonest together, each to another side, and load it.
import { type Field, type Forager, load, moves } from './foraging-field.ts'

/** What every agent does next, in agent order. */
export function nextActions(field: Field): number[] {
  const target = nearestFood(field)
  if (target === -1) return field.foragers.map(() => 0)
  const sides = sidesOf(field, target)
  const actions: number[] = []
  /** Cells that agents before this one stand in or go to: two who want one cell would both stay. */
  const wanted = new Set<number>()
  for (const forager of field.foragers) {
    if (field.beside(forager, target)) {
      wanted.add(cellOf(field, forager))
      sides.delete(cellOf(field, forager))
    }
  }
  for (const forager of field.foragers) {
    const action = field.beside(forager, target) ? load : stepTowards(field, forager, sides, wanted)
    const move = moves[action] ?? moves[0]
    wanted.add((forager.row + move.row) * field.size + forager.column + move.column)
    actions.push(action)
  }
  return actions
}

/** The cell of the food with the shortest ways altogether. */
function nearestFood({ food, size, foragers }: Field): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  food.forEach((level, cell) => {
    if (level === 0) return
    const [row, column] = [Math.floor(cell / size), cell % size]
    const way = foragers.reduce((sum, it) => sum + Math.abs(it.row - row) + Math.abs(it.column - column), 0)
    if (way >= least) return
    least = way
    best = cell
  })
  return best
}

/** The free cells beside a food. */
function sidesOf(field: Field, cell: number): Set<number> {
  const [row, column] = [Math.floor(cell / field.size), cell % field.size]
  return new Set(
    moves
      .slice(1)
      .filter(
        move =>
          field.inside(row + move.row, column + move.column) && field.at(row + move.row, column + move.column) === 0,
      )
      .map(move => (row + move.row) * field.size + column + move.column),
  )
}

/** The first move on a shortest way to the nearest side, which is taken; 0 where there is no way. */
function stepTowards(field: Field, forager: Forager, sides: Set<number>, wanted: ReadonlySet<number>): number {
  const { size } = field
  const standing = new Set(field.foragers.filter(other => other !== forager).map(other => cellOf(field, other)))
  const start = cellOf(field, forager)
  const firstMove = new Map([[start, 0]])
  const queue = [start]
  for (const cell of queue) {
    if (cell !== start && sides.has(cell)) {
      sides.delete(cell)
      return firstMove.get(cell)!
    }
    moves.forEach((move, action) => {
      const [row, column] = [Math.floor(cell / size) + move.row, (cell % size) + move.column]
      const next = row * size + column
      if (action === 0 || !field.inside(row, column) || firstMove.has(next)) return
      if (field.at(row, column) > 0 || standing.has(next) || (cell === start && wanted.has(next))) return
      firstMove.set(next, cell === start ? action : firstMove.get(cell)!)
      queue.push(next)
    })
  }
  return 0
}

function cellOf({ size }: Field, { row, column }: Pick<Forager, 'row' | 'column'>): number {
  return row * size + column
}
