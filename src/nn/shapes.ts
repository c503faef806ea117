// Checks of what callers hand in: where, what was expected, what came.
import type { Matrix } from '../types.ts'
import type { Columns } from './backend.ts'
import type { Activation, NetworkSpec } from './network.ts'

/** @throws TypeError unless the matrix has so many columns (and rows, if given) and its numbers. */
export function checkMatrix(where: string, matrix: Matrix, columns: number, rows = matrix.rows): void {
  if (matrix.columns !== columns || matrix.rows !== rows) {
    throw new TypeError(`${where} must be [${rows}, ${columns}], got [${matrix.rows}, ${matrix.columns}]`)
  }
  checkData(where, matrix)
}

/** @throws TypeError when a matrix holds fewer or more numbers than rows times columns. */
export function checkData(where: string, matrix: Matrix): void {
  if (!(matrix.data instanceof Float32Array) || matrix.data.length !== matrix.rows * matrix.columns) {
    throw new TypeError(
      `${where} must hold ${matrix.rows} x ${matrix.columns} float32 numbers, got ${matrix.data?.length ?? 'none'}`,
    )
  }
}

/** @throws RangeError when `end` columns from the beginning of one of these rows on reach past its block. */
export function checkReach(indices: Uint32Array, { rows, columns }: Omit<Matrix, 'data'>, end: number): void {
  const last = rows - Math.ceil(end / columns)
  for (let i = 0; i < indices.length; i++) {
    if ((indices[i]! & (rows - 1)) <= last) continue
    throw new RangeError(
      `gather: columns up to ${end - 1} of row ${indices[i]} reach past its block, ${rows} rows of ${columns}`,
    )
  }
}

/** @throws RangeError unless 0 <= from < to <= count. */
export function checkColumns(where: string, columns: Columns, count: number): void {
  const { from, to } = columns
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= count)) {
    throw new RangeError(`${where} must satisfy 0 <= from < to <= ${count}, got from ${from} to ${to}`)
  }
}

/** @throws RangeError unless the value is a whole number, at least `least`. */
export function checkCount(where: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${where} must be a whole number of at least ${least}, got ${value}`)
  }
}

/** @throws RangeError unless the value is finite and positive. */
export function checkPositive(where: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${where} must be positive, got ${value}`)
}

const activations: readonly Activation[] = ['relu', 'leakyRelu', 'elu', 'tanh', 'identity']

/** @throws TypeError for an activation that is not known. */
export function checkActivation(backend: string, activation: Activation, layer: number): void {
  if (activations.includes(activation)) return
  throw new TypeError(
    `${backend}: layer ${layer} has the activation '${activation}', expected one of ${activations.join(', ')}`,
  )
}

/** @throws TypeError for a layer normalisation of another size than what comes in. */
export function checkLayerNorms(backend: string, { inputs, layers }: NetworkSpec): void {
  layers.forEach((layer, index) => {
    const before = layers[index - 1]?.size ?? inputs
    if (layer.kind !== 'layerNorm' || layer.size === before) return
    throw new TypeError(`${backend}: layer ${index} normalises ${layer.size} numbers, ${before} come in`)
  })
}
