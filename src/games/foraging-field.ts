// The field of level-based foraging: where food lies and agents stand, who may go where, and how food is loaded.
import type { Random } from '../random.ts'

/** The actions but the last, in the order of the lbforaging package. North is towards row 0. */
export const moves = [
  { name: 'none', row: 0, column: 0 },
  { name: 'north', row: -1, column: 0 },
  { name: 'south', row: 1, column: 0 },
  { name: 'west', row: 0, column: -1 },
  { name: 'east', row: 0, column: 1 },
] as const
export const load = moves.length

export interface Forager {
  row: number
  column: number
  level: number
}

export interface FieldOptions {
  readonly agentLevel: number
  /** Every food needs the three weakest agents together, or all where there are fewer. */
  readonly cooperative: boolean
}

/** A square of cells; food blocks the way, and no two agents ever share a cell. */
export class Field {
  readonly size: number
  /** [size * size]; level of the food in a cell, 0: none. */
  readonly food: Int32Array
  readonly foragers: readonly Forager[]
  /** [food] The cells where food was placed, eaten since or not; -1: there was no room. */
  readonly places: Int32Array
  /** Sum of all levels of food when the episode began. */
  spawned = 0

  constructor(size: number, agents: number, food: number) {
    this.size = size
    this.food = new Int32Array(size * size)
    this.places = new Int32Array(food).fill(-1)
    this.foragers = Array.from({ length: agents }, () => ({ row: 0, column: 0, level: 1 }))
  }

  /** Level of the food at a place; 0 also outside of the field. */
  at(row: number, column: number): number {
    return this.inside(row, column) ? this.food[row * this.size + column]! : 0
  }

  inside(row: number, column: number): boolean {
    return row >= 0 && column >= 0 && row < this.size && column < this.size
  }

  get left(): number {
    return this.food.reduce((sum, level) => sum + level, 0)
  }

  /** Places agents, then food: never at the edge, and so far apart that nobody is beside two foods. */
  spawn({ agentLevel, cooperative }: FieldOptions, random: Random): void {
    const { foragers, size } = this
    this.food.fill(0)
    this.places.fill(-1)
    const free = (row: number, column: number, placed: number) =>
      this.at(row, column) === 0 && !foragers.slice(0, placed).some(it => it.row === row && it.column === column)
    foragers.forEach((forager, placed) => {
      do {
        forager.row = random.integer(size)
        forager.column = random.integer(size)
      } while (!free(forager.row, forager.column, placed))
      forager.level = 1 + random.integer(agentLevel)
    })
    // The levels that the three weakest reach together: so every food can be loaded.
    const most = foragers
      .map(({ level }) => level)
      .sort((a, b) => a - b)
      .slice(0, 3)
      .reduce((sum, level) => sum + level, 0)
    for (let attempts = 0, lying = 0; lying < this.places.length && attempts < 1000; attempts++) {
      const row = 1 + random.integer(size - 2)
      const column = 1 + random.integer(size - 2)
      if (this.#crowded(row, column) || !free(row, column, foragers.length)) continue
      this.places[lying] = row * size + column
      this.food[this.places[lying++]!] = cooperative ? most : 1 + random.integer(most)
    }
    this.spawned = this.left
  }

  /** Moves everybody at once. Where two would meet, all who wanted that cell stay; who stays in a cell wants it too. */
  move(actions: readonly number[]): void {
    const wishes = this.foragers.map((forager, i) => {
      const move = moves[actions[i]!] ?? moves[0]
      const [row, column] = [forager.row + move.row, forager.column + move.column]
      const barred = !this.inside(row, column) || this.at(row, column) > 0
      return barred ? { row: forager.row, column: forager.column } : { row, column }
    })
    this.foragers.forEach((forager, i) => {
      const { row, column } = wishes[i]!
      if (wishes.some((wish, j) => j !== i && wish.row === row && wish.column === column)) return
      forager.row = row
      forager.column = column
    })
  }

  /** Food that agents beside it load together and can lift is gone; each gets level * food / (their levels * all food spawned). */
  load(actions: readonly number[], rewards: Float64Array): void {
    rewards.fill(0)
    this.food.forEach((level, cell) => {
      if (level === 0) return
      const team = this.foragers.flatMap((forager, i) => (actions[i] === load && this.beside(forager, cell) ? [i] : []))
      const strength = team.reduce((sum, i) => sum + this.foragers[i]!.level, 0)
      if (team.length === 0 || strength < level) return
      for (const i of team) rewards[i] = (this.foragers[i]!.level * level) / (strength * this.spawned)
      this.food[cell] = 0
    })
  }

  /** Whether an agent stands above, below, left or right of a cell. */
  beside({ row, column }: Pick<Forager, 'row' | 'column'>, cell: number): boolean {
    return Math.abs(row - Math.floor(cell / this.size)) + Math.abs(column - (cell % this.size)) === 1
  }

  /** Food in one of the eight cells around, or two cells away in a straight line. */
  #crowded(row: number, column: number): boolean {
    for (let y = -2; y <= 2; y++) {
      for (let x = -2; x <= 2; x++) {
        const near = Math.max(Math.abs(x), Math.abs(y)) <= 1 || x === 0 || y === 0
        if (near && this.at(row + y, column + x) > 0) return true
      }
    }
    return false
  }
}
