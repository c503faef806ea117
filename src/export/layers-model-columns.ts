// Columns picked and shifted by Dense layers with weights that nobody trained: Keras's layers know no cutting.
import type { ExportedLayer } from './exported-actor.ts'

/** What is taken from what shall not be the largest: within what half-precision numbers hold, as some browsers use. */
export const lowered = 2 ** 15

/** y = slope x + bias of some columns of the input, in their order. */
export function pickColumns(inputs: number, columns: readonly number[], slope = 1, bias = 0): ExportedLayer {
  const size = columns.length
  const weight = new Float32Array(inputs * size)
  columns.forEach((column, c) => {
    weight[column * size + c] = slope
  })
  return { inputs, size, activation: 'identity', weight, bias: new Float32Array(size).fill(bias) }
}

/** from ... to - 1 */
export function columnsFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}
