// What elementary functions give for arguments of every size, and for those where their forms change; runs in browsers too.

const one = ['exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan'].concat([
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
  'cbrt',
])
const two = ['pow', 'atan2', 'hypot']

/** Where forms change, and what is special. */
export const edges = [
  0,
  1,
  2,
  3,
  0.5,
  0.25,
  10,
  100,
  22,
  1024,
  1075,
  Infinity,
  NaN,
  5e-324,
  2 ** -1022,
  2 ** 1023,
  2 ** 31,
  2 ** 53,
]
  .concat([2 ** -27, 2 ** -28, 2 ** -29, 2 ** -54, 2 ** 28, 2 ** 64, 2 ** 66, 1e22, 1e300, 1.7976931348623157e308])
  .concat([
    Math.PI,
    Math.PI / 2,
    Math.PI / 4,
    1.5 * Math.PI,
    2 ** 18 * Math.PI,
    Math.LN2,
    Math.LN2 / 2,
    1.5 * Math.LN2,
    56 * Math.LN2,
  ])
  .concat([
    709.78, 709.782712893384, 745.13, 745.14, 710.4758600739439, 0.41421356, 0.29289, 0.4375, 0.6875, 1.1875, 2.4375,
    0.975,
  ])
  .concat([0.3, 0.78125, 0.6743354797363281, 0.1, 1.224744871391589, 1.7320508075688772])
  .flatMap(x => [x, -x])

/** Arguments by the generator's name, from a seed. */
export function argumentsOf(seed) {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const double = new Float64Array(1)
  const words = new Uint32Array(double.buffer)
  const fine = () => uniform() + uniform() / 4294967296
  return [
    () => (fine() - 0.5) * 4,
    () => (fine() - 0.5) * 60,
    () => (fine() - 0.5) * 1500,
    () => (fine() - 0.5) * 1e6,
    // Any bits.
    () => {
      words[0] = uniform() * 4294967296
      words[1] = uniform() * 4294967296
      return double[0]
    },
    // A few units in the last place around an edge.
    () => {
      double[0] = edges[Math.floor(uniform() * edges.length)]
      words[0] += Math.floor(uniform() * 7) - 3
      return double[0]
    },
  ]
}

/** Calls `visit(name, arguments, result)` for `count` arguments of each kind and function. */
export function visitAll(functions, count, visit) {
  for (const [kind, draw] of argumentsOf(7).entries()) {
    for (const name of one) {
      for (let i = 0; i < count; i++) {
        const x = draw()
        visit(name, [x], functions[name](x), kind)
      }
    }
    for (const name of two) {
      for (let i = 0; i < count; i++) {
        const [x, y] = [i % 3 === 0 ? draw() : Math.abs(draw()), i % 4 === 0 ? Math.round(draw()) : draw()]
        visit(name, [x, y], functions[name](x, y), kind)
      }
    }
  }
}

/** The bits of all results, NaN always the same. */
export function sampleOf(functions, count) {
  const results = []
  visitAll(functions, count, (_name, _arguments, y) => results.push(y))
  const view = new DataView(new ArrayBuffer(8 * results.length))
  for (const [i, y] of results.entries()) {
    if (Number.isNaN(y)) view.setUint32(8 * i, 0x7ff80000)
    else view.setFloat64(8 * i, y)
  }
  return new Uint8Array(view.buffer)
}
