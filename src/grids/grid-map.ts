// The ground of a grid: cells in rows, drawn as a text map or given by a size; what is a wall, and which cells carry a letter.

/** A place on a grid; row 0 is the northernmost, column 0 the westernmost. */
export interface Cell {
  readonly row: number
  readonly column: number
}

/** One of the four ways from a cell to the next; north is up, to row - 1. */
export type Direction = 'north' | 'south' | 'west' | 'east'

/** One step in each direction. */
export const steps: Readonly<Record<Direction, Cell>> = {
  north: { row: -1, column: 0 },
  south: { row: 1, column: 0 },
  west: { row: 0, column: -1 },
  east: { row: 0, column: 1 },
}

/** In the order of one-hot observations. */
export const directions: readonly Direction[] = ['north', 'south', 'west', 'east']

/** To the right, clockwise. */
const clockwise: Readonly<Record<Direction, Direction>> = {
  north: 'east',
  east: 'south',
  south: 'west',
  west: 'north',
}

/** What is faced after a turn by a quarter. */
export function turned(facing: Direction, to: 'left' | 'right'): Direction {
  return to === 'right' ? clockwise[facing] : clockwise[clockwise[clockwise[facing]]]
}

/** `#` is a wall, `.` and blanks are floor, any other letter is floor that can be asked for by it. */
export class GridMap {
  readonly rows: number
  readonly columns: number
  /** [rows * columns] The letter of each cell, row by row; floor without one: `.`. */
  readonly letters: readonly string[]
  readonly #walls: Uint8Array
  readonly #cells: ReadonlyMap<string, readonly Cell[]>

  /** @throws TypeError for a map that is no rectangle */
  constructor(map: string | readonly [rows: number, columns: number]) {
    const lines = typeof map === 'string' ? linesOf(map) : emptyLines(map)
    this.rows = lines.length
    this.columns = lines[0]!.length
    this.letters = lines.flatMap(line => [...line].map(letter => (letter === ' ' ? '.' : letter)))
    this.#walls = Uint8Array.from(this.letters, letter => (letter === '#' ? 1 : 0))
    const cells = new Map<string, Cell[]>()
    this.letters.forEach((letter, cell) => {
      const list = cells.get(letter) ?? []
      list.push({ row: Math.floor(cell / this.columns), column: cell % this.columns })
      cells.set(letter, list)
    })
    this.#cells = cells
  }

  inside(row: number, column: number): boolean {
    return row >= 0 && column >= 0 && row < this.rows && column < this.columns
  }

  /** A wall, or outside of the grid. */
  isWall(row: number, column: number): boolean {
    return !this.inside(row, column) || this.#walls[row * this.columns + column] === 1
  }

  /** Outside of the grid: `#`. */
  letterAt(row: number, column: number): string {
    return this.inside(row, column) ? this.letters[row * this.columns + column]! : '#'
  }

  /** The cells with a letter, row by row. */
  cells(letter: string): readonly Cell[] {
    return this.#cells.get(letter) ?? []
  }
}

function linesOf(map: string): string[] {
  const lines = map.split('\n').map(line => line.replace(/\r$/, ''))
  while (lines.length > 0 && lines[0]!.trim() === '') lines.shift()
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop()
  // A map within indented code is indented with it.
  const indent = Math.min(...lines.map(line => line.length - line.trimStart().length))
  const rows = lines.map(line => line.slice(indent).trimEnd())
  const width = rows[0]?.length ?? 0
  if (width === 0) throw new TypeError('map must have at least one row of cells, got none')
  const odd = rows.findIndex(row => row.length !== width)
  if (odd !== -1) {
    throw new TypeError(
      `every row of map must have ${width} cells as row 0 has, row ${odd} has ${rows[odd]!.length}; write floor as '.'`,
    )
  }
  return rows
}

function emptyLines([rows, columns]: readonly [number, number]): string[] {
  for (const [name, side] of [
    ['rows', rows],
    ['columns', columns],
  ] as const) {
    if (!Number.isInteger(side) || side < 1) {
      throw new TypeError(`size must be [rows, columns], whole numbers of at least 1; ${name} is ${side}`)
    }
  }
  return Array.from({ length: rows }, () => '.'.repeat(columns))
}
