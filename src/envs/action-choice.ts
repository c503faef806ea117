// How games with one choice per step read it: the alternative that an action row names.
import type { AgentSpec, Matrix } from '../types.ts'

/** The index of the one in a one-hot row. @throws TypeError where the matrix does not fit or the row is not one-hot. */
export function chosen(game: string, { id, actionSpace }: AgentSpec, actions: Matrix | undefined, row: number): number {
  const { size } = actionSpace[0]!
  if (actions === undefined || actions.columns !== size || (row + 1) * size > actions.data.length) {
    const got = actions === undefined ? 'none' : `row ${row} of ${actions.rows} rows of ${actions.columns} numbers`
    throw new TypeError(`${game}: action of ${id} must be a row of ${size} numbers, got ${got}`)
  }
  const from = row * size
  let one = -1
  for (let i = 0; i < size; i++) {
    const value = actions.data[from + i]!
    if (value === 1 && one === -1) one = i
    else if (value !== 0) one = size
  }
  if (one >= 0 && one < size) return one
  const got = actions.data.subarray(from, from + size).join(', ')
  throw new TypeError(`${game}: action of ${id} must be one-hot over ${size} alternatives, got [${got}]`)
}

/** Writes a one-hot row. */
export function choose(actions: Matrix, row: number, alternative: number): void {
  actions.data.fill(0, row * actions.columns, (row + 1) * actions.columns)
  actions.data[row * actions.columns + alternative] = 1
}
