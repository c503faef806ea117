// Where the blocks of some rows stand in the log of a rollout. A function of the file's own, not a closure of each trajectory: engines compile
// it once, not once per round.

/** Where the blocks of all rows stand. */
export interface BlockPlaces {
  /** By row of the trajectory, the place in the log; below 0: nowhere. */
  readonly starts: Int32Array
  /** By member, the first column of the block behind that place. */
  readonly columns: Int32Array
  /** row = step * sequences + member * lanes + lane */
  readonly sequences: number
  readonly lanes: number
}

/** The places of the blocks of some rows; below 0: nowhere. */
export function placesOf({ starts, columns, sequences, lanes }: BlockPlaces, rows: Uint32Array): Int32Array {
  const places = new Int32Array(rows.length)
  const first = columns[0]!
  if (columns.every(each => each === first)) {
    for (let i = 0; i < rows.length; i++) {
      const start = starts[rows[i]!]!
      places[i] = start < 0 ? start : start + first
    }
    return places
  }
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    const start = starts[row]!
    places[i] = start < 0 ? start : start + columns[Math.floor((row % sequences) / lanes)]!
  }
  return places
}
