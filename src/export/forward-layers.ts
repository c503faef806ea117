// The forward pass of exported layers in plain double-precision loops: what a reader of the weights alone would write.
import type { Matrix } from '../types.ts'
import type { ExportedLayer } from './exported-actor.ts'

/** [rows, inputs] -> [rows, size of the last layer]. */
export function forwardLayers(layers: readonly ExportedLayer[], { rows, columns, data }: Matrix): Matrix {
  let x = Float64Array.from(data)
  let inputs = columns
  for (const { size, activation, weight, bias } of layers) {
    const y = new Float64Array(rows * size)
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < size; j++) {
        let sum = bias[j]!
        for (let i = 0; i < inputs; i++) sum += x[r * inputs + i]! * weight[i * size + j]!
        y[r * size + j] = activation === 'relu' ? Math.max(0, sum) : activation === 'tanh' ? Math.tanh(sum) : sum
      }
    }
    x = y
    inputs = size
  }
  return { rows, columns: inputs, data: Float32Array.from(x) }
}
