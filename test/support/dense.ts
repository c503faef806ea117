// Systems of linear equations as they are solved by hand.

/** x with A x = b, by Gaussian elimination with the largest pivots. */
export function solveDensely(A: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = A.map((row, i) => [...row, b[i]!])
  const n = rows.length
  for (let column = 0; column < n; column++) {
    const below = rows.slice(column)
    const pivot = below.reduce((best, row) => (Math.abs(row[column]!) > Math.abs(best[column]!) ? row : best))
    const at = rows.indexOf(pivot)
    ;[rows[column], rows[at]] = [pivot, rows[column]!]
    rows.forEach((row, i) => {
      if (i === column) return
      const factor = row[column]! / pivot[column]!
      for (let j = column; j <= n; j++) row[j]! -= factor * pivot[j]!
    })
  }
  return rows.map((row, i) => row[n]! / row[i]!)
}
