// Central finite differences, the judge of every gradient.

/** (f(x + h e_i) - f(x - h e_i)) / 2h for every i; f must compute in double precision. Error about h^2 f''' / 6. */
export function centralDifferences(f: (x: Float64Array) => number, at: ArrayLike<number>, h = 1e-5): Float64Array {
  const x = Float64Array.from(at)
  return x.map((middle, i) => {
    x[i] = middle + h
    const above = f(x)
    x[i] = middle - h
    const below = f(x)
    x[i] = middle
    return (above - below) / (2 * h)
  })
}
