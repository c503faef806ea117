// A dense network in plain double-precision loops: what every backend's numbers are compared with.
import { type Activation, type NetworkSpec, tensorsOf } from '../../src/nn/network.ts'

const activations: { readonly [name in Activation]: (x: number) => number } = {
  relu: x => Math.max(0, x),
  tanh: Math.tanh,
  identity: x => x,
}

/** [rows, inputs] -> [rows, outputs], row-major. */
export function plainForward(
  spec: NetworkSpec,
  parameters: ArrayLike<number>,
  input: ArrayLike<number>,
  rows: number,
): Float64Array {
  const tensors = tensorsOf(spec)
  let from = Float64Array.from(input)
  let inputs = spec.inputs
  spec.layers.forEach((layer, index) => {
    if (layer.kind === 'gru') throw new TypeError('plainForward: recurrent layers are plain-sequence.ts')
    const weight = tensors[2 * index]!.offset
    const bias = tensors[2 * index + 1]!.offset
    const to = new Float64Array(rows * layer.size)
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < layer.size; j++) {
        let sum = parameters[bias + j]!
        for (let k = 0; k < inputs; k++) sum += from[r * inputs + k]! * parameters[weight + k * layer.size + j]!
        to[r * layer.size + j] = activations[layer.activation](sum)
      }
    }
    from = to
    inputs = layer.size
  })
  return from
}
