// The forward pass of exported layers in plain double-precision loops: what a reader of the weights alone would write.
import type { Activation } from '../nn/network.ts'
import type { Matrix } from '../types.ts'
import { type ExportedLayer, type ExportedNorm, leakySlope, normEpsilon } from './exported-actor.ts'

const activations: { readonly [name in Activation]: (x: number) => number } = {
  identity: x => x,
  relu: x => (x < 0 ? 0 : x),
  leakyRelu: x => (x < 0 ? leakySlope * x : x),
  elu: x => (x < 0 ? Math.expm1(x) : x),
  tanh: Math.tanh,
}

/** [rows, inputs] -> [rows, size of the last layer]. */
export function forwardLayers(layers: readonly ExportedLayer[], { rows, columns, data }: Matrix): Matrix {
  let x = Float64Array.from(data)
  let inputs = columns
  for (const { size, activation, weight, bias, norm, inputNorm } of layers) {
    if (inputNorm !== undefined) {
      for (let r = 0; r < rows; r++) normalise(x.subarray(r * inputs, (r + 1) * inputs), inputNorm)
    }
    const y = new Float64Array(rows * size)
    for (let r = 0; r < rows; r++) {
      const row = y.subarray(r * size, (r + 1) * size)
      for (let j = 0; j < size; j++) {
        row[j] = bias[j]!
        for (let i = 0; i < inputs; i++) row[j]! += x[r * inputs + i]! * weight[i * size + j]!
      }
      if (norm !== undefined) normalise(row, norm)
      for (let j = 0; j < size; j++) row[j] = activations[activation](row[j]!)
    }
    x = y
    inputs = size
  }
  return { rows, columns: inputs, data: Float32Array.from(x) }
}

function normalise(row: Float64Array, { gain, shift }: ExportedNorm): void {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length
  const scale = 1 / Math.sqrt(variance + normEpsilon)
  for (let j = 0; j < row.length; j++) row[j] = (row[j]! - mean) * scale * gain[j]! + shift[j]!
}
