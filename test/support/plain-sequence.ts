// A recurrent network in plain double-precision loops, straight from GruLayer's formula, one row and one step at a time.
import { type NetworkSpec, tensorsOf } from '../../src/nn/network.ts'
import { plainForward } from './plain-network.ts'

export interface PlainSequence {
  /** [steps * batch, outputs] */
  readonly outputs: Float64Array
  /** [batch, stateSize] */
  readonly next: Float64Array
}

/** `parameters` may differ from row to row of the input: so a test can tell what each step adds to a gradient. */
export function plainSequence(
  spec: NetworkSpec,
  parameters: ArrayLike<number> | ((row: number) => ArrayLike<number>),
  input: ArrayLike<number>,
  state: ArrayLike<number>,
  batch: number,
  restarted?: ArrayLike<number>,
): PlainSequence {
  const tensors = tensorsOf(spec)
  const shared = typeof parameters === 'function' ? undefined : Array.from(parameters)
  const sizes = spec.layers.map(layer => (layer.kind === 'gru' ? layer.size : 0))
  const stateSize = sizes.reduce((sum, size) => sum + size, 0)
  const rows = input.length / spec.inputs
  const h = Array.from({ length: batch }, (_, b) => Array.from(state).slice(b * stateSize, (b + 1) * stateSize))
  const outputs: number[] = []
  for (let row = 0; row < rows; row++) {
    const all = shared ?? Array.from((parameters as (row: number) => ArrayLike<number>)(row))
    const memory = h[row % batch]!
    if (restarted?.[row]) memory.fill(0)
    let x = Array.from(input).slice(row * spec.inputs, (row + 1) * spec.inputs)
    let column = 0
    spec.layers.forEach((layer, l) => {
      const own = tensors.filter(tensor => tensor.name.startsWith(`layer${l}.`))
      const first = own[0]!.offset
      if (layer.kind === 'gru') {
        const before = memory.slice(column, column + layer.size)
        x = plainGru(
          own.map(tensor => all.slice(tensor.offset)),
          x,
          before,
        )
        memory.splice(column, layer.size, ...x)
        column += layer.size
      } else {
        x = [...plainForward({ inputs: x.length, layers: [layer] }, all.slice(first), x, 1)]
      }
    })
    outputs.push(...x)
  }
  return { outputs: Float64Array.from(outputs), next: Float64Array.from(h.flat()) }
}

function plainGru(tensors: readonly number[][], x: readonly number[], h: readonly number[]): number[] {
  const [W, b, U, c] = tensors as [number[], number[], number[], number[]]
  const size = h.length
  const product = (v: readonly number[], weight: number[], bias: number[], column: number) =>
    v.reduce((sum, value, k) => sum + value * weight[k * 3 * size + column]!, bias[column]!)
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value))
  return h.map((before, j) => {
    const r = sigmoid(product(x, W, b, j) + product(h, U, c, j))
    const z = sigmoid(product(x, W, b, size + j) + product(h, U, c, size + j))
    const n = Math.tanh(product(x, W, b, 2 * size + j) + r * product(h, U, c, 2 * size + j))
    return (1 - z) * n + z * before
  })
}
