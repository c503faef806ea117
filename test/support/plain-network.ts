// A dense network in plain double-precision loops: what every backend's numbers are compared with.
import { type Activation, type NetworkSpec, type SetsLayer, tensorLength, tensorsOf } from '../../src/nn/network.ts'
import { pieceSpec } from '../../src/nn/sets.ts'

const activations: { readonly [name in Activation]: (x: number) => number } = {
  relu: x => Math.max(0, x),
  tanh: Math.tanh,
  identity: x => x,
  leakyRelu: x => (x > 0 ? x : 0.01 * x),
  elu: x => (x > 0 ? x : Math.expm1(x)),
}

/** [rows, inputs] -> [rows, outputs], row-major. */
export function plainForward(
  spec: NetworkSpec,
  parameters: ArrayLike<number>,
  input: ArrayLike<number>,
  rows: number,
): Float64Array {
  const tensors = tensorsOf(spec)
  let from: Float64Array = Float64Array.from(input)
  let inputs = spec.inputs
  spec.layers.forEach((layer, index) => {
    if (layer.kind === 'gru') throw new TypeError('plainForward: recurrent layers are plain-sequence.ts')
    if (layer.kind === 'standard') {
      const columns = layer.columns.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))
      for (let r = 0; r < rows; r++) {
        columns.forEach((column, j) => {
          const z = (from[r * inputs + column]! - parameters[j]!) * parameters[columns.length + j]!
          from[r * inputs + column] = Math.max(-10, Math.min(10, z))
        })
      }
      return
    }
    if (layer.kind === 'sets') {
      const first = tensors.find(({ name }) => name.startsWith(`layer${index}.`))!.offset
      from = plainPooled(layer, spec, Float64Array.from(parameters).subarray(first), from, rows)
      inputs = layer.size
      return
    }
    const at = (name: string) => tensors.find(tensor => tensor.name === `layer${index}.${name}`)!.offset
    const [gain, shift] = layer.kind === 'layerNorm' || layer.layerNorm ? [at('gain'), at('shift')] : [0, 0]
    const normalise = (row: Float64Array) => {
      const mean = row.reduce((sum, x) => sum + x, 0) / row.length
      const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length
      row.forEach((x, j) => {
        const normal = (x - mean) / Math.sqrt(variance + 1e-5)
        row[j] = parameters[gain + j]! * normal + parameters[shift + j]!
      })
    }
    if (layer.kind === 'layerNorm') {
      from = from.slice()
      for (let r = 0; r < rows; r++) normalise(from.subarray(r * layer.size, (r + 1) * layer.size))
      return
    }
    const [weight, bias] = [at('weight'), at('bias')]
    const activation = activations[layer.activation]
    const to = new Float64Array(rows * layer.size)
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < layer.size; j++) {
        let sum = parameters[bias + j]!
        for (let k = 0; k < inputs; k++) sum += from[r * inputs + k]! * parameters[weight + k * layer.size + j]!
        to[r * layer.size + j] = sum
      }
      const row = to.subarray(r * layer.size, (r + 1) * layer.size)
      if (layer.layerNorm) normalise(row)
      row.forEach((x, j) => {
        row[j] = activation(x)
      })
    }
    from = to
    inputs = layer.size
  })
  return from
}

/** Row by row and piece by piece: columns of no set, then per set the means and the largest of what its pieces become. */
function plainPooled(
  layer: SetsLayer,
  { inputs }: NetworkSpec,
  parameters: ArrayLike<number>,
  input: Float64Array,
  rows: number,
): Float64Array {
  const results: number[] = []
  const all = Float64Array.from(parameters)
  let offset = 0
  const sets = layer.sets.map(set => {
    const spec = pieceSpec(set)
    const size = tensorsOf(spec).reduce((sum, tensor) => sum + tensorLength(tensor), 0)
    offset += size
    return { ...set, spec, own: all.subarray(offset - size, offset) }
  })
  for (let r = 0; r < rows; r++) {
    const row = input.subarray(r * inputs, (r + 1) * inputs)
    results.push(...row.filter((_, c) => !sets.some(({ from, count, piece }) => c >= from && c < from + count * piece)))
    for (const { from, count, piece, spec, own } of sets) {
      const pieces = Array.from({ length: count }, (_, p) => row.subarray(from + p * piece, from + (p + 1) * piece))
      const there = pieces.filter(([flag]) => flag !== 0)
      const numbers = there.flatMap(one => [...one.subarray(1)])
      const size = spec.layers.at(-1)!.size
      const encoded = plainForward(spec, own, numbers, there.length)
      const over = (pool: (values: number[]) => number) =>
        Array.from({ length: size }, (_, j) =>
          there.length === 0 ? 0 : pool(there.map((_, p) => encoded[p * size + j]!)),
        )
      results.push(...over(values => values.reduce((sum, value) => sum + value, 0) / values.length))
      results.push(...over(values => Math.max(...values)))
    }
  }
  return Float64Array.from(results)
}
