// The forward pass of exported layers in plain double-precision loops: what a reader of the weights alone would write.

import { expm1, square, tanh } from '../elementary.ts'
import type { Activation } from '../nn/network.ts'
import type { Matrix } from '../types.ts'
import {
  type ExportedActor,
  type ExportedLayer,
  type ExportedNorm,
  type ExportedSet,
  type ExportedStandard,
  leakySlope,
  normEpsilon,
} from './exported-actor.ts'

const activations: { readonly [name in Activation]: (x: number) => number } = {
  identity: x => x,
  relu: x => (x < 0 ? 0 : x),
  leakyRelu: x => (x < 0 ? leakySlope * x : x),
  elu: x => (x < 0 ? expm1(x) : x),
  tanh: tanh,
}

/** [rows, observationSize] -> [rows, outputs]. */
export function forwardActor(
  { standard, sets, layers }: Pick<ExportedActor, 'standard' | 'sets' | 'layers'>,
  seen: Matrix,
): Matrix {
  const observations = standard === undefined ? seen : standardised(standard, seen)
  if (sets === undefined) return forwardLayers(layers, observations)
  const { rows, columns, data } = observations
  const pooled = Array.from({ length: rows }, (_, r) => {
    const row = data.subarray(r * columns, (r + 1) * columns)
    const plain = sets.plain.flatMap(({ from, to }) => [...row.subarray(from, to)])
    return [...plain, ...sets.sets.flatMap(set => pool(set, row))]
  })
  return forwardLayers(layers, { rows, columns: pooled[0]!.length, data: Float64Array.from(pooled.flat()) })
}

function standardised({ mean, scale, limit }: ExportedStandard, { rows, columns, data }: Matrix): Matrix {
  const clipped = (x: number, c: number) => Math.min(limit[c]!, Math.max(-limit[c]!, (x - mean[c]!) * scale[c]!))
  return { rows, columns, data: data.map((x, i) => clipped(x, i % columns)) }
}

/** The means, then the largest of what the pieces become that are there. */
function pool({ from, count, piece, layers, norm }: ExportedSet, row: Float32Array): number[] {
  const pieces = Array.from({ length: count }, (_, p) => row.subarray(from + p * piece, from + (p + 1) * piece))
  const there = pieces.filter(([flag]) => flag !== 0)
  const { columns, data } = forwardLayers(layers, {
    rows: there.length,
    columns: piece - 1,
    data: Float64Array.from(there.flatMap(numbers => [...numbers.subarray(1)])),
  })
  const results = there.map((_, p) => Float64Array.from(data.subarray(p * columns, (p + 1) * columns)))
  if (norm !== undefined) for (const result of results) normalise(result, norm)
  const over = (of: (values: number[]) => number) =>
    Array.from({ length: columns }, (_, j) => (results.length === 0 ? 0 : of(results.map(values => values[j]!))))
  return [
    ...over(values => values.reduce((sum, value) => sum + value, 0) / values.length),
    ...over(values => Math.max(...values)),
  ]
}

/** [rows, inputs] -> [rows, size of the last layer]. */
function forwardLayers(
  layers: readonly ExportedLayer[],
  { rows, columns, data }: Pick<Matrix, 'rows' | 'columns'> & { readonly data: ArrayLike<number> },
): Matrix {
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
  const variance = row.reduce((sum, value) => sum + square(value - mean), 0) / row.length
  const scale = 1 / Math.sqrt(variance + normEpsilon)
  for (let j = 0; j < row.length; j++) row[j] = (row[j]! - mean) * scale * gain[j]! + shift[j]!
}
