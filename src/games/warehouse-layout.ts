// The ground of a warehouse: blocks of shelves two columns wide between corridors, and goals in the middle of the southern edge.

export const warehouseSizes = {
  tiny: { rows: 1, columns: 3 },
  small: { rows: 2, columns: 3 },
  medium: { rows: 2, columns: 5 },
  large: { rows: 3, columns: 5 },
} as const

/**
 * A map: `s` where a shelf stands, `g` a goal, `.` a corridor. `height`: cells that a block of shelves is long. Below the lowest blocks the
 * two middle columns are free, for robots that wait for the goals.
 */
export function warehouseMap(size: keyof typeof warehouseSizes, height: number): string {
  const { rows, columns } = warehouseSizes[size]
  const [tall, wide] = [(height + 1) * rows + 2, 3 * columns + 1]
  const middle = [Math.floor(wide / 2) - 1, Math.floor(wide / 2)]
  const letterAt = (row: number, column: number) => {
    if (row === tall - 1) return middle.includes(column) ? 'g' : '.'
    const corridor = column % 3 === 0 || row % (height + 1) === 0
    const queue = row > tall - (height + 3) && middle.includes(column)
    return corridor || queue ? '.' : 's'
  }
  return Array.from({ length: tall }, (_, row) =>
    Array.from({ length: wide }, (_, column) => letterAt(row, column)).join(''),
  ).join('\n')
}
