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
    if (layer.kind === 'sets') {
      from = plainPooled(layer, spec, parameters, from, rows)
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
  for (let r = 0; r < rows; r++) {
    const row = Array.from(input.slice(r * inputs, (r + 1) * inputs))
    results.push(
      ...row.filter((_, c) => !layer.sets.some(({ from, count, piece }) => c >= from && c < from + count * piece)),
    )
    let offset = 0
    for (const set of layer.sets) {
      const spec = pieceSpec(set)
      const size = tensorsOf(spec).reduce((sum, tensor) => sum + tensorLength(tensor), 0)
      const own = Array.from(parameters).slice(offset, offset + size)
      offset += size
      const pieces = Array.from({ length: set.count }, (_, p) =>
        row.slice(set.from + p * set.piece).slice(0, set.piece),
      )
      const encoded = pieces.filter(([flag]) => flag !== 0).map(([, ...numbers]) => plainForward(spec, own, numbers, 1))
      const columns = Array.from({ length: spec.layers.at(-1)!.size })
      const over = (pool: (values: number[]) => number) =>
        columns.map((_, j) => (encoded.length === 0 ? 0 : pool(encoded.map(values => values[j]!))))
      results.push(...over(values => values.reduce((sum, value) => sum + value, 0) / values.length))
      results.push(...over(values => Math.max(...values)))
    }
  }
  return Float64Array.from(results)
}
